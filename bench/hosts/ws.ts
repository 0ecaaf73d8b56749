import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import type { RunningHost } from './host.js'

/** A server of `ws` on loopback, as the wires without a server of their own are written on it. */
export async function serveWs(onSocket: (socket: WebSocket) => void): Promise<RunningHost> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  server.on('connection', (socket) => {
    socket.on('error', () => {})
    onSocket(socket)
  })
  await once(server, 'listening')
  return {
    port: portOf(server.address()),
    close() {
      for (const socket of server.clients) socket.terminate()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}

/** Calls back with what arrives. */
export function hear(socket: WebSocket, onText: (text: string) => void, onBytes: (bytes: Uint8Array) => void): void {
  socket.on('message', (data, isBinary) => {
    if (!isBinary) onText(data.toString())
    else if (Buffer.isBuffer(data)) onBytes(data)
  })
}

export function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || !address) throw new Error('The server has no port.')
  return address.port
}
