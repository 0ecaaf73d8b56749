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
  /** Those that are still to go. */
  readonly #waiting = new Set<Session>()
  readonly #leaving = new Set<Promise<void>>()
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
    this.#waiting.add(session)
    const { window, url } = this.#farewell
    if (session.isAttached) session.say({ bye: { window, resume: this.#store !== undefined, url } })
    else this.strand(session)
  }

  /**
   * It has no page, which may be back at any moment, elsewhere: so it goes as soon as its handlers have finished, and no
   * answer is waited for. If no other server can take it up, nothing is begun any more either.
   */
  strand(session: Session): void {
    const { conversation } = session.client
    if (!this.#store) conversation.forgo()
    this.#send(session, conversation.handled())
  }

  /** Nothing more comes from the page: what it has said is finished, as far as the time allows, and the session goes. */
  finish(session: Session): void {
    this.#send(session, session.client.conversation.finished())
  }

  /**
   * No page is left, or the time is over: those that are still there go now, and those that are about to have the rest of
   * the time, `restMs`. Resolves when all have gone.
   */
  async end(restMs: number): Promise<void> {
    if (restMs > 0) await within(this.#house.clock, restMs, Promise.all(this.#leaving))
    this.#endTime()
    for (const session of this.#waiting) this.finish(session)
    await Promise.all(this.#leaving)
  }

  #send(session: Session, ready: Promise<void>): void {
    if (this.#waiting.delete(session)) this.#leaving.add(this.#leave(session, ready))
  }

  async #leave(session: Session, ready: Promise<void>): Promise<void> {
    const { clock, settings } = this.#house
    const { reason, window, graceMs } = this.#farewell
    await Promise.race([within(clock, graceMs, ready), this.#timeIsUp])
    if (session.hasEnded) return
    // What a handler is still at is neither done nor to be done again: then nobody can go on with the session.
    const store = session.isHandled ? this.#store : undefined
    session.client.conversation.forgo()
    const record = session.pack(store !== undefined, closeReason(reason, window))
    const saved = guard(settings.logger, 'sessions.store.save', () => store?.save(record))
    if (saved) await within(clock, graceMs, saved)
    session.say({ bye: { done: true } })
  }
}
