import type { IncomingMessage } from 'node:http'
import { type Frame, type RequestFrame, Reserved } from '../protocol/frames.js'
import type { Logger } from '../shared/logger.js'
import { INTERNAL_ERROR, wordedBody } from './errors.js'
import type { Peer, Phase } from './peer.js'
import type { Credentials } from './public.js'

/** How a greeting ends. */
export interface GreetingOutcome {
  accepted(subject: unknown): void
  refused(code: number, reason: string): void
}

const tokenOf = (params: unknown): unknown =>
  typeof params === 'object' && params !== null && 'token' in params ? params.token : undefined

const closeCodeOf = (code: number | string): number => (code === 'forbidden' || code === 403 ? 4403 : 4401)

/** A client that has still to authenticate: it says `auth`, and nothing else before the answer (PROTOCOL.md, section 5). */
export class Greeting implements Phase {
  readonly #auth: (credentials: Credentials) => unknown
  readonly #logger: Logger
  readonly #request: IncomingMessage
  readonly #peer: Peer
  readonly #outcome: GreetingOutcome
  #deciding = false

  constructor(
    auth: (credentials: Credentials) => unknown,
    logger: Logger,
    request: IncomingMessage,
    peer: Peer,
    outcome: GreetingOutcome,
  ) {
    this.#auth = auth
    this.#logger = logger
    this.#request = request
    this.#peer = peer
    this.#outcome = outcome
  }

  hear(frame: Frame | undefined): void {
    const isAuth = frame && 'method' in frame && frame.method === Reserved.auth
    if (!isAuth || this.#deciding) return this.#outcome.refused(4401, 'authenticate first')
    this.#deciding = true
    void this.#decide(frame)
  }

  /** Nothing is left to do: an answer of `auth` that comes now finds the client gone. */
  end(): void {}

  async #decide({ id, params }: RequestFrame): Promise<void> {
    try {
      const subject = await this.#auth({ token: tokenOf(params), request: this.#request })
      if (this.#peer.signal.aborted) return
      this.#peer.post({ id, result: null })
      this.#outcome.accepted(subject)
    } catch (error) {
      const body = wordedBody(error) ?? INTERNAL_ERROR
      if (body === INTERNAL_ERROR) this.#logger.error('holdfast: auth threw', error)
      if (this.#peer.signal.aborted) return
      this.#peer.post({ id, error: body })
      this.#outcome.refused(closeCodeOf(body.code), body.message)
    }
  }
}
