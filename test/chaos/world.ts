/** A server with its app, and the way to it: a world for one page. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { Socket } from 'node:net'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import { createHost, type Host } from './host.js'
import { openStage, type Stage } from './stage.js'
import type { App } from './workload.js'

/** What a server may share with the one after it. */
export type Stores = Pick<ServerOptions<App>, 'dedupe' | 'history'>

export interface World {
  readonly host: Host
  readonly stage: Stage
  /** Servers that ended without a goodbye, and with a goodbye. */
  readonly crashes: number
  readonly restarts: number
  /** The server is gone from one moment to the next, and another one comes. */
  crash(): Promise<void>
  /** The server says goodbye, and another one comes. Resolves when the old one has ended. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** One server, and how to do away with it. */
interface Running {
  readonly server: Server<App>
  readonly port: number
  /** No one is listening from now on; what is connected stays. */
  stopListening(): void
  kill(): void
}

const QUIET = { debug() {}, warn() {}, error: (...message: unknown[]) => console.error(...message) }
const GOODBYE = { windowMs: 50, graceMs: 1000 }

/** Each server is made with what `stores` gives for it. */
export async function openWorld(seed: number, stores: () => Stores = () => ({})): Promise<World> {
  const host = createHost()
  let onLeft = (): void => {}
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
    const server = createServer<App>({
      server: http,
      origins: '*',
      pingIntervalMs: 200,
      logger: QUIET,
      onDisconnect: () => onLeft(),
      ...host.app,
      ...stores(),
    })
    return {
      server,
      port: address.port,
      stopListening: () => void http.close(),
      kill() {
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

  return {
    host,
    stage,
    get crashes() {
      return crashes
    },
    get restarts() {
      return restarts
    },
    async crash() {
      crashes++
      host.serve(undefined)
      running.kill()
      running = await run(running.port)
      host.serve(running.server)
    },
    async restart() {
      restarts++
      const old = running
      const closed = old.server.close(GOODBYE)
      old.stopListening()
      running = await run(old.port)
      const { server } = running
      // As long as the page is with the old server, what the app says to its channels goes there.
      onLeft = () => {
        if (old.server.clients.size === 0) host.serve(server)
      }
      await closed
      onLeft = () => {}
      host.serve(server)
    },
    async close() {
      host.stop()
      await stage.close()
      running.kill()
    },
  }
}
