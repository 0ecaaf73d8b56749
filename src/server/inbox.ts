import { ACK_BYTES, ACK_MESSAGES } from '../protocol/session-frames.js'

/** What of the page's messages has come, what of it is handled, and what of that the page has not been told. */
export class Inbox {
  #received: number
  #told: number
  #bytes = 0
  /** Numbers of messages whose handlers have not finished, lowest first. */
  readonly #running = new Set<number>()

  constructor(received = 0) {
    this.#received = received
    this.#told = received
  }

  get received(): number {
    return this.#received
  }

  /** All up to this number have been handled. */
  get handled(): number {
    if (this.#running.size === 0) return this.#received
    const [oldest = 0] = this.#running
    return oldest - 1
  }

  /** Whether the page is owed an ack, and whether so much that it has to be told now (P10.5). */
  get owes(): 'nothing' | 'soon' | 'now' {
    const owed = this.handled - this.#told
    if (owed <= 0) return 'nothing'
    return owed >= ACK_MESSAGES || this.#bytes >= ACK_BYTES ? 'now' : 'soon'
  }

  /** The next message has come, and is being handled; its number is `received`. */
  begin(): void {
    this.#received += 1
    this.#running.add(this.#received)
  }

  /** A message has been handled. */
  finish(number: number, bytes: number): void {
    this.#running.delete(number)
    this.#bytes += bytes
  }

  /** The ack that goes out now. */
  tell(): number {
    this.#told = this.handled
    this.#bytes = 0
    return this.#told
  }

  /** What was told may have been lost with its socket. */
  retell(): void {
    this.#told = 0
  }
}
