import { connect, type Socket } from 'node:net'
import { FrameReader, textFrame } from './frames.js'

/** All connections read into one buffer: what is read is handled at once. */
const INTO = Buffer.allocUnsafe(256 * 1024)

const END_OF_HEAD = '\r\n\r\n'

/** One WebSocket of as little work as can be. */
export class RawSocket {
  readonly #socket: Socket
  readonly #frames: FrameReader
  #isOpen = false
  #head = ''

  constructor(
    port: number,
    path: string,
    events: { onOpen(): void; onText(bytes: Buffer, start: number, end: number): void },
  ) {
    this.#frames = new FrameReader(events.onText)
    const onread = {
      buffer: INTO,
      callback: (length: number): boolean => {
        const bytes = INTO.subarray(0, length)
        if (this.#isOpen) this.#frames.read(bytes)
        else this.#upgraded(bytes, events.onOpen)
        return true
      },
    }
    this.#socket = connect({ port, host: '127.0.0.1', onread, noDelay: true })
    this.#socket.on('close', () => {
      throw new Error('The server has closed a connection.')
    })
    this.#socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    )
  }

  /** Writes a text; tells whether there is room for more. */
  say(text: string): boolean {
    return this.write(textFrame(text))
  }

  /** Writes bytes that are framed already; tells whether there is room for more. */
  write(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes)
  }

  onceDrained(then: () => void): void {
    this.#socket.once('drain', then)
  }

  #upgraded(bytes: Buffer, onOpen: () => void): void {
    this.#head += bytes.toString('latin1')
    const end = this.#head.indexOf(END_OF_HEAD)
    if (end < 0) return
    if (!this.#head.startsWith('HTTP/1.1 101 ')) throw new Error(`The server refused: ${this.#head}`)
    this.#isOpen = true
    onOpen()
    const rest = this.#head.slice(end + END_OF_HEAD.length)
    if (rest) this.#frames.read(Buffer.from(rest, 'latin1'))
  }
}
