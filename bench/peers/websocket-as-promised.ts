/** Requests over a WebSocket. It does not come back by itself. */
import WebSocketAsPromised from 'websocket-as-promised'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: 'websocket-as-promised',
  package: 'websocket-as-promised',
  host: 'text',
  connect({ url, onOpen, onClose, onMessage, onBytes }) {
    const socket = new WebSocketAsPromised(url, {
      createWebSocket(url) {
        const socket = new WebSocket(url)
        socket.binaryType = 'arraybuffer'
        return socket
      },
      packMessage: (data) => JSON.stringify(data),
      unpackMessage: (data) => (typeof data === 'string' ? JSON.parse(data) : undefined),
      attachRequestId: (data, id) => ({ ...data, id }),
      extractRequestId: ({ id }) => id,
    })
    socket.onOpen.addListener(onOpen)
    socket.onClose.addListener(onClose)
    socket.onUnpackedMessage.addListener((message) => {
      if (message.id === undefined) onMessage(message)
    })
    socket.onMessage.addListener((data) => {
      if (data instanceof ArrayBuffer) onBytes(data)
    })
    // That it could not is told by `onClose` too.
    socket.open().catch(() => {})
    return {
      send: (message) => socket.sendPacked(message),
      // By its types it takes no view.
      sendBytes: (bytes) => socket.send(bytes.slice().buffer),
      request: async (n) => (await socket.sendRequest({ method: 'next', params: { n } })).result,
      close: () => void socket.close(),
    }
  },
}

export default peer
