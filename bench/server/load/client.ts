import { ACK_BYTES, ACK_MESSAGES } from '../../../src/protocol/session-frames.js'
import { DIGITS, FIRST } from '../messages.js'
import { textFrame } from './frames.js'
import { RawSocket } from './raw-socket.js'
import type { Tongue } from './tongues.js'

const SPACE = 0x20
const ZERO = 0x30
const NINE = 0x39

/** The whole number that begins here, as far as there are digits. */
function readNumber(bytes: Buffer, start: number, end: number): number {
  let number = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at] ?? 0
    if (digit < ZERO || digit > NINE) break
    number = number * 10 + digit - ZERO
  }
  return number
}

/** What the clients of one process share. */
export interface Crowd {
  readonly tongue: Tongue
  /** A client is in. */
  ready(): void
  /** A client has had one broadcast message more. */
  counted(): void
  /** A client owes its first ack. */
  owes(client: Client): void
}

/** One client that checks what it is sent: every number once, and in order. */
export class Client {
  readonly #crowd: Crowd
  readonly #tongue: Tongue
  readonly #socket: RawSocket
  #answers = 0
  #expected = FIRST
  #received = 0
  #told = 0
  #owedBytes = 0
  #sent = 0
  /** The answer that is expected next, and what to do with it. */
  onAnswer: ((text: string) => void) | undefined

  constructor(port: number, crowd: Crowd) {
    this.#crowd = crowd
    this.#tongue = crowd.tongue
    this.#socket = new RawSocket(port, crowd.tongue.path, {
      onOpen: () => this.#greet(),
      onText: (bytes, start, end) => this.#hear(bytes, start, end),
    })
  }

  /** Says a message; tells whether there is room for more. */
  say(text: string): boolean {
    return this.#socket.write(this.frame(text))
  }

  /** The bytes of a message that is about to be written. */
  frame(text: string): Buffer {
    if (!this.#tongue.hasNumbers) return textFrame(text)
    this.#tell()
    return textFrame(`${++this.#sent} ${this.#told} ${text}`)
  }

  write(bytes: Uint8Array): boolean {
    return this.#socket.write(bytes)
  }

  onceDrained(then: () => void): void {
    this.#socket.onceDrained(then)
  }

  /** Says the ack that it owes (P10.5). */
  settle(): void {
    if (this.#received === this.#told) return
    this.#tell()
    this.#socket.say(`ack ${this.#told}`)
  }

  #greet(): void {
    const text = this.#tongue.greeting[this.#answers]
    // The first is `hi`, which has no number.
    if (text !== undefined && this.#answers === 0) this.#socket.say(text)
    else if (text !== undefined) this.say(text)
    if (this.#answers === this.#tongue.answers) this.#crowd.ready()
  }

  #hear(bytes: Buffer, start: number, end: number): void {
    // `ping 3600000` of holdfast; nothing else begins with a p.
    if (bytes[start] === 0x70) return
    if (this.#answers < this.#tongue.answers) return this.#answered(bytes, start)
    const at = this.#tongue.hasNumbers ? this.#unwrap(bytes, start, end) : start
    if (at === end) return
    if (this.onAnswer) return this.onAnswer(bytes.toString('latin1', at, end))
    const n = readNumber(bytes, at + this.#tongue.prefix.length, end)
    if (n !== this.#expected)
      throw new Error(`Expected message ${this.#expected}, got ${bytes.toString('latin1', start, end)}`)
    this.#expected++
    this.#crowd.counted()
  }

  /** The answer to a step of the greeting. Those after the first are data frames, if there are numbers. */
  #answered(bytes: Buffer, start: number): void {
    if (this.#tongue.hasNumbers && this.#answers > 0) this.#unwrap(bytes, start, start)
    this.#answers++
    this.#greet()
  }

  /** Reads the header of a data frame, and owes an ack for it; gives where the payload begins. A lone ack has none. */
  #unwrap(bytes: Buffer, start: number, end: number): number {
    if (bytes[start] === 0x61) return end
    const number = readNumber(bytes, start, start + DIGITS)
    if (number !== this.#received + 1) throw new Error(`Expected number ${this.#received + 1}, got ${number}.`)
    if (this.#received === this.#told) this.#crowd.owes(this)
    this.#received = number
    this.#owedBytes += end - start
    if (number - this.#told >= ACK_MESSAGES || this.#owedBytes >= ACK_BYTES) this.settle()
    return bytes.indexOf(SPACE, bytes.indexOf(SPACE, start) + 1) + 1
  }

  #tell(): void {
    this.#told = this.#received
    this.#owedBytes = 0
  }
}
