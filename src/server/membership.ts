import type { Fields } from '../protocol/examine.js'
import { type EventFrame, INVALID_PARAMS, type Position } from '../protocol/frames.js'
import { catchUp, type Entry } from './catch-up.js'
import { Context } from './context.js'
import { guard, refusal } from './errors.js'
import type { House } from './house.js'
import type { Lanes } from './lanes.js'
import type { OpenRequest } from './open-request.js'
import type { Peer } from './peer.js'
import type { AnyChannel, ServerContext } from './public.js'
import type { MembershipRecord } from './stores.js'

/** The params of `join` and `leave`, unchecked. */
interface JoinFields {
  channel?: unknown
  params?: unknown
  since?: unknown
}

const fieldsOf = (params: unknown): JoinFields => (typeof params === 'object' && params !== null ? params : {})

function channelOf(params: unknown): string {
  const { channel } = fieldsOf(params)
  if (typeof channel === 'string') return channel
  throw refusal(INVALID_PARAMS, 'channel: expected a string')
}

/** Where the page says that it was; `undefined` if it does not, or not in a way that can be true. */
function sinceOf(params: unknown): Position | undefined {
  const { since } = fieldsOf(params)
  if (typeof since !== 'object' || since === null || !('epoch' in since) || !('offset' in since)) return undefined
  const { epoch, offset } = since
  const isOffset = typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0
  return typeof epoch === 'string' && isOffset ? { epoch, offset } : undefined
}

interface Place {
  /** Whether its join is over. */
  readonly isIn: boolean
  /** Of that join. */
  readonly params: unknown
}

/**
 * One client and its channels. What it does on one channel shares a lane: an event waits for the answer to the join
 * before it, and the leaving for the last event.
 */
export class Membership {
  readonly #house: House
  readonly #lanes: Lanes
  readonly #peer: Peer
  readonly #context: ServerContext
  /** Places taken, as seen in the lanes: when the client goes, the book forgets it before its last event. */
  readonly #places = new Map<string, Place>()

  constructor(house: House, lanes: Lanes, peer: Peer, context: ServerContext) {
    this.#house = house
    this.#lanes = lanes
    this.#peer = peer
    this.#context = context
  }

  join(request: OpenRequest): void {
    this.#inLane(request, (channel) => this.#enter(channel, request))
  }

  leave(request: OpenRequest): void {
    this.#inLane(request, (channel) => {
      const left = this.#exit(channel)
      request.succeed(null)
      return left
    })
  }

  /** Passes an event to its handler, if the client is in the channel by the time it is its turn. */
  event({ channel, event, data }: EventFrame, bytes: number): Promise<void> | undefined {
    const pass = ({ data, fault }: Fields): unknown => {
      if (this.#lanes.isForgone) return undefined
      if (fault) return this.#peer.protocolError(fault.message)
      const handlers = this.#channel(channel)?.on
      const handler = handlers && Object.hasOwn(handlers, event) ? handlers[event] : undefined
      return handler?.(data, this.#context)
    }
    return this.#lanes.run(channel, bytes, () => {
      if (this.#lanes.isForgone || !this.#places.get(channel)?.isIn) return undefined
      return guard(this.#house.settings.logger, `${channel}.on.${event}`, () => {
        const received = this.#house.contract.received({ channel, event, data })
        return received instanceof Promise ? received.then(pass) : pass(received)
      })
    })
  }

  async authorize(subject: unknown): Promise<void> {
    const context = new Context(this.#peer, subject, this.#peer)
    await Promise.all([...this.#peer.channels].map((channel) => this.#channel(channel)?.authorize?.(context)))
  }

  get records(): MembershipRecord[] {
    const { histories } = this.#house
    return [...this.#peer.channels].map((channel) => ({
      channel,
      params: this.#places.get(channel)?.params,
      position: histories.has(channel) ? histories.position(channel) : undefined,
    }))
  }

  async restore(records: readonly MembershipRecord[]): Promise<boolean> {
    const { book, histories } = this.#house
    for (const { channel, params, position } of records) {
      const handlers = this.#channel(channel)
      if (!handlers) return false
      await this.#knock(channel, handlers, params, this.#context)
      if (this.#peer.isGone) {
        await this.#exit(channel)
        return false
      }
      const missed = position ? histories.since(channel, position, this.#peer.page) : []
      book.enter(channel, this.#peer)
      if (!missed) return false
      for (const message of missed) this.#peer.deliver(message)
    }
    return true
  }

  /** The client is gone: so are its memberships. */
  end(): void {
    for (const channel of this.#peer.channels) {
      this.#house.book.exit(channel, this.#peer)
      // Not now: a broadcast that met a slow reader must reach the others before what `leave` sends.
      queueMicrotask(() => this.#lanes.run(channel, 0, () => this.#exit(channel)))
    }
  }

  #inLane(request: OpenRequest, task: (channel: string) => Promise<void> | undefined): void {
    try {
      const channel = channelOf(request.params)
      this.#lanes.run(channel, 0, () => task(channel))
    } catch (error) {
      request.fail(error)
    }
  }

  async #enter(channel: string, request: OpenRequest): Promise<void> {
    const { params, context } = request
    if (request.isAborted) return
    const place = this.#places.get(channel)
    try {
      const handlers = this.#channel(channel)
      if (!handlers) throw refusal('NO_SUCH_CHANNEL', 'There is no such channel.')
      if (!place && this.#places.size >= this.#house.settings.limits.maxChannels) {
        throw refusal('TOO_MANY_CHANNELS', 'You are in too many channels: leave one first.')
      }
      this.#places.set(channel, place ?? { isIn: false, params: undefined })
      const result = await this.#knock(channel, handlers, fieldsOf(params).params, context)
      const isUnwanted = (): boolean => this.#peer.isGone || (request.isAborted && !place)
      const enter = (entry?: Entry): void => {
        if (isUnwanted()) return
        this.#house.book.enter(channel, this.#peer)
        request.succeed(result, entry?.position)
        for (const message of entry?.messages ?? []) this.#peer.deliver(message)
      }
      if (this.#house.histories.has(channel)) await this.#catchUp(channel, handlers, request, enter)
      else enter()
      // Whom the app let in, it also sees leave: even one that cancelled or went meanwhile.
      if (isUnwanted()) await this.#exit(channel)
    } catch (error) {
      request.fail(error)
      // Who is refused is not in, even if it was before.
      if (this.#places.get(channel)?.isIn) await this.#exit(channel)
      else this.#places.delete(channel)
    }
  }

  /** Asks the app to let the client in; throws what it throws. */
  async #knock(channel: string, handlers: AnyChannel, params: unknown, context: ServerContext): Promise<unknown> {
    await handlers.authorize?.(context)
    const result = await handlers.join?.(params, context)
    this.#places.set(channel, { isIn: true, params })
    return result
  }

  async #catchUp(
    channel: string,
    { getState }: AnyChannel,
    { params, context }: OpenRequest,
    enter: (entry: Entry) => void,
  ): Promise<void> {
    const { book, histories, settings } = this.#house
    // One that joins again gets what happens meanwhile with what it missed, and not twice.
    book.exit(channel, this.#peer)
    await catchUp(histories, settings.wire, {
      channel,
      since: sinceOf(params),
      page: this.#peer.page,
      getState:
        getState &&
        (async () => {
          const data = await getState(context)
          this.#house.contract.sending({ channel, event: 'state', data })
          return data
        }),
      enter,
    })
  }

  #exit(channel: string): Promise<void> | undefined {
    if (!this.#places.delete(channel)) return undefined
    this.#house.book.exit(channel, this.#peer)
    return guard(this.#house.settings.logger, `${channel}.leave`, () => this.#channel(channel)?.leave?.(this.#context))
  }

  #channel(name: string): AnyChannel | undefined {
    const { channels } = this.#house.settings
    return Object.hasOwn(channels, name) ? channels[name] : undefined
  }
}
