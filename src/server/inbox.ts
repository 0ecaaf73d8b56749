import { ACK_BYTES, ACK_MESSAGES } from '../protocol/session-frames.js'

/** What of the page's messages has come, what of it is handled, and what of that the page has not been told. */
export class Inbox {
  #received: number
  #told: number
  #bytes = 0
  /** Numbers of messages whose handlers have not finished, lowest first. */
  readonly #running = new Set<number>()
  /** Numbers of messages to come that have been handled, on another server. */
  readonly #ahead: Set<number>

  constructor(received = 0, ahead: readonly number[] = []) {
    this.#received = received
    this.#told = received
    this.#ahead = new Set(ahead)
  }

  get received(): number {
    return this.#received
  }

  /** All up to this number have been handled. */
  get handled(): number {
    const [oldest = this.#received + 1] = this.#running
    return oldest - 1
  }

  /** What is handled above that: a slow handler keeps back its own lane, and nothing else. */
  get ahead(): number[] {
    const numbers = [...this.#ahead]
    for (let n = this.handled + 1; n <= this.#received; n++) if (!this.#running.has(n)) numbers.push(n)
    return numbers
  }

  /** Whether the page is owed an ack, and whether so much that it has to be told now (P10.5). */
  get owes(): 'nothing' | 'soon' | 'now' {
    const owed = this.handled - this.#told
    if (owed <= 0) return 'nothing'
    return owed >= ACK_MESSAGES || this.#bytes >= ACK_BYTES ? 'now' : 'soon'
  }

  /** Has the next message handled, if it is not yet, and says when that is done. */
  take(bytes: number, handle: () => Promise<void> | undefined, onHandled: () => void): void {
    const number = ++this.#received
    this.#running.add(number)
    const finish = (): void => {
      this.#running.delete(number)
      this.#bytes += bytes
      onHandled()
    }
    const done = this.#ahead.delete(number) ? undefined : handle()
    if (done) void done.then(finish)
    else finish()
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
