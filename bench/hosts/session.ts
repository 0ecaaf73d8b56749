/** The server kit, with sessions. */
import type { Socket } from 'node:net'
import { createServer } from '../../src/server/index.js'
import type { StartHost } from './host.js'

export interface App {
  requests: { next: { params: { n: number }; result: number } }
}

const MANY = 1_000_000
const MUCH = 2 ** 30

export const start: StartHost = async ({ onClient, onMessage, onBytes }) => {
  /** By the address of the client, which is therefore one of its own. */
  const sockets = new Map<string, Socket>()
  const server = createServer<App>({
    host: '127.0.0.1',
    port: 0,
    origins: '*',
    address({ socket }) {
      const address = `${socket.remoteAddress}:${socket.remotePort}`
      sockets.set(address, socket)
      socket.once('close', () => sockets.delete(address))
      return address
    },
    limits: { messagesPerSecond: MANY, maxConnections: MANY, maxOpenRequests: MANY, maxBufferedBytes: MUCH },
    sessions: { maxMessages: MANY, maxBytes: MUCH, maxTotalBytes: MUCH },
    requests: { next: ({ n }) => n + 1 },
    onConnect(client) {
      onClient({
        send: (message) => client.sendRaw(JSON.stringify(message)),
        sendBytes: (bytes) => client.sendRaw(bytes),
        bufferedAmount: () => sockets.get(client.address)?.writableLength ?? 0,
      })
    },
    onMessage(data) {
      if (typeof data === 'string') onMessage(JSON.parse(data))
      else onBytes(data)
    },
  })
  return { port: await server.listening(), close: () => server.close({ windowMs: 0, graceMs: 0 }) }
}
