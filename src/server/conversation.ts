import {
  type Frame,
  INVALID_PARAMS,
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  type RequestFrame,
  Reserved,
} from '../protocol/frames.js'
import type { WireData } from '../protocol/wire.js'
import type { Asks } from './asks.js'
import { Context } from './context.js'
import { guard, refusal } from './errors.js'
import type { House } from './house.js'
import { Lanes } from './lanes.js'
import { Membership } from './membership.js'
import type { OpenRequest } from './open-request.js'
import type { Peer } from './peer.js'
import { Requests } from './requests.js'
import type { MembershipRecord } from './stores.js'

/** Lanes of raw messages and of requests: no channel has these names. */
const RAW = Symbol('raw')
const REQUESTS = Symbol('requests')

/** What a client says once it is in: each frame goes to the room that handles it, in the order of arrival. */
export class Conversation {
  readonly #house: House
  readonly #asks: Asks
  /** Of what is no request. */
  readonly context: Context
  readonly #lanes = new Lanes()
  readonly #requests: Requests
  readonly #membership: Membership
  readonly #peer: Peer
  #isCompared = false

  constructor(house: House, asks: Asks, peer: Peer) {
    this.#house = house
    this.#asks = asks
    this.#peer = peer
    this.context = new Context(peer, peer.subject, peer)
    this.#requests = new Requests(house, peer)
    this.#membership = new Membership(house, this.#lanes, peer, this.context)
  }

  /** Whether a message may come in, or too much waits for slow handlers already. */
  admits(bytes: number): boolean {
    const { waitingBytes } = this.#lanes
    return waitingBytes === 0 || waitingBytes + bytes <= this.#house.settings.limits.maxBufferedBytes
  }

  /** The channels that the client is in, with all that another server needs to let it in there. */
  get memberships(): MembershipRecord[] {
    return this.#membership.records
  }

  /**
   * Enters the channels that it was in on another server; tells whether nothing of them is missing. Rejects with what
   * one of them throws.
   */
  restore(memberships: readonly MembershipRecord[]): Promise<boolean> {
    return this.#membership.restore(memberships)
  }

  /** Resolves when no handler of an event, a raw message or a join is at work. */
  handled(): Promise<void> {
    return this.#lanes.idle()
  }

  /** Resolves when all that it has said is handled and answered. */
  async finished(): Promise<void> {
    await this.#requests.idle()
    await this.#lanes.idle()
  }

  /** Answers what is still open: nobody will, once this server has gone. */
  abandon(): void {
    this.#requests.breakAll(refusal('RESTARTED', 'The server restarted before it had an answer.'))
  }

  /**
   * Messages that wait for a slow handler are not handled any more: the session was dropped, and they would come after
   * those of its next one; or it goes on elsewhere, and they are written again there.
   */
  forgo(): void {
    this.#lanes.forgo()
  }

  /** Asks each of its channels anew whether it lets this subject in. Rejects with what one of them throws. */
  authorize(subject: unknown): Promise<void> {
    return this.#membership.authorize(subject)
  }

  /** Handles a message; a promise if that of an event or a raw message is not finished yet (P10.3). */
  hear(frame: Frame | undefined, data: WireData, bytes: number): Promise<void> | undefined {
    if (!frame) return this.#raw(data, bytes)
    if ('channel' in frame) return this.#membership.event(frame, bytes)
    if ('method' in frame) this.#request(frame, bytes)
    else if ('cancel' in frame) this.#requests.cancel(frame)
    else this.#asks.settle(frame)
    return undefined
  }

  end(reason: unknown): void {
    this.#requests.end(reason)
    this.#membership.end()
  }

  #raw(data: WireData, bytes: number): Promise<void> | undefined {
    const { onMessage, logger } = this.#house.settings
    if (!onMessage) return undefined
    const message = typeof data === 'string' ? data : new Uint8Array(data)
    return this.#lanes.run(RAW, bytes, () => {
      if (this.#lanes.isForgone) return undefined
      return guard(logger, 'onMessage', () => onMessage(message, this.context))
    })
  }

  #request(frame: RequestFrame, bytes: number): void {
    const request = this.#requests.begin(frame)
    if (!request) return
    switch (request.method) {
      case Reserved.auth:
        // Without `auth` nothing is guarded: a page that sends its token all the same is let pass.
        if (!this.#house.settings.auth) return request.succeed(null)
        return request.fail(refusal(INVALID_REQUEST, 'You have authenticated already.'))
      case Reserved.join:
        return this.#membership.join(request)
      case Reserved.leave:
        return this.#membership.leave(request)
      case Reserved.contract:
        return this.#compare(request)
      default:
        // A schema may take its time: those behind it start after it.
        void this.#lanes.run(REQUESTS, bytes, () => this.#requests.start(request))
    }
  }

  /** The page names its contract (P4.8). */
  #compare(request: OpenRequest): void {
    const { contract, counters } = this.#house
    if (contract.hash === undefined) return request.fail(refusal(METHOD_NOT_FOUND, 'There is no contract.'))
    const hash = request.params
    if (typeof hash !== 'number') return request.fail(refusal(INVALID_PARAMS, 'params: expected a number'))
    if (hash !== contract.hash && !this.#isCompared) {
      this.#isCompared = true
      counters.contractSkews += 1
      contract.report(hash, this.#peer.id)
    }
    request.succeed(contract.hash)
  }
}
