/** WebSocket alone, and it recovers what a page has missed. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import type { Numbered } from '../peers/peer.js'
import type { HostEvents, RunningHost } from './host.js'
import { portOf } from './ws.js'

export interface FromPage {
  message(message: Numbered): void
  bytes(bytes: Uint8Array): void
  next(n: number, answer: (result: number) => void): void
}

export interface FromServer {
  message(message: Numbered): void
  bytes(bytes: ArrayBuffer): void
}

interface ToPage {
  message(message: Numbered): void
  bytes(bytes: Uint8Array): void
}

/** `heartbeatMs`: interval and timeout of its pings, in ms, in place of its own. */
export async function start(events: HostEvents, heartbeatMs?: number): Promise<RunningHost> {
  const http = createServer()
  const server = new Server<FromPage, ToPage>(http, {
    transports: ['websocket'],
    serveClient: false,
    connectionStateRecovery: {},
    ...(heartbeatMs !== undefined && { pingInterval: heartbeatMs, pingTimeout: heartbeatMs }),
  })
  server.on('connection', (socket) => {
    /** Bytes that the library keeps until the socket takes more. */
    let kept = 0
    socket.conn.on('packetCreate', ({ data = '' }) => {
      kept += data.length
    })
    socket.conn.on('flush', () => {
      kept = 0
    })
    socket.on('message', events.onMessage)
    socket.on('bytes', events.onBytes)
    socket.on('next', (n, answer) => answer(n + 1))
    events.onClient({
      send: (message) => void socket.emit('message', message),
      sendBytes: (bytes) => void socket.emit('bytes', bytes),
      bufferedAmount: () => kept + socket.request.socket.writableLength,
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return { port: portOf(http.address()), close: () => server.close() }
}
