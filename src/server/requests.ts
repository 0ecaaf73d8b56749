import type { Fields } from '../protocol/examine.js'
import {
  type CancelFrame,
  type FrameId,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  type RequestFrame,
} from '../protocol/frames.js'
import { invalidParams } from './contract-check.js'
import { refusal } from './errors.js'
import type { House } from './house.js'
import { MAX_ID_LENGTH } from './limits.js'
import { OpenRequest } from './open-request.js'
import type { Peer } from './peer.js'
import type { Outcome } from './stores.js'
import { isAsyncIterable, pump } from './streams.js'

const isKey = (value: unknown): value is string =>
  typeof value === 'string' && value.length >= 1 && value.length <= MAX_ID_LENGTH

const isTimeout = (value: unknown): value is number => typeof value === 'number' && value > 0

/** The open requests of one client. They start in order of arrival and run at the same time. */
export class Requests {
  readonly #house: House
  readonly #peer: Peer
  readonly #open = new Map<FrameId, OpenRequest>()
  /** What was used lately, as a cancel can cross the answer: numbers up to here, and texts, as many as may be open. */
  #lastNumber = 0
  #answered: Set<string> | undefined
  #onIdle: (() => void) | undefined

  constructor(house: House, peer: Peer) {
    this.#house = house
    this.#peer = peer
  }

  /** Takes a request, for the caller to have it answered. `undefined` if it was refused. */
  begin(frame: RequestFrame): OpenRequest | undefined {
    const { id, key, timeoutMs } = frame
    if (typeof id === 'string' && id.length > MAX_ID_LENGTH) return this.#reject('a request with a giant id')
    if (this.#open.has(id)) return this.#reject('a request with the id of an open one')
    this.#house.counters.requests += 1
    const forget = (): void => this.#forget(id)
    const request = new OpenRequest(frame, isKey(key) ? key : undefined, this.#house, this.#peer, forget)
    this.#open.set(id, request)
    const why = this.#whyNot(frame)
    if (why) request.fail(why)
    else if (isTimeout(timeoutMs)) request.limit(timeoutMs)
    return why ? undefined : request
  }

  /** Lets the app's handler answer, if the params fit; a promise if their schema takes its time. */
  start(request: OpenRequest): Promise<void> | undefined {
    const { method, params } = request
    const begin = ({ params, fault }: Fields): void => {
      if (fault) this.#peer.protocolError(fault.message)
      if (fault) request.fail(invalidParams(method, fault))
      else if (!request.isAborted) void this.#answer(request, params)
    }
    try {
      const received = this.#house.contract.received({ method, params })
      if (received instanceof Promise) return received.then(begin).catch((error) => request.fail(error))
      begin(received)
    } catch (error) {
      request.fail(error)
    }
    return undefined
  }

  /** Once for all requests with the same key. */
  async #answer(request: OpenRequest, params: unknown): Promise<void> {
    const { key, subject } = request.context
    try {
      const run = (): Promise<Outcome | undefined> => this.#run(request, params)
      const outcome = await (key === undefined ? run() : this.#house.dedupe.once(key, subject, request, run))
      if (outcome) request.answer(outcome)
    } catch (error) {
      request.fail(error)
    }
  }

  cancel({ id }: CancelFrame): void {
    const request = this.#open.get(id)
    if (request) request.abort(new DOMException('The client cancelled the request.', 'AbortError'))
    else if (!this.#wasUsed(id)) this.#reject('a cancel for an id that was never used')
  }

  /** Resolves when none is open. */
  async idle(): Promise<void> {
    while (this.#open.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
    }
  }

  /** Ends all that are open with an error. */
  breakAll(error: Error): void {
    for (const request of this.#open.values()) request.break(error)
  }

  /** The client is gone, and with it all that it asked. */
  end(reason: unknown): void {
    for (const request of this.#open.values()) request.abort(reason)
  }

  /** Gives nothing for a stream, which answers by itself, and for what failed after it was stopped. */
  async #run(request: OpenRequest, params: unknown): Promise<Outcome | undefined> {
    const { contract, settings } = this.#house
    const { requests } = settings
    const { method, context } = request
    try {
      const handler = Object.hasOwn(requests, method) ? requests[method] : undefined
      if (!handler) throw refusal(METHOD_NOT_FOUND, 'There is no such method.')
      const answer = await handler(params, context)
      if (!isAsyncIterable(answer)) {
        const result = answer ?? null
        await contract.answering({ result }, method)
        return { result }
      }
      await pump(answer, request, this.#peer, this.#house)
    } catch (error) {
      if (!request.isAborted) return { error: request.worded(error) }
    }
    return undefined
  }

  #whyNot({ key, timeoutMs }: RequestFrame): Error | undefined {
    if (this.#open.size > this.#house.settings.limits.maxOpenRequests) {
      return refusal('TOO_MANY_OPEN', 'Too many requests are open: wait for answers before asking more.')
    }
    if (key !== undefined && !isKey(key)) return refusal(INVALID_REQUEST, 'key: expected 1 to 256 characters')
    if (timeoutMs !== undefined && !isTimeout(timeoutMs)) {
      return refusal(INVALID_REQUEST, 'timeoutMs: expected a number above 0')
    }
    return undefined
  }

  #wasUsed(id: FrameId): boolean {
    return typeof id === 'number' ? id <= this.#lastNumber : (this.#answered?.has(id) ?? false)
  }

  #forget(id: FrameId): void {
    this.#open.delete(id)
    if (this.#open.size === 0) this.#onIdle?.()
    if (typeof id === 'number') {
      this.#lastNumber = Math.max(this.#lastNumber, id)
      return
    }
    this.#answered ??= new Set()
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
