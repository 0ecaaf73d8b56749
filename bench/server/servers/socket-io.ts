import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { CHANNEL, EVENT, METHOD, numbered } from '../messages.js'
import type { Kit } from './kit.js'
import { PING_MS } from './kit.js'
import { listen } from './listen.js'

/** With recovery a client that was cut gets what it missed within two minutes. */
export function socketIo(recovers: boolean): Kit {
  const http = createServer()
  const io = new Server(http, {
    transports: ['websocket'],
    pingInterval: PING_MS,
    pingTimeout: PING_MS,
    serveClient: false,
    ...(recovers && { connectionStateRecovery: {} }),
  })
  return {
    start({ onMessage }) {
      io.on('connection', (socket) => {
        void socket.join(CHANNEL)
        socket.on('message', onMessage)
        socket.on(METHOD, (n: number, answer: (result: number) => void) => answer(n + 1))
      })
      return listen(http)
    },
    broadcast: (n) => void io.to(CHANNEL).emit(EVENT, numbered(n)),
    unacknowledged: () => 0,
  }
}
