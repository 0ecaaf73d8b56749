import { type EventFrame, INVALID_PARAMS } from '../protocol/frames.js'
import { guard, refusal } from './errors.js'
import type { House } from './house.js'
import type { Lanes } from './lanes.js'
import type { OpenRequest } from './open-request.js'
import type { Peer } from './peer.js'
import type { ServerContext } from './public.js'

function channelOf(params: unknown): string {
  if (typeof params === 'object' && params !== null && 'channel' in params && typeof params.channel === 'string') {
    return params.channel
  }
  throw refusal(INVALID_PARAMS, 'channel: expected a string')
}

const joinParamsOf = (params: unknown): unknown =>
  typeof params === 'object' && params !== null && 'params' in params ? params.params : undefined

/**
 * One client and its channels. What it does on one channel shares a lane: an event waits for the answer to the join
 * before it, and the leaving for the last event.
 */
export class Membership {
  readonly #house: House
  readonly #lanes: Lanes
  readonly #peer: Peer
  readonly #context: ServerContext
  /** Places taken, as seen in the lanes: when the connection goes, the book forgets it before its last event. */
  readonly #places = new Map<string, 'joining' | 'in'>()

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
    return this.#lanes.run(channel, bytes, () => {
      const handlers = this.#places.get(channel) === 'in' ? this.#house.settings.channels[channel]?.on : undefined
      const handler = handlers && Object.hasOwn(handlers, event) ? handlers[event] : undefined
      if (!handler) return undefined
      return guard(this.#house.settings.logger, `${channel}.on.${event}`, () => handler(data, this.#context))
    })
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
    const { channels, limits } = this.#house.settings
    const { signal } = request.context
    if (signal.aborted) return
    const place = this.#places.get(channel)
    try {
      const handlers = Object.hasOwn(channels, channel) ? channels[channel] : undefined
      if (!handlers) throw refusal('NO_SUCH_CHANNEL', 'There is no such channel.')
      if (!place && this.#places.size >= limits.maxChannels) {
        throw refusal('TOO_MANY_CHANNELS', 'You are in too many channels: leave one first.')
      }
      this.#places.set(channel, place ?? 'joining')
      const result = await handlers.join?.(joinParamsOf(request.params), request.context)
      this.#places.set(channel, 'in')
      // Whom the app let in, it also sees leave: even one that cancelled or went meanwhile.
      if (signal.aborted) return place ? undefined : await this.#exit(channel)
      this.#house.book.enter(channel, this.#peer)
      request.succeed(result)
    } catch (error) {
      request.fail(error)
      // Who is refused is not in, even if it was before.
      if (place) await this.#exit(channel)
      else this.#places.delete(channel)
    }
  }

  #exit(channel: string): Promise<void> | undefined {
    if (!this.#places.delete(channel)) return undefined
    this.#house.book.exit(channel, this.#peer)
    return guard(this.#house.settings.logger, `${channel}.leave`, () =>
      this.#house.settings.channels[channel]?.leave?.(this.#context),
    )
  }
}
