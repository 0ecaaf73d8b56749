import { once } from 'node:events'
import { createServer, type Server as HttpServer, type IncomingMessage, STATUS_CODES } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { Hub } from './hub.js'
import { WsSocket } from './ws-adapter.js'

export type AnyHttpServer = HttpServer | HttpsServer

/** A server for upgrades alone: it tells anybody else what to do. */
export function createUpgradeServer(): HttpServer {
  return createServer((_request, response) => {
    response.writeHead(426, { upgrade: 'websocket', connection: 'upgrade', 'content-type': 'text/plain' })
    response.end('This is a WebSocket server: connect with ws:// or wss://.\n')
  })
}

/** Resolves with the port, 0 for a pipe, when the server listens; rejects if it cannot, or if the signal aborts. */
export async function whenListening(http: AnyHttpServer, signal: AbortSignal): Promise<number> {
  if (!http.listening) await once(http, 'listening', { signal })
  const address = http.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Stops listening. Gives a function that ends what is still connected, and resolves when that is over. */
export async function stopListening(http: AnyHttpServer, listening: Promise<number>): Promise<() => Promise<void>> {
  // What is about to listen cannot be closed yet.
  await Promise.allSettled([listening])
  const closed = new Promise<void>((resolve) => http.close(() => resolve()))
  return () => {
    http.closeAllConnections()
    return closed
  }
}

/** Hands the sockets of upgrades to the hub. Gives a function that ends that. */
export function takeUpgrades(http: AnyHttpServer, hub: Hub): () => void {
  const { path, limits } = hub.settings
  const upgrader = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: limits.maxPayload })

  const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (path !== undefined && request.url?.split('?', 1)[0] !== path) {
      // Another listener may know this path. Where there is none, nobody would ever answer.
      if (http.listenerCount('upgrade') === 1) refuse(socket, 404)
    } else if (hub.isFull) {
      refuse(socket, 503)
    } else {
      upgrader.handleUpgrade(request, socket, head, (ws) => hub.accept(new WsSocket(ws, socket), request))
    }
  }
  http.on('upgrade', onUpgrade)
  return () => http.off('upgrade', onUpgrade)
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}
