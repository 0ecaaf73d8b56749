import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer, type Server as HttpServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer, type Server } from '../../src/server/index.js'
import { type App, LIMITS } from '../app.js'
import { createAnalyser } from './analyse.js'
import type { Answerer } from './answerer.js'
import { ChatLog, createChat } from './chat.js'
import { textOf } from './input.js'
import type { Visitors } from './visitors.js'

/** Often, so that the page's chart of the round trip moves. */
const PING_MS = 2_000
/** How long the server is down in a restart, and the time in which clients come back, in ms. */
const DOWN_MS = 2_000
const COME_BACK_MS = 4_000

/**
 * The server that the page talks to, behind the fault proxy: on a Unix socket or named pipe, so that the demo has one
 * port. It can be restarted; what a database would keep is kept.
 */
export class Backend {
  readonly path =
    process.platform === 'win32' ? `\\\\.\\pipe\\holdfast-${randomUUID()}` : join(tmpdir(), `holdfast-${randomUUID()}`)
  private readonly log = new ChatLog()
  private http: HttpServer | undefined
  private server: Server<App> | undefined

  constructor(
    private readonly visitors: Visitors,
    private readonly answerer: Answerer,
  ) {}

  async start(): Promise<void> {
    const http = createHttpServer()
    this.http = http
    this.server = this.createServer(http)
    http.listen(this.path)
    await once(http, 'listening')
  }

  /** Tells everybody when to come back, is gone for a while, and starts anew. */
  async restart(): Promise<void> {
    await this.stop(COME_BACK_MS)
    await sleep(DOWN_MS)
    await this.start()
  }

  /** Sends everybody away, each to come back at a moment of its own. */
  throwAway(): void {
    for (const client of this.server?.clients ?? []) {
      client.close(1012, 'thrown away', { minMs: 0, maxMs: COME_BACK_MS })
    }
  }

  expireTokens(): void {
    this.visitors.expireAll()
    for (const client of this.server?.clients ?? []) client.close(4401, 'token expired')
  }

  async stop(windowMs = 0): Promise<void> {
    await this.server?.close({ windowMs, graceMs: 500, reason: 'restart' })
    await new Promise((resolve) => this.http?.close(resolve))
  }

  private createServer(http: HttpServer): Server<App> {
    const chat = createChat(this.log, () => server)
    const analyser = createAnalyser()
    const server = createServer<App>({
      server: http,
      path: '/ws',
      pingIntervalMs: PING_MS,
      auth: ({ token }) => this.visitors.check(token),
      // All come from the proxy, and so from one address.
      limits: { maxPayload: 2 * LIMITS.chunk, maxConnections: 500, maxConnectionsPerAddress: 500 },
      requests: {
        ...chat.requests,
        'ask.who': () => this.answerer.who,
        ask: (params, { signal }) => this.answerer.answer(textOf(params.question, LIMITS.question, 'question'), signal),
        analyse: analyser.analyse,
      },
      channels: { chat: chat.channel },
      onMessage: analyser.onMessage,
    })
    return server
  }
}
