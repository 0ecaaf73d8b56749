import type { IncomingMessage } from 'node:http'
import { type Frame, readFrame } from '../protocol/frames.js'
import { announcePing, PONG, readPing } from '../protocol/heartbeat.js'
import { type ReconnectWindow, truncateReason, writeWindow } from '../protocol/window.js'
import type { WireData } from '../protocol/wire.js'
import { InvalidOption } from '../shared/errors.js'
import { Asks } from './asks.js'
import type { ChannelBook } from './channels.js'
import { Conversation } from './conversation.js'
import type { Deadlines } from './deadlines.js'
import { Greeting } from './greeting.js'
import { RETRY_WINDOW, TokenBucket } from './limits.js'
import { encodeFrame, type Message, textMessage } from './message.js'
import type { Counters } from './metrics.js'
import type { Settings } from './options.js'
import { Outlet } from './outlet.js'
import type { Peer, Phase } from './peer.js'
import type { ServerRequestOptions, ServerSocket } from './public.js'

/** What a connection needs of the server around it. */
export interface House {
  readonly settings: Settings
  readonly counters: Counters
  readonly book: ChannelBook
  /** When each client is due for its next ping. */
  readonly pings: Deadlines<Connection>
  /** When each client must have authenticated. */
  readonly greetings: Deadlines<Connection>
  /** When streams look at their slow reader again. */
  readonly polls: Deadlines<Outlet>
  entered(connection: Connection): void
  left(connection: Connection, code: number, reason: string): void
  /** Closes a socket politely, and cuts it if it does not go. */
  dismiss(socket: ServerSocket, code: number, reason: string): void
  cut(socket: ServerSocket): void
}

/** Pings in a row that a client may leave without any sign of life. */
const MAX_SILENT_PINGS = 2

const PONG_MESSAGE = textMessage(PONG)

/** RFC 6455, 7.4: the codes that an endpoint may send. */
const mayBeSent = (code: number): boolean =>
  Number.isInteger(code) &&
  ((code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) || (code >= 3000 && code <= 4999))

const sizeOf = (data: WireData): number => (typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength)

/** One client: what its socket says is counted, held to the limits, and passed on to the phase that it is in. */
export class Connection implements Peer {
  readonly channels = new Set<string>()
  subject: unknown
  readonly #house: House
  readonly #socket: ServerSocket
  readonly #outlet: Outlet
  readonly #bucket: TokenBucket
  readonly #asks: Asks
  readonly #gone = new AbortController()
  #phase: Phase
  #silentPings = 0
  #hasErred = false

  constructor(
    readonly id: number,
    readonly address: string,
    socket: ServerSocket,
    request: IncomingMessage,
    house: House,
  ) {
    const { settings, counters, polls } = house
    this.#house = house
    this.#socket = socket
    this.#outlet = new Outlet(socket, settings, counters, polls, () => this.#tooSlow())
    this.#bucket = new TokenBucket(settings.limits.messagesPerSecond)
    this.#asks = new Asks(settings.wire, settings.requestTimeoutMs, this)
    this.#phase = settings.auth
      ? new Greeting(settings.auth, settings.logger, request, this, {
          accepted: (subject) => this.#accepted(subject),
          refused: (code, reason) => this.#refused(code, reason),
        })
      : this.#conversation()
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  /** The socket has its listener. */
  start(): void {
    if (this.#phase instanceof Conversation) this.#enter()
    else this.#house.greetings.add(this)
  }

  receive(data: WireData): void {
    if (this.signal.aborted) return
    const bytes = sizeOf(data)
    const { counters } = this.#house
    counters.messagesIn += 1
    counters.bytesIn += bytes
    this.#silentPings = 0
    if (!this.#bucket.take()) {
      counters.tooMany += 1
      return this.close(4429, 'too many messages', RETRY_WINDOW)
    }
    if (typeof data === 'string' && (data === PONG || readPing(data) !== undefined)) {
      if (data !== PONG) this.deliver(PONG_MESSAGE)
      return
    }
    let frame: Frame | undefined
    try {
      frame = readFrame(this.#house.settings.wire.decode(data))
    } catch {
      this.protocolError('a malformed frame')
      // In a conversation it is ignored; before, only one thing may be said.
      if (this.#phase instanceof Greeting) this.#phase.hear(undefined)
      return
    }
    this.#phase.hear(frame, data, bytes)
  }

  /** The next ping is due. */
  ping(): void {
    // Counted in pings, not in time: after a pause of this process its clock would condemn clients whose answers wait.
    if (this.#silentPings === MAX_SILENT_PINGS) {
      this.#house.counters.timedOut += 1
      this.#end(1006, 'no answer to pings')
      return this.#house.cut(this.#socket)
    }
    this.#silentPings += 1
    this.deliver(textMessage(announcePing(this.#house.settings.pingIntervalMs)))
    if (!this.signal.aborted) this.#house.pings.add(this)
  }

  /** The time to authenticate is over. */
  greetingExpired(): void {
    this.#refused(4401, 'authentication timed out')
  }

  /** The socket has closed. */
  lost(code: number, reason: string): void {
    this.#end(code, reason)
  }

  deliver(message: Message): void {
    if (!this.signal.aborted) this.#outlet.write(message)
  }

  post(frame: Frame): void {
    const { wire, logger } = this.#house.settings
    try {
      this.deliver(encodeFrame(wire, frame))
    } catch (error) {
      logger.error('holdfast: wire.encode threw', error)
    }
  }

  protocolError(what: string): void {
    this.#house.counters.protocolErrors += 1
    if (this.#hasErred) return
    this.#hasErred = true
    this.#house.settings.logger.warn(`holdfast: client ${this.id} broke the protocol: ${what}`)
  }

  congested(): boolean {
    return !this.signal.aborted && this.#outlet.congested()
  }

  drained(): Promise<void> {
    return this.#outlet.drained()
  }

  request(method: string, params?: unknown, options?: ServerRequestOptions): Promise<unknown> {
    return this.#asks.ask(method, params, options)
  }

  send(channel: string, event: string, data: unknown): void {
    this.deliver(encodeFrame(this.#house.settings.wire, { channel, event, data }))
  }

  sendRaw(data: string | Uint8Array): void {
    this.deliver(typeof data === 'string' ? textMessage(data) : { bytes: data, binary: true })
  }

  close(code = 1000, reason = '', window?: ReconnectWindow): void {
    if (!mayBeSent(code)) throw new InvalidOption('code', '1000, 3000 to 4999, or another code that a server may send')
    if (this.signal.aborted) return
    const text = window ? writeWindow(reason, window) : truncateReason(reason)
    this.#house.dismiss(this.#socket, code, text)
    this.#end(code, text)
  }

  #conversation(): Conversation {
    const { settings, counters, book } = this.#house
    return new Conversation(settings, counters, book, this.#asks, this)
  }

  #accepted(subject: unknown): void {
    this.#house.greetings.delete(this)
    this.subject = subject
    this.#phase = this.#conversation()
    this.#enter()
  }

  #refused(code: number, reason: string): void {
    this.#house.counters.refused += 1
    this.close(code, reason)
  }

  #enter(): void {
    this.ping()
    this.#house.entered(this)
  }

  #tooSlow(): void {
    this.#house.counters.tooSlow += 1
    this.close(1013, 'too slow', RETRY_WINDOW)
  }

  #end(code: number, reason: string): void {
    if (this.signal.aborted) return
    const { pings, greetings } = this.#house
    pings.delete(this)
    greetings.delete(this)
    const why = new DOMException('The connection is gone.', 'AbortError')
    this.#gone.abort(why)
    this.#outlet.end()
    this.#phase.end(why)
    this.#asks.end()
    if (this.#phase instanceof Conversation) this.#house.left(this, code, reason)
  }
}
