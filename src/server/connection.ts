import type { IncomingMessage } from 'node:http'
import { announcePing, PONG, readPing } from '../protocol/heartbeat.js'
import type { ReconnectWindow } from '../protocol/window.js'
import type { WireData } from '../protocol/wire.js'
import { closeReason } from './closing.js'
import type { Deadlines } from './deadlines.js'
import type { House } from './house.js'
import { RETRY_WINDOW, TokenBucket } from './limits.js'
import type { Link, Phase } from './line.js'
import { type Message, textMessage } from './message.js'
import { begin } from './opening.js'
import { Outlet } from './outlet.js'
import type { SessionBook } from './session-book.js'
import type { ServerSocket } from './socket.js'

/** What a connection needs of the server around it. */
export interface Street extends House {
  /** `undefined`: this server keeps none. */
  readonly sessions: SessionBook | undefined
  /** When each client is due for its next ping. */
  readonly pings: Deadlines<Connection>
  /** When each client must be in. */
  readonly greetings: Deadlines<Connection>
  /** When streams look at their slow reader again. */
  readonly polls: Deadlines<Outlet>
  /** Closes a socket politely, and cuts it if it does not go. */
  dismiss(socket: ServerSocket, code: number, reason: string): void
  cut(socket: ServerSocket): void
}

/** Pings in a row that a client may leave without any sign of life. */
const MAX_SILENT_PINGS = 2

const PONG_MESSAGE = textMessage(PONG)

const sizeOf = (data: WireData): number => (typeof data === 'string' ? Buffer.byteLength(data) : data.byteLength)

/** One socket: what it says is counted, held to the limits, and passed on to the phase that it is in. */
export class Connection implements Link {
  readonly #street: Street
  readonly #socket: ServerSocket
  readonly #outlet: Outlet
  readonly #bucket: TokenBucket
  #phase: Phase | undefined
  #isGone = false
  #isPinged = false
  #silentPings = 0
  #hasSpoken = false
  readonly #since: number
  #hasErred = false

  constructor(
    readonly id: number,
    readonly address: string,
    socket: ServerSocket,
    street: Street,
  ) {
    this.#street = street
    this.#socket = socket
    this.#since = street.clock.now()
    this.#outlet = new Outlet(socket, street, street.polls, () => this.#tooSlow())
    this.#bucket = new TokenBucket(street.clock, street.settings.limits.messagesPerSecond)
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** The socket has its listener. The request is kept no longer than `auth` may ask for it. */
  start(request: IncomingMessage): void {
    const { settings, sessions } = this.#street
    if (settings.auth) this.hurry()
    begin(this, request, this.#street, sessions)
    // Where nobody has to authenticate, the pong to this is what brings in a page that says nothing by itself.
    if (!settings.auth) this.#startPings()
  }

  receive(data: WireData): void {
    if (this.#isGone) return
    const bytes = sizeOf(data)
    const { counters } = this.#street
    counters.messagesIn += 1
    counters.bytesIn += bytes
    this.#silentPings = 0
    this.#hasSpoken = true
    if (!this.#bucket.take()) return this.flooded('too many messages')
    if (typeof data === 'string' && (data === PONG || readPing(data) !== undefined)) {
      this.#phase?.heardBeat?.()
      if (data !== PONG) this.#beat(PONG_MESSAGE)
    } else {
      this.#phase?.hear(data, bytes)
    }
  }

  /** The next ping is due. */
  ping(): void {
    // Counted in pings, not in time: after a pause of this process its clock would condemn clients whose answers wait.
    if (this.#silentPings >= MAX_SILENT_PINGS && !this.#mayBeSilent()) {
      this.#street.counters.timedOut += 1
      this.#end(1006, 'no answer to pings')
      return this.#street.cut(this.#socket)
    }
    this.#silentPings += 1
    this.#beat(textMessage(announcePing(this.#street.settings.pingIntervalMs)))
    if (!this.#isGone) this.#street.pings.add(this)
  }

  /** A page that moves here waits for the last word of the other server, and may not answer before its `hi`. */
  #mayBeSilent(): boolean {
    const { clock, settings, sessions } = this.#street
    return !!sessions && !this.#hasSpoken && clock.now() - this.#since < settings.authTimeoutMs
  }

  /** The time to come in is over. */
  expire(): void {
    this.#phase?.expire?.()
  }

  /** Whether it ends by itself when the server goes. */
  get departs(): boolean {
    return this.#phase?.departs ?? false
  }

  /** The socket has closed. */
  lost(code: number, reason: string): void {
    this.#end(code, reason)
  }

  become(phase: Phase): Phase {
    this.#phase = phase
    return phase
  }

  hurry(): void {
    const { greetings } = this.#street
    if (!greetings.has(this)) greetings.add(this)
  }

  admit(phase: Phase): Phase {
    this.#street.greetings.delete(this)
    this.become(phase)
    this.#startPings()
    return phase
  }

  write(message: Message, isVolatile = false): boolean {
    if (this.#isGone || (isVolatile && this.congested())) return false
    return this.#outlet.write(message)
  }

  push(message: Message): void {
    if (!this.#isGone) this.#outlet.push(message)
  }

  congested(): boolean {
    return !this.#isGone && this.#outlet.congested()
  }

  drained(): Promise<void> {
    return this.#outlet.drained()
  }

  protocolError(what: string): void {
    this.#street.counters.protocolErrors += 1
    if (this.#hasErred) return
    this.#hasErred = true
    this.#street.settings.logger.warn(`holdfast: client ${this.id} broke the protocol: ${what}`)
  }

  refuse(code: number, reason: string, window?: ReconnectWindow): void {
    this.#street.counters.refused += 1
    this.close(code, reason, window)
  }

  flooded(reason: string): void {
    this.#street.counters.tooMany += 1
    this.close(4429, reason, RETRY_WINDOW)
  }

  close(code: number, reason: string, window?: ReconnectWindow): void {
    if (this.#isGone) return
    const text = closeReason(reason, window)
    this.#phase?.beforeBeat?.()
    this.#street.dismiss(this.#socket, code, text)
    this.#end(code, text)
  }

  #startPings(): void {
    if (this.#isPinged) return
    this.#isPinged = true
    this.ping()
  }

  #beat(message: Message): void {
    this.#phase?.beforeBeat?.()
    this.write(message)
  }

  #tooSlow(): void {
    this.#street.counters.tooSlow += 1
    this.close(1013, 'too slow', RETRY_WINDOW)
  }

  #end(code: number, reason: string): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#street.pings.delete(this)
    this.#street.greetings.delete(this)
    this.#outlet.end()
    this.#phase?.end(code, reason)
  }
}
