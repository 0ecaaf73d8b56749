import { isDeepStrictEqual } from 'node:util'
import type { LostWhy } from '../protocol/session-frames.js'
import { guard, wordedBody } from './errors.js'
import type { House } from './house.js'
import { Keys } from './keys.js'
import { Session, type SessionKeeper } from './session.js'
import type { Claim } from './session-record.js'
import type { SessionRecord, SessionStore } from './stores.js'

/** Takes over the sessions that another server saved when it went: the other half of `Departure`. */
export class Arrivals {
  readonly #store: SessionStore
  readonly #house: House
  readonly #keeper: SessionKeeper
  /** Those on their way, by id. */
  readonly #coming = new Map<string, Promise<LostWhy | undefined>>()

  constructor(store: SessionStore, house: House, keeper: SessionKeeper) {
    this.#store = store
    this.#house = house
    this.#keeper = keeper
  }

  /** Resolves when a session is no longer on its way. */
  async settled(id: string): Promise<void> {
    await this.#coming.get(id)
  }

  /** Brings in a session, if there is one to bring; tells why it is lost, if that comes out here. */
  async bring(claim: Claim, subject: unknown, address: string): Promise<LostWhy | undefined> {
    const coming = this.#bring(claim, subject, address)
    this.#coming.set(claim.session, coming)
    try {
      return await coming
    } finally {
      this.#coming.delete(claim.session)
    }
  }

  async #bring({ session: id, key }: Claim, subject: unknown, address: string): Promise<LostWhy | undefined> {
    const record = await this.#take(id)
    if (!record) return undefined
    const isTheirs = new Keys(record.keys).match(key)
    if (!isTheirs || !isDeepStrictEqual(subject, record.subject)) {
      // An attempt uses nothing up.
      await guard(this.#house.settings.logger, 'sessions.store.save', () => this.#store.save(record))
      return isTheirs ? 'subject' : undefined
    }
    const session = new Session(
      { id: this.#house.nextId(), address },
      { ...record, subject },
      this.#house,
      this.#keeper,
    )
    session.client.enter()
    const why = await this.#enterChannels(session, record)
    if (session.hasEnded) return undefined
    if (why) session.close()
    else this.#keeper.arrived(session)
    return why
  }

  async #take(id: string): Promise<SessionRecord | undefined> {
    try {
      return await this.#store.take(id)
    } catch (error) {
      this.#house.settings.logger.error('holdfast: sessions.store.take threw', error)
      return undefined
    }
  }

  async #enterChannels({ client }: Session, { channels }: SessionRecord): Promise<LostWhy | undefined> {
    try {
      return (await client.conversation.restore(channels)) ? undefined : 'position'
    } catch (error) {
      if (!wordedBody(error)) this.#house.settings.logger.error('holdfast: a channel threw', error)
      return 'subject'
    }
  }
}
