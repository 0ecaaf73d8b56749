import { Server } from 'socket.io'
import { io, WebSocket as Transport } from 'socket.io-client'
import type { Library } from '../library.js'
import { serveHttp } from '../serve.js'

export const socketIo: Library = {
  name: 'socket.io-client',
  start: () =>
    serveHttp((http) => {
      const server = new Server(http)
      server.on('connection', (socket) => socket.on('echo', (n, answer) => answer(n)))
      return () => server.close()
    }),
  connect(url, WebSocket) {
    class HoldfastTransport extends Transport {
      override createSocket(uri: string, protocols: string | string[] | undefined) {
        return new WebSocket(uri, protocols)
      }
    }
    const socket = io(url.replace('ws', 'http'), {
      transports: [HoldfastTransport],
      reconnectionDelay: 100,
      reconnectionDelayMax: 500,
      forceNew: true,
    })
    return { echo: (n) => socket.timeout(1000).emitWithAck('echo', n), close: () => socket.disconnect() }
  },
}
