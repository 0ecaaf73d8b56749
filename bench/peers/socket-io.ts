/** The server decides on its heartbeat, and keeps what a page misses. */
import { io, type Socket } from 'socket.io-client'
import type { FromPage, FromServer } from '../hosts/socket-io.js'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: 'socket.io',
  package: 'socket.io-client',
  host: 'socket-io',
  connect({ url, onOpen, onClose, onMessage, onBytes, delayMs }) {
    const socket: Socket<FromServer, FromPage> = io(url, {
      transports: ['websocket'],
      reconnectionDelay: delayMs,
      reconnectionDelayMax: delayMs,
      randomizationFactor: 0,
      forceNew: true,
    })
    socket.on('connect', onOpen)
    socket.on('disconnect', onClose)
    socket.on('message', onMessage)
    socket.on('bytes', onBytes)
    return {
      send: (message) => void socket.emit('message', message),
      sendBytes: (bytes) => void socket.emit('bytes', bytes),
      request: (n) => socket.emitWithAck('next', n),
      close: () => void socket.disconnect(),
    }
  },
}

export default peer
