import { isDeepStrictEqual } from 'node:util'
import { ACK_MS, FENCED, type LostWhy, TOO_SLOW } from '../protocol/session-frames.js'
import { Arrivals } from './arrivals.js'
import { Deadlines } from './deadlines.js'
import { Departure, type Farewell } from './departure.js'
import { wordedBody } from './errors.js'
import { ExpiringMap } from './expiring-map.js'
import type { House } from './house.js'
import { type Keys, randomName } from './keys.js'
import { MAX_TOMBSTONES, TOMBSTONE_MS } from './limits.js'
import type { Link } from './line.js'
import type { SessionSettings } from './options.js'
import { Session, type SessionKeeper } from './session.js'
import { type Claim, newRecord } from './session-record.js'

/** Why a session was dropped. */
type Drop = 'expired' | 'evicted' | 'overflow' | 'subject'

/** All sessions of a server, with a connection and without. */
export class SessionBook implements SessionKeeper {
  readonly limits: SessionSettings
  readonly acks: Deadlines<Session>
  /** Of this memory of sessions. */
  readonly epoch = randomName('e')
  readonly #house: House
  readonly #sessions = new Map<string, Session>()
  /** Those without a connection, oldest first. */
  readonly #detached: Deadlines<Session>
  /** Why sessions were dropped, for pages that can show a key of theirs. */
  readonly #tombstones: ExpiringMap<{ readonly keys: Keys; readonly why: LostWhy }>
  readonly #arrivals: Arrivals | undefined
  #departure: Departure | undefined

  constructor(limits: SessionSettings, house: House) {
    this.limits = limits
    this.#house = house
    this.acks = new Deadlines(house.clock, ACK_MS, (session) => session.settle())
    this.#detached = new Deadlines(house.clock, limits.ttlMs, (session) => this.#drop(session, 'expired'))
    this.#tombstones = new ExpiringMap(house.clock, MAX_TOMBSTONES, TOMBSTONE_MS)
    this.#arrivals = limits.store && new Arrivals(limits.store, house, this)
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Sessions without a connection. */
  get detachedSize(): number {
    return this.#detached.size
  }

  /** Begins a session; `undefined` if there are too many with a connection. */
  create(link: Link, page: string, subject: unknown): Session | undefined {
    if (!this.#hasRoom()) return undefined
    const session = new Session(link, newRecord(page, subject), this.#house, this)
    this.#add(session)
    return session
  }

  /** The session that a page may resume, or why not (P11.4). Uses nothing up. */
  find({ session: id, key, received }: Claim, subject: unknown): Session | LostWhy {
    const session = this.#sessions.get(id)
    if (!session) {
      const tombstone = this.#tombstones.get(id)
      return tombstone?.keys.match(key) ? tombstone.why : 'unknown'
    }
    if (!session.keys.match(key)) return 'unknown'
    if (!isDeepStrictEqual(subject, session.client.subject)) return 'subject'
    return session.reaches(received) ? session : 'position'
  }

  /**
   * Does what takes time before a session can be found: its channels are asked whether they still let it in (P11.5),
   * and one that another server has saved is taken over. Tells why it is lost, if that comes out here.
   */
  async prepare(claim: Claim, subject: unknown, link: Link): Promise<LostWhy | undefined> {
    await this.#arrivals?.settled(claim.session)
    const session = this.find(claim, subject)
    if (session instanceof Session) return this.#authorize(session, subject)
    if (!this.#arrivals || this.#sessions.has(claim.session) || !this.#hasRoom()) return undefined
    return this.#arrivals.bring(claim, subject, link.address)
  }

  /** The server goes: see `Departure`. */
  depart(farewell: Farewell): Departure {
    const departure = new Departure(farewell, this.limits.store, this.#house)
    this.#departure = departure
    for (const session of this.#sessions.values()) departure.begin(session)
    return departure
  }

  arrived(session: Session): void {
    this.#add(session)
    this.detached(session)
  }

  detached(session: Session): void {
    if (this.#departure) this.#departure.strand(session)
    else this.#detached.add(session)
  }

  attached(session: Session): void {
    this.#detached.delete(session)
  }

  overflowed(session: Session): void {
    this.#drop(session, 'overflow')
  }

  /** Makes room for what it keeps: those without a connection go first, oldest first, then it goes itself (P14.2). */
  grown(session: Session): void {
    const { counters } = this.#house
    while (counters.sessionBytes > this.limits.maxTotalBytes && !session.hasEnded) {
      const oldest = this.#detached.first
      if (oldest) this.#drop(oldest, 'evicted')
      else this.#drop(session, 'overflow')
    }
  }

  /** A page that has not been told that the server goes ends for good (P11.11). */
  farewell(session: Session): void {
    if (this.#departure) this.#departure.finish(session)
    else session.close(1000, '')
  }

  ended(session: Session): void {
    this.#sessions.delete(session.id)
    this.#detached.delete(session)
  }

  #add(session: Session): void {
    this.#house.counters.sessionsTotal += 1
    this.#sessions.set(session.id, session)
  }

  #drop(session: Session, why: Drop): void {
    const { counters } = this.#house
    session.client.conversation.forgo()
    this.#tombstones.set(session.id, { keys: session.keys, why: why === 'evicted' ? 'expired' : why })
    switch (why) {
      case 'expired':
        counters.sessionsExpired += 1
        return session.close()
      case 'evicted':
        counters.sessionsEvicted += 1
        return session.close()
      case 'overflow':
        counters.sessionsOverflowed += 1
        return session.close(TOO_SLOW, 'too slow')
      case 'subject':
        counters.sessionsRevoked += 1
        return session.close(FENCED, 'no longer allowed')
    }
  }

  /** Whether one more session may begin; the one that waits longest gives way. */
  #hasRoom(): boolean {
    if (this.#sessions.size < this.limits.maxSessions) return true
    const oldest = this.#detached.first
    if (oldest) this.#drop(oldest, 'evicted')
    return oldest !== undefined
  }

  async #authorize(session: Session, subject: unknown): Promise<LostWhy | undefined> {
    try {
      await session.client.conversation.authorize(subject)
      return undefined
    } catch (error) {
      if (!wordedBody(error)) this.#house.settings.logger.error('holdfast: authorize threw', error)
      if (!session.hasEnded) this.#drop(session, 'subject')
      return 'subject'
    }
  }
}
