import { once } from 'node:events'
import { Server } from 'rpc-websockets'
import type { StartHost } from './host.js'
import { portOf } from './ws.js'

export const start: StartHost = async ({ onClient, onMessage }) => {
  const server = new Server({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
  // Of its events: to all that have subscribed, which is one page.
  server.event('message')
  server.register('message', ({ n, text }) => onMessage({ n, text }))
  server.register('next', ({ n }) => n + 1)
  server.on('connection', (socket) => {
    onClient({
      send: (message) => void server.emit('message', message),
      sendBytes() {
        throw new Error('rpc-websockets has no bytes.')
      },
      bufferedAmount: () => socket.bufferedAmount,
    })
  })
  await once(server.wss, 'listening')
  return {
    port: portOf(server.wss.address()),
    close() {
      for (const socket of server.wss.clients) socket.terminate()
      return server.close()
    },
  }
}
