import { isDeepStrictEqual } from 'node:util'
import { ACK_MS, FENCED, type Hi, type LostWhy, TOO_SLOW } from '../protocol/session-frames.js'
import { Deadlines } from './deadlines.js'
import { wordedBody } from './errors.js'
import type { House } from './house.js'
import { type Keys, randomName } from './keys.js'
import type { SessionSettings } from './options.js'
import { Session, type SessionKeeper } from './session.js'

/** Why a session was dropped. */
type Drop = 'expired' | 'evicted' | 'overflow' | 'subject'

/** How many dropped sessions are remembered, to tell their pages why they are gone. */
const MAX_TOMBSTONES = 10_000

/** The session that a page would go on with. */
export interface Claim {
  readonly session: string
  readonly key: string
  readonly received: number
}

export function claimOf({ session, key, received }: Hi): Claim | undefined {
  return session === undefined || key === undefined || received === undefined ? undefined : { session, key, received }
}

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
  readonly #tombstones = new Map<string, { readonly keys: Keys; readonly why: LostWhy }>()

  constructor(limits: SessionSettings, house: House) {
    this.limits = limits
    this.#house = house
    this.acks = new Deadlines(house.clock, ACK_MS, (session) => session.settle())
    this.#detached = new Deadlines(house.clock, limits.ttlMs, (session) => this.drop(session, 'expired'))
  }

  get size(): number {
    return this.#sessions.size
  }

  /** Sessions without a connection. */
  get detachedSize(): number {
    return this.#detached.size
  }

  /** Makes a session; `undefined` if there are too many with a connection. */
  create(clientId: number, page: string, subject: unknown): Session | undefined {
    if (this.#sessions.size >= this.limits.maxSessions) {
      const oldest = this.#detached.first
      if (!oldest) return undefined
      this.drop(oldest, 'evicted')
    }
    const session = new Session(clientId, page, subject, this.#house, this)
    this.#sessions.set(session.id, session)
    this.#house.counters.sessionsTotal += 1
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

  /** Asks whether the channels of a session still let it in; one that they do not is dropped (P11.5). */
  async prepare(claim: Claim, subject: unknown): Promise<void> {
    const session = this.find(claim, subject)
    if (!(session instanceof Session)) return
    try {
      await session.client.authorize(subject)
    } catch (error) {
      if (!wordedBody(error)) this.#house.settings.logger.error('holdfast: authorize threw', error)
      if (this.#sessions.has(session.id)) this.drop(session, 'subject')
    }
  }

  /** Ends a session before its time. */
  drop(session: Session, why: Drop): void {
    const { counters } = this.#house
    switch (why) {
      case 'expired':
        counters.sessionsExpired += 1
        this.#bury(session, 'expired')
        return session.close()
      case 'evicted':
        counters.sessionsEvicted += 1
        this.#bury(session, 'expired')
        return session.close()
      case 'overflow':
        counters.sessionsOverflowed += 1
        this.#bury(session, 'overflow')
        return session.close(TOO_SLOW, 'too slow')
      case 'subject':
        counters.sessionsRevoked += 1
        this.#bury(session, 'subject')
        return session.close(FENCED, 'no longer allowed')
    }
  }

  detached(session: Session): void {
    this.#detached.add(session)
  }

  attached(session: Session): void {
    this.#detached.delete(session)
  }

  overflowed(session: Session): void {
    this.drop(session, 'overflow')
  }

  /** Makes room for what it keeps: those without a connection go first, oldest first, then it goes itself (P14.2). */
  grown(session: Session): void {
    const { counters } = this.#house
    while (counters.sessionBytes > this.limits.maxTotalBytes && this.#sessions.has(session.id)) {
      const oldest = this.#detached.first
      if (oldest) this.drop(oldest, 'evicted')
      else this.drop(session, 'overflow')
    }
  }

  ended(session: Session): void {
    this.#sessions.delete(session.id)
    this.#detached.delete(session)
  }

  #bury({ id, keys }: Session, why: LostWhy): void {
    this.#tombstones.set(id, { keys, why })
    if (this.#tombstones.size <= MAX_TOMBSTONES) return
    const [oldest = id] = this.#tombstones.keys()
    this.#tombstones.delete(oldest)
  }
}
