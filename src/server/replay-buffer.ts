import type { Message } from './message.js'
import type { Counters } from './metrics.js'

/** When a replay buffer is full. */
export interface ReplayLimits {
  readonly maxMessages: number
  readonly maxBytes: number
}

/** What a session has sent and the page has not acknowledged, in order: the numbers from `acked + 1` to `sent`. */
export class ReplayBuffer {
  readonly #limits: ReplayLimits
  readonly #counters: Counters
  #messages: Message[]
  #acked: number
  #bytes = 0

  constructor(limits: ReplayLimits, counters: Counters, acked = 0, messages: readonly Message[] = []) {
    this.#limits = limits
    this.#counters = counters
    this.#acked = acked
    this.#messages = [...messages]
    this.#count(messages, 1)
  }

  get acked(): number {
    return this.#acked
  }

  /** The highest number given. */
  get sent(): number {
    return this.#acked + this.#messages.length
  }

  get isFull(): boolean {
    return this.#isFilled(1)
  }

  get isHalfFull(): boolean {
    return this.#isFilled(0.5)
  }

  /** Keeps a message; gives its number. */
  push(message: Message): number {
    this.#messages.push(message)
    this.#add(message.bytes.byteLength)
    return this.sent
  }

  /** Lets go of what the page has handled. */
  acknowledge(ack: number): void {
    if (ack <= this.#acked) return
    this.#count(this.#messages.splice(0, ack - this.#acked), -1)
    this.#acked = ack
  }

  /** The messages above a position. */
  above(position: number): Message[] {
    return this.#messages.slice(position - this.#acked)
  }

  /** The session is gone. */
  clear(): void {
    this.#count(this.#messages, -1)
    this.#messages = []
  }

  // Looked at before a message is added, so that one large message does not count against a reader that keeps up.
  #isFilled(share: number): boolean {
    const { maxMessages, maxBytes } = this.#limits
    return this.#messages.length >= share * maxMessages || this.#bytes >= share * maxBytes
  }

  #count(messages: readonly Message[], sign: 1 | -1): void {
    let bytes = 0
    for (const message of messages) bytes += message.bytes.byteLength
    this.#add(sign * bytes)
  }

  #add(bytes: number): void {
    this.#bytes += bytes
    this.#counters.sessionBytes += bytes
  }
}
