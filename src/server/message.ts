import { type Frame, readFrame } from '../protocol/frames.js'
import type { Wire, WireData } from '../protocol/wire.js'

/** A message ready to be written, to one client or to thousands. */
export interface Message {
  readonly bytes: Uint8Array
  readonly binary: boolean
}

export const textMessage = (text: string): Message => ({ bytes: Buffer.from(text), binary: false })

/** Throws what the wire throws. */
export function encodeFrame(wire: Wire, frame: Frame): Message {
  const encoded = wire.encode(frame)
  if (typeof encoded === 'string') return textMessage(encoded)
  const bytes = ArrayBuffer.isView(encoded)
    ? new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength)
    : new Uint8Array(encoded)
  return { bytes, binary: true }
}

/** The frame that arrived; `undefined` for a message of the app's own. Throws for what is malformed. */
export const decodeFrame = (wire: Wire, data: WireData): Frame | undefined => readFrame(wire.decode(data))
