import type { ErrorFrame, ItemFrame, ResultFrame } from '../protocol/frames.js'
import { ClientClosed, DeliveryUnknown, RemoteError, RequestTimeout } from '../shared/errors.js'
import { checkTime } from './check.js'
import type { House } from './house.js'
import { encodeFrame } from './message.js'
import type { Peer } from './peer.js'
import type { ServerRequestOptions } from './public.js'

interface Ask {
  readonly method: string
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** What the server asked one client. Ids count from 1, so that a late answer can be told from one to nothing. */
export class Asks {
  readonly #house: House
  readonly #peer: Peer
  #open: Map<number, Ask> | undefined
  #lastId: number

  /** `asked`: how many ids are used up already. */
  constructor(house: House, peer: Peer, asked: number) {
    this.#house = house
    this.#lastId = asked
    this.#peer = peer
  }

  get asked(): number {
    return this.#lastId
  }

  async ask(method: string, params: unknown, options: ServerRequestOptions = {}): Promise<unknown> {
    const { settings, clock, contract } = this.#house
    const { timeoutMs = contract.timeoutMs(method) ?? settings.requestTimeoutMs, signal } = options
    checkTime('timeoutMs', timeoutMs)
    signal?.throwIfAborted()
    if (this.#peer.isGone) throw new ClientClosed(`The client is gone: ${method} was not sent.`)
    contract.sending({ method, params })
    const id = ++this.#lastId
    const message = encodeFrame(settings.wire, params === undefined ? { id, method } : { id, method, params })
    const giveUp = (reason: unknown): void => {
      const ask = this.#take(id)
      if (!ask) return
      ask.reject(reason)
      this.#peer.post({ id, cancel: true })
    }
    const onAbort = (): void => giveUp(signal?.reason)
    const stopTimer = clock.timer(() => giveUp(new RequestTimeout(method, timeoutMs)), timeoutMs)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      return await new Promise((resolve, reject) => {
        this.#open ??= new Map()
        this.#open.set(id, { method, resolve, reject })
        this.#peer.deliver(message)
      })
    } finally {
      stopTimer()
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Takes an answer. One that comes late is ignored, and so are items: no method of a page is a stream. */
  settle(frame: ResultFrame | ErrorFrame | ItemFrame): void {
    const { id } = frame
    if (typeof id !== 'number' || id < 1 || id > this.#lastId) {
      this.#peer.protocolError('an answer to what was never asked')
    } else if ('error' in frame && frame.error) {
      this.#take(id)?.reject(new RemoteError(frame.error))
    } else if ('result' in frame) {
      const ask = this.#take(id)
      if (ask) void this.#judge(ask, frame.result)
    }
  }

  /** Gives what the schema makes of an answer, or rejects with what is wrong with it. */
  async #judge(ask: Ask, result: unknown): Promise<void> {
    try {
      const examined = this.#house.contract.received({ result }, ask.method)
      const { fault, result: value } = examined instanceof Promise ? await examined : examined
      if (fault) this.#peer.protocolError(fault.message)
      if (fault) ask.reject(fault)
      else ask.resolve(value)
    } catch (error) {
      ask.reject(error)
    }
  }

  /** The client is gone: whether the page acted is unknown. */
  end(): void {
    for (const { method, reject } of this.#open?.values() ?? []) reject(new DeliveryUnknown(method))
    this.#open = undefined
  }

  #take(id: number): Ask | undefined {
    const ask = this.#open?.get(id)
    this.#open?.delete(id)
    return ask
  }
}
