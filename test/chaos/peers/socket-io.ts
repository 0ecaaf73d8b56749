/** Its best configuration: it recovers the state of a connection, retries without end, and does not fall back to HTTP. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { numbered } from '../workload.js'
import { type Contender, nameOf, WAITS } from './contender.js'

export const socketIo: Contender = {
  name: nameOf('socket.io'),
  async serve(onHeard) {
    const http = createServer()
    const server = new Server(http, {
      connectionStateRecovery: {},
      transports: ['websocket'],
      pingInterval: WAITS.pingMs,
      pingTimeout: WAITS.pongMs,
    })
    server.on('connection', (socket) => {
      socket.on('line', ({ n }, done) => {
        onHeard(n)
        done()
      })
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    const address = http.address()
    if (typeof address !== 'object' || !address) throw new Error('The server has no port.')
    return {
      port: address.port,
      say: (n) => void server.emit('line', numbered(n)),
      close: () => void server.close(),
    }
  },
  connect(url, notes) {
    const socket = io(url.replace('ws:', 'http:'), {
      transports: ['websocket'],
      // At least once, in order, by its documentation.
      retries: Number.POSITIVE_INFINITY,
      ackTimeout: WAITS.openMs,
      reconnectionDelay: WAITS.firstMs,
      reconnectionDelayMax: WAITS.mostMs,
      timeout: WAITS.openMs,
      forceNew: true,
    })
    let connected = 0
    socket.on('connect', () => {
      if (connected++ > 0) notes.reconnected(socket.recovered)
    })
    socket.on('line', ({ n }) => notes.heard(n))
    return {
      say(n) {
        socket.emit('line', numbered(n), (error: unknown) => {
          if (error) notes.doubted(1)
        })
      },
      close: () => void socket.close(),
    }
  },
}
