import type { ErrorBody, Frame, Position, RequestFrame } from '../protocol/frames.js'
import { LONGEST_TIMER_MS } from './check.js'
import { Context } from './context.js'
import { INTERNAL_ERROR, wordedBody } from './errors.js'
import type { House } from './house.js'
import { LateSignal } from './late-signal.js'
import { encodeFrame, type Message } from './message.js'
import type { Peer } from './peer.js'
import type { ServerContext } from './public.js'
import type { Outcome } from './stores.js'

/** One request of a client, from its arrival to its one answer, or to its cancel. */
export class OpenRequest {
  readonly method: string
  readonly params: unknown
  readonly context: ServerContext
  readonly #id: RequestFrame['id']
  readonly #house: House
  readonly #peer: Peer
  readonly #onEnd: () => void
  readonly #abort = new LateSignal()
  #stopTimer: (() => void) | undefined
  #ended = false

  constructor(frame: RequestFrame, key: string | undefined, house: House, peer: Peer, onEnd: () => void) {
    this.method = frame.method
    this.params = frame.params
    this.context = new Context(peer, peer.subject, this, key)
    this.#id = frame.id
    this.#house = house
    this.#peer = peer
    this.#onEnd = onEnd
    house.counters.openRequests += 1
  }

  get isAborted(): boolean {
    return this.#abort.isAborted
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** From now on the client waits for so long (P13.9). */
  limit(timeoutMs: number): void {
    const why = new DOMException(`The client waited for ${timeoutMs} ms.`, 'TimeoutError')
    this.#stopTimer = this.#house.clock.timer(() => this.abort(why), Math.min(timeoutMs, LONGEST_TIMER_MS))
  }

  /** Sends an item of a stream. Throws what the wire throws. */
  item(item: unknown): void {
    this.#peer.deliver(encodeFrame(this.#house.settings.wire, { id: this.#id, item: item ?? null }))
  }

  succeed(result: unknown, position?: Position): void {
    this.answer({ result: result ?? null }, position)
  }

  fail(error: unknown): void {
    if (!this.#ended) this.answer({ error: this.worded(error) })
  }

  /** What of an error may travel; the rest is logged. */
  worded(error: unknown): ErrorBody {
    const body = wordedBody(error)
    if (!body) this.#log(error)
    return body ?? INTERNAL_ERROR
  }

  /** Answers. Nothing is sent for a request that has ended. */
  answer(outcome: Outcome, position?: Position): void {
    if (this.#ended) return
    const frame = { id: this.#id, ...outcome, ...(position && { position }) }
    const message = this.#encode(frame)
    if (!message || 'error' in outcome) this.#house.counters.errors += 1
    this.#end()
    if (message) this.#peer.deliver(message)
    else this.#peer.post({ id: this.#id, error: INTERNAL_ERROR })
  }

  /** Answers with an error, and stops the handler. */
  break(error: Error): void {
    this.fail(error)
    this.#abort.abort(error)
  }

  /** The client cancelled, waits no longer, or is gone. */
  abort(reason: unknown): void {
    this.#end()
    this.#abort.abort(reason)
  }

  #encode(frame: Frame): Message | undefined {
    try {
      return encodeFrame(this.#house.settings.wire, frame)
    } catch (error) {
      this.#log(error)
      return undefined
    }
  }

  #log(error: unknown): void {
    this.#house.settings.logger.error(`holdfast: the request ${this.method} failed`, error)
  }

  #end(): void {
    this.#ended = true
    this.#stopTimer?.()
    this.#house.counters.openRequests -= 1
    this.#onEnd()
  }
}
