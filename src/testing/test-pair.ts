import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { type Client, type ConnectOptions, connect, type UntypedApp } from '../index.js'
import { Hub } from '../server/hub.js'
import { normalize, normalizeClose } from '../server/options.js'
import type { CloseOptions, Server, ServerOptions } from '../server/public.js'
import { type FakeEnvironment, fakeEnvironment } from './fake-environment.js'
import { FakeWebSocket } from './fake-web-socket.js'
import { PairConnection, type PairWay } from './pair-connection.js'

/** The step in which `run` lets time pass, in ms. */
const STEP_MS = 10
/** Rounds in which `settle` expects two ends to come to rest: more of them mean two that answer each other for ever. */
const MOST_ROUNDS = 10_000

/** The server of a pair: as `createServer` gives it, without a port. */
export type PairServer = Pick<Server, 'clients' | 'broadcast' | 'members' | 'metrics' | 'close'>

/** Options of a pair: those of both ends, but for what the pair replaces. */
export interface TestPairOptions<App = UntypedApp> {
  /** What makes the client, such as `connectWith` with a contract. Default: `connect`. */
  connect?: (url: string, options: ConnectOptions) => Client<App>
  client?: Omit<ConnectOptions, 'environment'>
  server?: Omit<ServerOptions, 'port' | 'host' | 'server' | 'path'>
}

/** A client and a server in memory. Nothing arrives and no time passes unless the test says so. Times in ms. */
export interface TestPair<App = UntypedApp> {
  readonly client: Client<App>
  /** The present server: after `restart` another one. */
  readonly server: PairServer
  /** The world of both ends: clock, hints of the page, logs. */
  readonly environment: FakeEnvironment
  /** Every connection that was made, oldest first. */
  readonly connections: readonly PairConnection[]
  /** The newest connection: its two ways, `up` to the server and `down` to the page, hold what is under way. */
  readonly connection: PairConnection
  readonly up: PairWay
  readonly down: PairWay
  /** Lets everything arrive that is under way, and what comes of it, until nothing more does. No time passes. */
  settle(): Promise<void>
  /**
   * Lets time pass on both ends; whatever is sent meanwhile arrives, after `stepMs` (default 10) at most.
   * `environment.advance` holds it back instead.
   */
  run(ms: number, stepMs?: number): Promise<void>
  /**
   * The server's process dies, unannounced, and another takes its place. What it knew is gone, but for the stores that
   * `options` hand on. Default: the options of the first one, with fresh stores.
   */
  restart(options?: TestPairOptions['server']): void
  /**
   * A planned restart: the server says goodbye as `close` does, and whoever dials from now on meets the new one. Resolves
   * when the old one is closed, for which time has to pass.
   */
  move(goodbye?: CloseOptions, options?: TestPairOptions['server']): Promise<void>
  /** Ends the client and the server. Rejects if either leaves a timer behind. */
  close(): Promise<void>
}

/** Connects a client to a server in memory, under one virtual clock. */
export function createTestPair<App = UntypedApp>(options?: TestPairOptions<App>): TestPair<App>
export function createTestPair({ connect: dial = connect, ...options }: TestPairOptions = {}): TestPair {
  const connections: PairConnection[] = []
  const environment: FakeEnvironment = fakeEnvironment({
    WebSocket: class extends FakeWebSocket {
      readonly #connection: PairConnection

      constructor(url: string, protocols?: readonly string[]) {
        super(url, protocols)
        this.#connection = new PairConnection(this, { accept: (socket) => hub.accept(socket, upgradeRequest()) })
        connections.push(this.#connection)
        Object.defineProperty(this, 'bufferedAmount', { get: () => this.#connection.up.bytes })
      }

      override send(data: Parameters<FakeWebSocket['send']>[0]): void {
        super.send(data)
        if (this.readyState === 1) this.#connection.fromPage(wireDataOf(data))
      }

      override close(code?: number, reason?: string): void {
        const wasOpen = this.readyState < 2
        super.close(code, reason)
        if (wasOpen) this.#connection.pageCloses(code ?? 1005, reason ?? '')
      }
    },
  })
  const clock = { now: environment.now, timer: environment.timer, turn: environment.settle }
  const begin = (server: TestPairOptions['server'] = {}): Hub =>
    new Hub(normalize({ logger: environment.logger, ...server, port: 0 }), clock)
  let hub = begin(options.server)

  const newest = (): PairConnection => {
    const connection = connections.at(-1)
    if (!connection) throw new Error('The client has not dialled: let it begin with settle().')
    return connection
  }

  const settle = async (): Promise<void> => {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      await environment.settle()
      let passed = 0
      for (const { up, down } of connections) passed += up.pass() + down.pass()
      if (passed === 0) return
    }
    throw new Error(`The two ends do not come to rest: after ${MOST_ROUNDS} rounds there is still something under way.`)
  }

  const client: Client<UntypedApp> = dial('wss://pair.test/', { ...options.client, environment })
  return {
    client,
    get server() {
      return serverOf(hub)
    },
    environment,
    connections,
    get connection() {
      return newest()
    },
    get up() {
      return newest().up
    },
    get down() {
      return newest().down
    },
    settle,
    async run(ms, stepMs = STEP_MS) {
      for (let left = ms; left > 0; left -= stepMs) {
        await settle()
        await environment.advance(Math.min(left, stepMs))
      }
      await settle()
    },
    restart(server = options.server) {
      const gone = hub
      hub = begin(server)
      for (const connection of connections) if (connection.isOpen) connection.cut()
      void gone.close({ windowMs: 0, graceMs: 0, reason: 'gone' })
    },
    move(goodbye = {}, server = options.server) {
      const gone = hub
      hub = begin(server)
      return gone.close(normalizeClose(goodbye))
    },
    async close() {
      client.close()
      await settle()
      const closed = hub.close({ windowMs: 0, graceMs: 0, reason: 'over' })
      await settle()
      await environment.advance(1)
      await closed
      if (environment.timers > 0) throw new Error(`${environment.timers} timers are left.`)
    },
  }
}

const serverOf = (hub: Hub): PairServer => ({
  clients: hub.clients,
  broadcast: (channel, event, data, options) => hub.broadcast(channel, event, data, options),
  members: (channel) => hub.book.members(channel),
  metrics: () => hub.metrics(),
  close: (options = {}) => hub.close(normalizeClose(options)),
})

const upgradeRequest = (): IncomingMessage => Object.assign(new IncomingMessage(new Socket()), { headers: {} })

function wireDataOf(data: Parameters<FakeWebSocket['send']>[0]): string | ArrayBuffer {
  if (typeof data === 'string') return data
  if (data instanceof ArrayBuffer) return data.slice(0)
  if (ArrayBuffer.isView(data)) return data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
  throw new TypeError('A pair carries text and bytes; a Blob would need real time to be read.')
}
