import type { IncomingMessage } from 'node:http'
import { type Frame, type RequestFrame, Reserved } from '../protocol/frames.js'
import type { WireData } from '../protocol/wire.js'
import { authenticate } from './authenticate.js'
import { type Link, type Phase, post } from './line.js'
import { decodeFrame } from './message.js'
import type { Settings } from './options.js'

const tokenOf = (params: unknown): unknown =>
  typeof params === 'object' && params !== null && 'token' in params ? params.token : undefined

/** A client that has still to authenticate: it says `auth`, and nothing else before the answer (PROTOCOL.md, section 5). */
export class Greeting implements Phase {
  readonly #link: Link
  readonly #request: IncomingMessage
  readonly #settings: Settings
  readonly #onAccepted: (subject: unknown) => void
  #deciding = false

  constructor(link: Link, request: IncomingMessage, settings: Settings, onAccepted: (subject: unknown) => void) {
    this.#link = link
    this.#request = request
    this.#settings = settings
    this.#onAccepted = onAccepted
  }

  hear(data: WireData): void {
    const frame = this.#read(data)
    const isAuth = frame && 'method' in frame && frame.method === Reserved.auth
    if (!isAuth || this.#deciding) return this.#link.refuse(4401, 'authenticate first')
    this.#deciding = true
    void this.#decide(frame)
  }

  expire(): void {
    this.#link.refuse(4401, 'authentication timed out')
  }

  /** Nothing is left to do: an answer of `auth` that comes now finds the client gone. */
  end(): void {}

  #read(data: WireData): Frame | undefined {
    try {
      return decodeFrame(this.#settings.wire, data)
    } catch {
      this.#link.protocolError('a malformed frame')
      return undefined
    }
  }

  async #decide({ id, params }: RequestFrame): Promise<void> {
    const verdict = await authenticate(this.#settings, this.#request, tokenOf(params))
    if (this.#link.isGone) return
    if (verdict.accepted) {
      post(this.#link, this.#settings, { id, result: null })
      this.#onAccepted(verdict.subject)
    } else {
      post(this.#link, this.#settings, { id, error: verdict.error })
      this.#link.refuse(verdict.code, verdict.error.message)
    }
  }
}
