import type { ErrorFrame, RequestFrame, ResultFrame } from '../protocol/frames.js'
import { INTERNAL_ERROR, wordedBody } from './errors.js'
import type { House } from './house.js'
import { encodeFrame } from './message.js'
import type { Peer } from './peer.js'
import type { ServerContext } from './public.js'

/** One request of a client, from its arrival to its one answer, or to its cancel. */
export class OpenRequest {
  readonly method: string
  readonly params: unknown
  readonly context: ServerContext
  readonly #id: RequestFrame['id']
  readonly #house: House
  readonly #peer: Peer
  readonly #onEnd: () => void
  readonly #abort = new AbortController()
  #ended = false

  constructor(frame: RequestFrame, house: House, peer: Peer, onEnd: () => void) {
    this.method = frame.method
    this.params = frame.params
    this.context = { client: peer, subject: peer.subject, signal: this.#abort.signal }
    this.#id = frame.id
    this.#house = house
    this.#peer = peer
    this.#onEnd = onEnd
    house.counters.openRequests += 1
  }

  /** Sends an item of a stream. Throws what the wire throws. */
  item(item: unknown): void {
    this.#peer.deliver(encodeFrame(this.#house.settings.wire, { id: this.#id, item: item ?? null }))
  }

  /** Answers. Nothing is sent for a request that has ended. */
  succeed(result: unknown): void {
    if (this.#ended) return
    try {
      this.#answer({ id: this.#id, result: result ?? null })
    } catch (error) {
      this.fail(error)
    }
  }

  /** Answers with what of the error may travel; the rest is logged. */
  fail(error: unknown): void {
    if (this.#ended) return
    this.#house.counters.errors += 1
    const body = wordedBody(error)
    let unsaid = error
    if (body) {
      try {
        return this.#answer({ id: this.#id, error: body })
      } catch (cause) {
        unsaid = cause
      }
    }
    this.#house.settings.logger.error(`holdfast: the request ${this.method} failed`, unsaid)
    this.#end()
    this.#peer.post({ id: this.#id, error: INTERNAL_ERROR })
  }

  /** The client cancelled, or is gone. */
  abort(reason: unknown): void {
    this.#end()
    this.#abort.abort(reason)
  }

  #answer(frame: ResultFrame | ErrorFrame): void {
    const message = encodeFrame(this.#house.settings.wire, frame)
    this.#end()
    this.#peer.deliver(message)
  }

  #end(): void {
    this.#ended = true
    this.#house.counters.openRequests -= 1
    this.#onEnd()
  }
}
