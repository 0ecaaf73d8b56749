import { ArrayQueue, ConstantBackoff, WebsocketBuilder } from 'websocket-ts'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: 'websocket-ts',
  package: 'websocket-ts',
  host: 'text',
  connect({ url, onOpen, onClose, onMessage, onBytes, delayMs }) {
    const socket = new WebsocketBuilder(url)
      .withBuffer(new ArrayQueue())
      .withBackoff(new ConstantBackoff(delayMs))
      .onOpen((socket) => {
        // It is forgotten with each connection.
        socket.binaryType = 'arraybuffer'
        onOpen()
      })
      .onClose(onClose)
      .onMessage((_, { data }) => {
        if (data instanceof ArrayBuffer) onBytes(data)
        else onMessage(JSON.parse(data))
      })
      .build()
    return {
      send: (message) => socket.send(JSON.stringify(message)),
      sendBytes: (bytes) => socket.send(bytes),
      close: () => socket.close(),
    }
  },
}

export default peer
