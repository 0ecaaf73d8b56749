import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { WebSocketServer } from 'ws'
import type { RunningHost } from '../../bench/hosts/host.js'
import { portOf } from '../../bench/hosts/ws.js'

/** A server of `ws` when it listens; `first` is called before it is closed. */
export async function listening(server: WebSocketServer, first?: () => unknown): Promise<RunningHost> {
  await once(server, 'listening')
  return {
    port: portOf(server.address()),
    async close() {
      await first?.()
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}

/** An HTTP server on which somebody else takes WebSockets; `first` is called before it is closed. */
export async function serveHttp(attach: (http: Server) => (() => unknown) | undefined): Promise<RunningHost> {
  const http = createServer()
  const first = attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    port: portOf(http.address()),
    async close() {
      await first?.()
      http.close()
      http.closeAllConnections()
    },
  }
}
