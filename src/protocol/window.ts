/** The time in which a client is to come back, in milliseconds: it picks a random moment between the two. */
export interface ReconnectWindow {
  /** Not before this many ms. */
  minMs: number
  /** Not after this many ms. */
  maxMs: number
}

/** RFC 6455, 7.4.1 with 5.5: a close reason has at most 123 bytes. */
export const MAX_REASON_BYTES = 123

/** Writes a window into a close reason: `restart retry=0-30000` (PROTOCOL.md, section 7). */
export function writeWindow(text: string, window: ReconnectWindow): string {
  const suffix = ` retry=${toField(window.minMs)}-${toField(window.maxMs)}`
  return truncateReason(text, MAX_REASON_BYTES - suffix.length) + suffix
}

/** At most seven digits are read. */
const toField = (ms: number): number => Math.min(9_999_999, Math.round(ms))

/** Reads the window out of a close reason, if it names one. Seven digits at most: no server sends a client away for days. */
export function readWindow(reason: string): ReconnectWindow | undefined {
  const found = /\bretry=(\d{1,7})-(\d{1,7})\b/.exec(reason)
  return found ? { minMs: Number(found[1]), maxMs: Number(found[2]) } : undefined
}

/** Shortens a reason to what fits into a close frame, at a character's edge. */
export function truncateReason(reason: string, maxBytes = MAX_REASON_BYTES): string {
  let bytes = 0
  let end = 0
  for (const character of reason) {
    bytes += utf8Length(character)
    if (bytes > maxBytes) break
    end += character.length
  }
  return reason.slice(0, end)
}

/** Bytes of a text in UTF-8, counted without encoding it. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // Each half of a surrogate pair (D800 to DFFF) stands for two of its four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || unit >> 11 === 0x1b ? 2 : 3
  }
  return bytes
}
