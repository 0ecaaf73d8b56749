import { type Frame, INVALID_REQUEST, type RequestFrame, Reserved } from '../protocol/frames.js'
import type { WireData } from '../protocol/wire.js'
import type { Asks } from './asks.js'
import type { ChannelBook } from './channels.js'
import { guard, refusal } from './errors.js'
import { Lanes } from './lanes.js'
import { RETRY_WINDOW } from './limits.js'
import { Membership } from './membership.js'
import type { Counters } from './metrics.js'
import type { Settings } from './options.js'
import type { Peer, Phase } from './peer.js'
import type { ServerContext } from './public.js'
import { Requests } from './requests.js'

/** Lane of raw messages: no channel has this name. */
const RAW = Symbol('raw')

/** A client that is in: each of its frames goes to the room that handles it, in the order of arrival. */
export class Conversation implements Phase {
  readonly #settings: Settings
  readonly #counters: Counters
  readonly #peer: Peer
  readonly #asks: Asks
  readonly #context: ServerContext
  readonly #lanes = new Lanes()
  readonly #requests: Requests
  readonly #membership: Membership

  constructor(settings: Settings, counters: Counters, book: ChannelBook, asks: Asks, peer: Peer) {
    this.#settings = settings
    this.#counters = counters
    this.#peer = peer
    this.#asks = asks
    this.#context = { client: peer, subject: peer.subject, signal: peer.signal }
    this.#requests = new Requests(settings, counters, peer)
    this.#membership = new Membership(settings, book, this.#lanes, peer, this.#context)
  }

  hear(frame: Frame | undefined, data: WireData, bytes: number): void {
    if (!frame) this.#raw(data, bytes)
    else if ('channel' in frame) this.#membership.event(frame, bytes)
    else if ('method' in frame) this.#request(frame)
    else if ('cancel' in frame) this.#requests.cancel(frame)
    else this.#asks.settle(frame)
    if (this.#lanes.waitingBytes <= this.#settings.limits.maxBufferedBytes) return
    this.#counters.tooMany += 1
    this.#peer.close(4429, 'too many messages waiting', RETRY_WINDOW)
  }

  end(reason: unknown): void {
    this.#requests.end(reason)
    this.#membership.end()
  }

  #raw(data: WireData, bytes: number): void {
    const { onMessage, logger } = this.#settings
    if (!onMessage) return
    const message = typeof data === 'string' ? data : new Uint8Array(data)
    this.#lanes.run(RAW, bytes, () => guard(logger, 'onMessage', () => onMessage(message, this.#context)))
  }

  #request(frame: RequestFrame): void {
    const request = this.#requests.begin(frame)
    if (!request) return
    switch (request.method) {
      case Reserved.auth:
        // Without `auth` nothing is guarded: a page that sends its token all the same is let pass.
        if (!this.#settings.auth) return request.succeed(null)
        return request.fail(refusal(INVALID_REQUEST, 'You have authenticated already.'))
      case Reserved.join:
        return this.#membership.join(request)
      case Reserved.leave:
        return this.#membership.leave(request)
      default:
        void this.#requests.answer(request)
    }
  }
}
