import type { Sendable } from '../../core/platform/sendable.js'

/** Puts the header of a data frame before its payload: text before text, ASCII before bytes (P9.3). */
export function frameOf(header: string, payload: Sendable): Sendable {
  if (typeof payload === 'string') return header + payload
  if ('size' in payload) return new Blob([header, payload])
  const bytes = new Uint8Array(header.length + payload.byteLength)
  for (let i = 0; i < header.length; i++) bytes[i] = header.charCodeAt(i)
  bytes.set(
    ArrayBuffer.isView(payload)
      ? new Uint8Array(payload.buffer, payload.byteOffset, payload.byteLength)
      : new Uint8Array(payload),
    header.length,
  )
  return bytes
}
