import type { IncomingMessage } from 'node:http'
import {
  BAD_FRAME,
  type ControlFrame,
  FENCED,
  type Hi,
  isHi,
  type LostWhy,
  readControl,
  SESSION_VERSION,
  writeControl,
} from '../protocol/session-frames.js'
import type { ReconnectWindow } from '../protocol/window.js'
import type { WireData } from '../protocol/wire.js'
import { Attached } from './attached.js'
import { authenticate } from './authenticate.js'
import type { House } from './house.js'
import { MAX_HI_BYTES, RETRY_WINDOW } from './limits.js'
import type { Link, Phase } from './line.js'
import { textMessage } from './message.js'
import { Session } from './session.js'
import type { SessionBook } from './session-book.js'
import { type Claim, claimOf } from './session-record.js'

/** From `hi` to its answer, `ok` or `no` (PROTOCOL.md, section 11). */
export class Handshake implements Phase {
  readonly #link: Link
  readonly #request: IncomingMessage
  readonly #house: House
  readonly #sessions: SessionBook
  #deciding = false

  constructor(link: Link, request: IncomingMessage, house: House, sessions: SessionBook) {
    this.#link = link
    this.#request = request
    this.#house = house
    this.#sessions = sessions
  }

  /** Takes `hi`; a page that says more before the answer is closed (P9.5). */
  hear(data: WireData, bytes: number): void {
    const { hi } = bytes <= MAX_HI_BYTES ? readControl(data) : {}
    if (this.#deciding) this.#violated('a message before the answer to hi')
    else if (!isHi(hi)) this.#violated('a malformed hi')
    else if (hi.version !== SESSION_VERSION) this.#violated('an unknown version of the session')
    else {
      this.#deciding = true
      // Even without `auth`: channels and stores may be asked.
      this.#link.hurry()
      void this.#decide(hi)
    }
  }

  expire(): void {
    this.#refuse(4401, 'authentication timed out')
  }

  /** Nothing is left to do: a decision that comes now finds the page gone. */
  end(): void {}

  async #decide(hi: Hi): Promise<void> {
    const verdict = await authenticate(this.#house.settings, this.#request, hi.token)
    if (this.#link.isGone) return
    if (!verdict.accepted) return this.#refuse(verdict.code, verdict.error.message)
    const { subject } = verdict
    const claim = claimOf(hi)
    if (!claim) return this.#begin(hi, subject)
    const why = await this.#sessions.prepare(claim, subject, this.#link)
    if (this.#link.isGone) return
    const found = why ?? this.#sessions.find(claim, subject)
    if (found instanceof Session && !found.dial(hi.attempt)) return this.#link.close(FENCED, 'a later hi was answered')
    if (found instanceof Session) this.#resume(found, claim, subject)
    else this.#begin(hi, subject, found)
  }

  #begin(hi: Hi, subject: unknown, why?: LostWhy): void {
    const session = this.#sessions.create(this.#link, hi.client, subject)
    if (!session) return this.#refuse(1013, 'too many sessions', RETRY_WINDOW)
    this.#welcome(session, false, why)
    session.client.enter()
  }

  #resume(session: Session, { key, received }: Claim, subject: unknown): void {
    this.#house.counters.sessionsResumed += 1
    session.client.subject = subject
    this.#welcome(session, true, undefined, key)
    session.replay(received)
  }

  /** Answers with the session. Whoever had it is fenced, and only then its position is read (P11.6). */
  #welcome(session: Session, resumed: boolean, why: LostWhy | undefined, shownKey?: string): void {
    const { ttlMs, windowMs } = this.#sessions.limits
    const { pingIntervalMs, limits } = this.#house.settings
    session.attach(this.#link)
    this.#say({
      ok: {
        session: session.id,
        key: session.keys.renew(shownKey),
        epoch: this.#sessions.epoch,
        resumed,
        why,
        received: session.received,
        sent: session.sent,
        ttlMs,
        pingMs: pingIntervalMs,
        maxPayload: limits.maxPayload,
        window: windowMs === undefined ? undefined : { minMs: 0, maxMs: windowMs },
      },
    })
    this.#link.admit(new Attached(session, this.#link))
  }

  #violated(what: string): void {
    this.#link.protocolError(what)
    this.#refuse(BAD_FRAME, what)
  }

  #refuse(code: number, reason: string, window?: ReconnectWindow): void {
    this.#say({ no: { code, reason, window } })
    this.#link.refuse(code, reason, window)
  }

  #say(frame: ControlFrame): void {
    this.#link.push(textMessage(writeControl(frame)))
  }
}
