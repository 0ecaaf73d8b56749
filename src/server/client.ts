import type { Frame } from '../protocol/frames.js'
import type { ReconnectWindow } from '../protocol/window.js'
import type { WireData } from '../protocol/wire.js'
import { InvalidOption } from '../shared/errors.js'
import { Asks } from './asks.js'
import { mayBeSent } from './closing.js'
import { Conversation } from './conversation.js'
import type { House } from './house.js'
import { LateSignal } from './late-signal.js'
import { type Line, post } from './line.js'
import { decodeFrame, encodeFrame, type Message, textMessage } from './message.js'
import type { Peer } from './peer.js'
import type { SendOptions, ServerRequestOptions } from './public.js'
import type { SessionRecord } from './stores.js'

/** What of a client was there before it. */
export type Origin = Pick<SessionRecord, 'subject' | 'asked'> & { readonly page: string | undefined }

/** One client that is in: who it is, and the conversation with it. How its messages travel is up to its line. */
export class Client implements Peer {
  readonly channels = new Set<string>()
  readonly page: string | undefined
  #subject: unknown
  readonly #line: Line
  readonly #house: House
  readonly #gone = new LateSignal()
  readonly #asks: Asks
  /** What it says, and what comes of it. */
  readonly conversation: Conversation

  constructor(
    readonly id: number,
    { page, subject, asked }: Origin,
    line: Line,
    house: House,
  ) {
    this.page = page
    this.#subject = subject
    this.#line = line
    this.#house = house
    this.#asks = new Asks(house, this, asked)
    this.conversation = new Conversation(house, this.#asks, this)
  }

  get address(): string {
    return this.#line.address
  }

  get subject(): unknown {
    return this.#subject
  }

  /** A resume may bring a newer one. */
  set subject(subject) {
    this.#subject = subject
    this.conversation.context.subject = subject
  }

  get isGone(): boolean {
    return this.#gone.isAborted
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** The line has its client, and may be written to. */
  enter(): void {
    this.#house.entered(this)
  }

  /** How many requests the page was asked. */
  get asked(): number {
    return this.#asks.asked
  }

  /** Takes a message; a promise if a handler has not finished with it yet. */
  hear(data: WireData, bytes: number): Promise<void> | undefined {
    let frame: Frame | undefined
    try {
      frame = decodeFrame(this.#house.settings.wire, data)
    } catch {
      this.protocolError('a malformed frame')
      return undefined
    }
    return this.conversation.hear(frame, data, bytes)
  }

  /** The line is gone for good. */
  end(code: number, reason: string): void {
    const why = new DOMException('The connection is gone.', 'AbortError')
    this.#gone.abort(why)
    this.conversation.end(why)
    this.#asks.end()
    this.#house.left(this, code, reason)
  }

  deliver(message: Message, isVolatile = false): boolean {
    return this.#line.write(message, isVolatile)
  }

  post(frame: Frame): void {
    post(this.#line, this.#house.settings, frame)
  }

  protocolError(what: string): void {
    this.#line.protocolError(what)
  }

  congested(): boolean {
    return this.#line.congested()
  }

  drained(): Promise<void> {
    return this.#line.drained()
  }

  request(method: string, params?: unknown, options?: ServerRequestOptions): Promise<unknown> {
    return this.#asks.ask(method, params, options)
  }

  send(channel: string, event: string, data: unknown, options: SendOptions = {}): void {
    this.#house.contract.sending({ channel, event, data })
    this.deliver(encodeFrame(this.#house.settings.wire, { channel, event, data }), options.volatile)
  }

  sendRaw(data: string | Uint8Array): void {
    // Copied, as a session may keep them for minutes, and the app may use its buffer again.
    this.deliver(typeof data === 'string' ? textMessage(data) : { bytes: new Uint8Array(data), binary: true })
  }

  close(code = 1000, reason = '', window?: ReconnectWindow): void {
    if (!mayBeSent(code)) throw new InvalidOption('code', '1000, 3000 to 4999, or another code that a server may send')
    this.#line.close(code, reason, window)
  }
}
