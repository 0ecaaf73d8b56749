/** A server with its app, and the way to it: a world for one page. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { Socket } from 'node:net'
import {
  createServer,
  type Server,
  type ServerOptions,
  type SessionRecord,
  type SessionStore,
} from '../../src/server/index.js'
import { createHost, type Host } from './host.js'
import { openStage, type Stage } from './stage.js'
import type { App } from './workload.js'

/** What a server may share with the one after it. */
export interface Stores extends Pick<ServerOptions<App>, 'dedupe' | 'history'> {
  readonly sessions?: SessionStore
}

/** Makes a server; in place of `createServer`, one with a part taken out. */
export type MakeServer = (options: ServerOptions<App>) => Pick<Server<App>, 'broadcast' | 'close'>

export interface World {
  readonly host: Host
  readonly stage: Stage
  /** Servers that ended without a goodbye, and with a goodbye. */
  readonly crashes: number
  readonly restarts: number
  // One after another: who asks while something goes on waits for it.
  /** The server is gone from one moment to the next, and another one comes. */
  crash(): Promise<void>
  /** The server says goodbye, and another one comes. Resolves when the old one has ended. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** One server, and how to do away with it. */
interface Running {
  readonly server: ReturnType<MakeServer>
  readonly port: number
  /** No one is listening from now on; what is connected stays. */
  stopListening(): void
  kill(): void
}

const QUIET = { debug() {}, warn() {}, error: (...message: unknown[]) => console.error(...message) }
/** The time that a goodbye may take, on a machine that is busy. */
const CLOSED_WITHIN_MS = 10_000
const GOODBYE = { windowMs: 100, graceMs: 600 }

/** Each server is made with what `stores` gives for it. */
export async function openWorld(
  seed: number,
  stores: () => Stores,
  makeServer: MakeServer = createServer,
): Promise<World> {
  const host = createHost()
  const run = async (port: number): Promise<Running> => {
    const http = createHttpServer()
    const sockets = new Set<Socket>()
    http.on('connection', (socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    http.listen(port, '127.0.0.1')
    await once(http, 'listening')
    const address = http.address()
    if (typeof address !== 'object' || !address) throw new Error('The server has no port.')
    const { sessions, ...others } = stores()
    const life = { isDead: false }
    const store = sessions && {
      ...sessions,
      // What has crashed says nothing any more.
      save: (record: SessionRecord) => (life.isDead ? undefined : sessions.save(record)),
    }
    const server: ReturnType<MakeServer> = makeServer({
      server: http,
      origins: '*',
      pingIntervalMs: 200,
      logger: QUIET,
      onConnect: () => host.serve(server),
      ...host.appOf(life),
      ...(store && { sessions: { store } }),
      ...others,
    })
    return {
      server,
      port: address.port,
      stopListening: () => void http.close(),
      kill() {
        life.isDead = true
        http.close()
        for (const socket of sockets) socket.destroy()
        void server.close({ graceMs: 0 })
      },
    }
  }

  let running = await run(0)
  host.serve(running.server)
  const stage = await openStage(running.port, seed)
  let crashes = 0
  let restarts = 0

  let turn = Promise.resolve()
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    turn = turn.then(act)
    return turn
  }

  return {
    host,
    stage,
    get crashes() {
      return crashes
    },
    get restarts() {
      return restarts
    },
    crash: () =>
      inTurn(async () => {
        crashes++
        host.serve(undefined)
        running.kill()
        running = await run(running.port)
        host.serve(running.server)
      }),
    restart: () =>
      inTurn(async () => {
        restarts++
        const old = running
        const closed = old.server.close(GOODBYE)
        old.stopListening()
        running = await run(old.port)
        // Until the page is with the new server, what the app says to its channels goes to the old one.
        await within(CLOSED_WITHIN_MS, closed, 'The server has not closed.')
        host.serve(running.server)
      }),
    async close() {
      host.stop()
      await turn
      await stage.close()
      running.kill()
    },
  }
}

/** Rejects if a promise has not resolved after `ms`. */
async function within(ms: number, promise: Promise<unknown>, why: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(why)), ms)
  })
  await Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
