/** The time in which a client is to come back, in milliseconds: it picks a random moment between the two. */
export interface ReconnectWindow {
  minMs: number
  maxMs: number
}

/** No server may send a client away for longer than this, in milliseconds: 1 hour. */
const LONGEST_MS = 3_600_000

/** RFC 6455, 7.4.1 with 5.5: a close reason has at most 123 bytes. */
const MAX_REASON_BYTES = 123

/** Writes a window into a close reason: `restart retry=0-30000` (PROTOCOL.md, section 7). */
export function writeWindow(text: string, window: ReconnectWindow): string {
  const suffix = ` retry=${Math.round(window.minMs)}-${Math.round(window.maxMs)}`
  return truncateReason(text, MAX_REASON_BYTES - suffix.length) + suffix
}

/** Reads the window out of a close reason, if it names one that makes sense. */
export function readWindow(reason: string): ReconnectWindow | undefined {
  const found = /\bretry=(\d{1,9})-(\d{1,9})\b/.exec(reason)
  if (!found) return undefined
  const minMs = Math.min(Number(found[1]), LONGEST_MS)
  const maxMs = Math.min(Number(found[2]), LONGEST_MS)
  return minMs <= maxMs ? { minMs, maxMs } : undefined
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
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    // A surrogate pair is four bytes for two units, hence one more for each half.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1
  }
  return bytes
}
