import { type CancelFrame, type FrameId, METHOD_NOT_FOUND, type RequestFrame } from '../protocol/frames.js'
import { refusal } from './errors.js'
import type { House } from './house.js'
import { MAX_ID_LENGTH } from './limits.js'
import { OpenRequest } from './open-request.js'
import type { Peer } from './peer.js'
import { isAsyncIterable, pump } from './streams.js'

/** The open requests of one client. They start in order of arrival and run at the same time. */
export class Requests {
  readonly #house: House
  readonly #peer: Peer
  readonly #open = new Map<FrameId, OpenRequest>()
  /** Ids answered lately, as many as may be open: a cancel can cross the answer. */
  readonly #answered = new Set<FrameId>()

  constructor(house: House, peer: Peer) {
    this.#house = house
    this.#peer = peer
  }

  /** Takes a request, for the caller to have it answered. `undefined` if it was refused. */
  begin(frame: RequestFrame): OpenRequest | undefined {
    const { id } = frame
    if (typeof id === 'string' && id.length > MAX_ID_LENGTH) return this.#reject('a request with a giant id')
    if (this.#open.has(id)) return this.#reject('a request with the id of an open one')
    this.#house.counters.requests += 1
    const request = new OpenRequest(frame, this.#house, this.#peer, () => this.#forget(id))
    this.#open.set(id, request)
    if (this.#open.size <= this.#house.settings.limits.maxOpenRequests) return request
    request.fail(refusal('TOO_MANY_OPEN', 'Too many requests are open: wait for answers before asking more.'))
    return undefined
  }

  /** Lets the app's handler answer. */
  async answer(request: OpenRequest): Promise<void> {
    const { requests } = this.#house.settings
    const { method } = request
    try {
      const handler = Object.hasOwn(requests, method) ? requests[method] : undefined
      if (!handler) throw refusal(METHOD_NOT_FOUND, 'There is no such method.')
      const answer = await handler(request.params, request.context)
      if (isAsyncIterable(answer)) await pump(answer, request, this.#peer, this.#house)
      else request.succeed(answer)
    } catch (error) {
      request.fail(error)
    }
  }

  cancel({ id }: CancelFrame): void {
    const request = this.#open.get(id)
    if (request) request.abort(new DOMException('The client cancelled the request.', 'AbortError'))
    else if (!this.#answered.has(id)) this.#reject('a cancel for an id that was never used')
  }

  /** The client is gone, and with it all that it asked. */
  end(reason: unknown): void {
    for (const request of this.#open.values()) request.abort(reason)
  }

  #forget(id: FrameId): void {
    this.#open.delete(id)
    this.#answered.delete(id)
    this.#answered.add(id)
    if (this.#answered.size <= this.#house.settings.limits.maxOpenRequests) return
    const [oldest = id] = this.#answered
    this.#answered.delete(oldest)
  }

  #reject(what: string): undefined {
    this.#peer.protocolError(what)
  }
}
