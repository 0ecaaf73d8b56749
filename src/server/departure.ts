import type { ReconnectWindow } from '../protocol/window.js'
import { within } from './clock.js'
import { closeReason } from './closing.js'
import { guard } from './errors.js'
import type { House } from './house.js'
import type { Session } from './session.js'
import type { SessionStore } from './stores.js'

/** What a server that goes tells its pages, and for how long it waits for what they have begun. */
export interface Farewell {
  readonly reason: string
  readonly window: ReconnectWindow
  readonly graceMs: number
  readonly url: string | undefined
}

/** A planned restart, as the sessions live through it (PROTOCOL.md, section 12). */
export class Departure {
  readonly #farewell: Farewell
  readonly #store: SessionStore | undefined
  readonly #house: House
  readonly #sessions = new Set<Session>()
  readonly #leaving = new Map<Session, Promise<void>>()
  readonly #timeIsUp: Promise<void>
  #endTime = (): void => {}

  constructor(farewell: Farewell, store: SessionStore | undefined, house: House) {
    this.#farewell = farewell
    this.#store = store
    this.#house = house
    this.#timeIsUp = new Promise((resolve) => {
      this.#endTime = resolve
    })
  }

  /** Tells the page. */
  begin(session: Session): void {
    this.#sessions.add(session)
    const { window, url } = this.#farewell
    if (session.isAttached) session.say({ bye: { window, resume: this.#store !== undefined, url } })
    else this.strand(session)
  }

  /** It has no page. Unless another server can take it up, nobody waits for what it has begun. */
  strand(session: Session): void {
    if (!this.#store) session.client.conversation.forgo()
    this.finish(session)
  }

  /**
   * Nothing more comes from the page: what it has said is finished, as far as the time allows, and the session goes.
   */
  finish(session: Session): void {
    if (!this.#leaving.has(session)) this.#leaving.set(session, this.#leave(session))
  }

  /** Resolves when all that were to go have gone. */
  async done(): Promise<void> {
    await Promise.all(this.#leaving.values())
  }

  /** The time is over: those that are still there go now. */
  end(): Promise<void> {
    this.#endTime()
    for (const session of this.#sessions) this.finish(session)
    return this.done()
  }

  async #leave(session: Session): Promise<void> {
    const { clock, settings } = this.#house
    const { reason, window, graceMs } = this.#farewell
    await Promise.race([within(clock, graceMs, session.client.conversation.finished()), this.#timeIsUp])
    if (session.hasEnded) return
    const record = session.pack(this.#store !== undefined, closeReason(reason, window))
    const saved = guard(settings.logger, 'sessions.store.save', () => this.#store?.save(record))
    if (saved) await within(clock, graceMs, saved)
    session.say({ bye: { done: true } })
  }
}
