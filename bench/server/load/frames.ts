/** The bytes of WebSocket, as a client writes and reads them (RFC 6455, section 5). */

/** Any will do, so long as the server has to take it off again. */
const MASK = [0x5a, 0x3c, 0x69, 0x96] as const

/** A masked text frame with less than 64 KiB of ASCII. */
export function textFrame(text: string): Buffer {
  const { length } = text
  const start = length < 126 ? 6 : 8
  const frame = Buffer.allocUnsafe(start + length)
  frame[0] = 0x81
  frame[1] = 0x80 | (length < 126 ? length : 126)
  if (length >= 126) frame.writeUInt16BE(length, 2)
  for (let i = 0; i < 4; i++) frame[start - 4 + i] = MASK[i & 3] ?? 0
  for (let i = 0; i < length; i++) frame[start + i] = text.charCodeAt(i) ^ (MASK[i & 3] ?? 0)
  return frame
}

/** Calls back with each text in what a server sends, however it is cut. */
export class FrameReader {
  readonly #onText: (bytes: Buffer, start: number, end: number) => void
  #rest: Buffer | undefined

  constructor(onText: (bytes: Buffer, start: number, end: number) => void) {
    this.#onText = onText
  }

  /** `bytes` may be used again after the call. */
  read(bytes: Buffer): void {
    const all = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes
    let at = 0
    while (at + 2 <= all.length) {
      const short = (all[at + 1] ?? 0) & 0x7f
      const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
      if (start > all.length) break
      const length = short < 126 ? short : short === 126 ? all.readUInt16BE(at + 2) : all.readUIntBE(at + 4, 6)
      if (start + length > all.length) break
      if (all[at] !== 0x81) throw new Error(`The server sent a frame that begins with ${all[at]}.`)
      this.#onText(all, start, start + length)
      at = start + length
    }
    this.#rest = at < all.length ? Buffer.from(all.subarray(at)) : undefined
  }
}
