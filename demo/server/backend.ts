import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createServer,
  memoryDedupe,
  memoryHistory,
  memorySessions,
  type Server,
  type ServerOptions,
} from '../../src/server/index.js'
import { type App, LIMITS } from '../app.js'
import { createAnalyser } from './analyse.js'
import type { Answerer } from './answerer.js'
import { createChat } from './chat.js'
import { textOf } from './input.js'
import type { Visitors } from './visitors.js'

/** Often, so that a black hole is noticed soon, and the page's chart of the round trip moves. */
const PING_MS = 2_000
/** How long nobody is there after a kill, in ms. */
const DOWN_MS = 2_000
/** In a planned restart: the time in which pages come over, and the time for what they have begun, in ms. */
const COME_OVER_MS = 4_000
const FINISH_MS = 10_000

/** A server, and the Unix socket or named pipe that it listens on. */
interface Running {
  readonly path: string
  readonly http: HttpServer
  readonly server: Server<App>
}

/** What a server hands on to its successor; who is killed hands on nothing. */
const createMemory = () => ({
  sessions: { store: memorySessions() },
  history: memoryHistory(),
  dedupe: memoryDedupe(),
})

/** The server that the page talks to, behind the fault proxy, and all that come after it. */
export class Backend {
  private readonly chat = createChat(() => this.servers)
  private memory = createMemory()
  private running: Running | undefined
  private readonly leaving = new Set<Running>()
  private started = 0

  constructor(
    private readonly visitors: Visitors,
    private readonly answerer: Answerer,
  ) {}

  /** Where the newest server listens. */
  get path(): string {
    return this.running?.path ?? nowhere()
  }

  async start(): Promise<void> {
    const path = nowhere()
    const http = createHttpServer()
    http.listen(path)
    await once(http, 'listening')
    this.running = { path, http, server: createServer<App>(this.optionsFor(http, ++this.started)) }
  }

  /** A planned restart: the next server is there before this one goes. Resolves when it has gone. */
  async restart(): Promise<void> {
    const old = this.running
    await this.start()
    if (old) await this.dismiss(old, COME_OVER_MS, FINISH_MS)
  }

  /** The server is gone, with all that it remembered; after a while there is another one. */
  async kill(): Promise<void> {
    this.memory = createMemory()
    await this.stop()
    await sleep(DOWN_MS)
    await this.start()
  }

  async stop(): Promise<void> {
    const { running } = this
    this.running = undefined
    if (running) await this.dismiss(running, 0, 0)
  }

  private get servers(): Server<App>[] {
    return [...(this.running ? [this.running] : []), ...this.leaving].map(({ server }) => server)
  }

  private async dismiss(old: Running, windowMs: number, graceMs: number): Promise<void> {
    this.leaving.add(old)
    await old.server.close({ windowMs, graceMs })
    this.leaving.delete(old)
    await new Promise((resolve) => old.http.close(resolve))
  }

  private optionsFor(http: HttpServer, number: number): ServerOptions<App> {
    const analyser = createAnalyser()
    return {
      ...this.memory,
      server: http,
      path: '/ws',
      pingIntervalMs: PING_MS,
      auth: ({ token }) => this.visitors.check(token),
      // All come from the proxy, and so from one address.
      limits: { maxPayload: 2 * LIMITS.chunk, maxConnections: 500, maxConnectionsPerAddress: 500 },
      requests: {
        'chat.rename': this.chat.rename,
        'ask.who': () => this.answerer.who,
        ask: (params, { signal }) => this.answerer.answer(textOf(params.question, LIMITS.question, 'question'), signal),
        analyse: analyser.analyse,
      },
      channels: { chat: this.chat.channelOf(number) },
      onMessage: analyser.onMessage,
    }
  }
}

/** A path on which nobody listens. */
const nowhere = (): string =>
  process.platform === 'win32' ? `\\\\.\\pipe\\holdfast-${randomUUID()}` : join(tmpdir(), `holdfast-${randomUUID()}`)
