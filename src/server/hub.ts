import type { IncomingMessage } from 'node:http'
import { ChannelBook } from './channels.js'
import { Client } from './client.js'
import { type Clock, realClock, within } from './clock.js'
import { closeReason } from './closing.js'
import { Connection, type Street } from './connection.js'
import { ContractCheck } from './contract-check.js'
import { Deadlines } from './deadlines.js'
import { Dedupe } from './dedupe.js'
import { guard } from './errors.js'
import { Gate, type Refusal, type Seat } from './gate.js'
import { Histories } from './histories.js'
import { CLOSE_GRACE_MS, STREAM_POLL_MS } from './limits.js'
import { MemoryDedupe } from './memory-dedupe.js'
import { MemoryHistory } from './memory-history.js'
import { encodeFrame } from './message.js'
import { type Counters, newCounters, type ServerMetrics } from './metrics.js'
import type { Goodbye, Settings } from './options.js'
import type { Outlet } from './outlet.js'
import type { Peer } from './peer.js'
import type { BroadcastOptions } from './public.js'
import { SessionBook } from './session-book.js'
import type { ServerSocket } from './socket.js'

/** Who uses a socket: a connection with its seat, or nobody, while one that was refused closes. */
interface Guest {
  readonly seat: Seat
  readonly connection: Connection
}

/** The server without HTTP: it takes any socket of five methods, and keeps every one until it has closed. */
export class Hub implements Street {
  readonly settings: Settings
  readonly clock: Clock
  readonly counters: Counters = newCounters()
  readonly book = new ChannelBook()
  readonly histories: Histories
  readonly dedupe: Dedupe
  readonly contract: ContractCheck
  readonly clients = new Set<Peer>()
  readonly sessions: SessionBook | undefined
  readonly pings: Deadlines<Connection>
  readonly greetings: Deadlines<Connection>
  readonly polls: Deadlines<Outlet>
  readonly #gate: Gate
  readonly #sockets = new Map<ServerSocket, Guest | undefined>()
  readonly #lingering: Deadlines<ServerSocket>
  #lastId = 0
  #closing: Refusal | undefined
  #onEmpty: (() => void) | undefined

  constructor(settings: Settings, clock: Clock = realClock) {
    this.settings = settings
    this.clock = clock
    const { history = new MemoryHistory(clock), histories, wire } = settings
    this.histories = new Histories(history, histories, wire, (channel, entry) => {
      for (const member of this.book.members(channel)) {
        if (entry.except === undefined || entry.except !== member.page) member.deliver(entry)
      }
    })
    this.dedupe = new Dedupe(settings.dedupe ?? new MemoryDedupe(clock), settings.logger)
    this.contract = new ContractCheck(settings.contract, settings.validate, settings.logger, clock)
    this.sessions = settings.sessions && new SessionBook(settings.sessions, this)
    this.pings = new Deadlines(clock, settings.pingIntervalMs, (connection) => connection.ping())
    this.greetings = new Deadlines(clock, settings.authTimeoutMs, (connection) => connection.expire())
    this.polls = new Deadlines(clock, STREAM_POLL_MS, (outlet) => outlet.poll())
    this.#lingering = new Deadlines(clock, CLOSE_GRACE_MS, (socket) => this.cut(socket))
    this.#gate = new Gate(settings)
  }

  /** Whether even the sockets of refused clients are too many to take one more. */
  get isFull(): boolean {
    return this.#sockets.size >= 2 * this.settings.limits.maxConnections
  }

  accept(socket: ServerSocket, request: IncomingMessage): void {
    const admitted = this.#closing ?? this.#gate.admit(request)
    if ('code' in admitted) return this.#turnAway(socket, admitted)
    const connection = new Connection(this.nextId(), admitted.address, socket, this)
    this.#sockets.set(socket, { seat: admitted, connection })
    socket.listen({
      onMessage: (data) => connection.receive(data),
      onError: (error) => {
        connection.protocolError(error.message)
        this.#lingering.add(socket)
      },
      onClose: (code, reason) => this.#forget(socket, code, reason),
    })
    connection.start(request)
  }

  broadcast(channel: string, event: string, data: unknown, options: BroadcastOptions = {}): number {
    const { except, volatile: isVolatile } = options
    this.contract.sending({ channel, event, data })
    const page = except instanceof Client ? except.page : undefined
    const kept = isVolatile ? undefined : this.histories.record(channel, event, data, page)
    const members = this.book.members(channel)
    if (members.size === 0) return 0
    const message = kept ?? encodeFrame(this.settings.wire, { channel, event, data })
    let sent = 0
    for (const member of members) {
      if (member !== except && member.deliver(message, isVolatile)) sent += 1
    }
    return sent
  }

  metrics(): ServerMetrics {
    const sessions = this.sessions?.size ?? 0
    const sessionsDetached = this.sessions?.detachedSize ?? 0
    const connections = this.clients.size - sessionsDetached
    return { ...this.counters, connections, channels: this.book.size, sessions, sessionsDetached }
  }

  /** Sends every client away; whoever comes from now on is sent away too. */
  async close({ windowMs, graceMs, reason, url }: Goodbye): Promise<void> {
    const { clock } = this
    const dueAt = clock.now() + windowMs + graceMs
    const window = { minMs: 0, maxMs: windowMs }
    this.#closing = { code: 1012, reason, window }
    const departure = this.sessions?.depart({ reason, window, graceMs, url })
    const connections = [...this.#sockets.values()].flatMap((guest) => guest?.connection ?? [])
    const departing = connections.filter((connection) => connection.departs)
    for (const connection of connections) if (!connection.departs) connection.close(1012, reason, window)
    if (departing.length > 0) await this.#emptied(windowMs + graceMs)
    // Before the pages come back: what another server is to go on with has to be there.
    await departure?.end(dueAt - clock.now())
    for (const connection of departing) connection.close(1012, reason, window)
    await this.#emptied(graceMs)
    for (const socket of this.#sockets.keys()) this.cut(socket)
    this.histories.close()
    this.contract.close()
  }

  nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }

  entered(client: Peer): void {
    const { onConnect, logger } = this.settings
    this.counters.connectionsTotal += 1
    this.clients.add(client)
    if (onConnect) guard(logger, 'onConnect', () => onConnect(client))
  }

  left(client: Peer, code: number, reason: string): void {
    const { onDisconnect, logger } = this.settings
    this.clients.delete(client)
    // Not now: a broadcast that met a slow reader must reach the others before what the app sends here.
    if (onDisconnect) queueMicrotask(() => guard(logger, 'onDisconnect', () => onDisconnect(client, code, reason)))
  }

  dismiss(socket: ServerSocket, code: number, reason: string): void {
    this.#lingering.add(socket)
    socket.close(code, reason)
  }

  cut(socket: ServerSocket): void {
    socket.terminate()
    this.#forget(socket, 1006, '')
  }

  #turnAway(socket: ServerSocket, { code, reason, window }: Refusal): void {
    this.counters.refused += 1
    this.#sockets.set(socket, undefined)
    socket.listen({ onMessage() {}, onError() {}, onClose: () => this.#forget(socket, code, reason) })
    this.dismiss(socket, code, closeReason(reason, window))
  }

  #forget(socket: ServerSocket, code: number, reason: string): void {
    const guest = this.#sockets.get(socket)
    this.#sockets.delete(socket)
    this.#lingering.delete(socket)
    guest?.seat.leave()
    guest?.connection.lost(code, reason)
    if (this.#sockets.size === 0) this.#onEmpty?.()
  }

  /** Resolves when the last socket has closed, or after `ms`. */
  async #emptied(ms: number): Promise<void> {
    if (this.#sockets.size === 0) return
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve
    })
    await within(this.clock, ms, empty)
  }
}
