import { once } from 'node:events'
import { WebSocketServer } from 'ws'
import { rawOf, readRaw } from '../workload.js'
import type { ContenderServer } from './contender.js'

/** A server as one writes it for a page that has no protocol of its own. It gives up sockets that leave a ping unanswered. */
export async function serveWs(pingMs: number, onHeard: (n: number) => void): Promise<ContenderServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  const silent = new WeakSet<object>()
  server.on('connection', (socket) => {
    socket.on('message', (data) => onHeard(readRaw(String(data))))
    socket.on('pong', () => silent.delete(socket))
    socket.on('error', () => {})
  })
  const pings = setInterval(() => {
    for (const socket of server.clients) {
      if (silent.has(socket)) socket.terminate()
      silent.add(socket)
      socket.ping()
    }
  }, pingMs)
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('The server has no port.')
  return {
    port: address.port,
    say(n) {
      for (const socket of server.clients) socket.send(rawOf(n))
    },
    close() {
      clearInterval(pings)
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}
