/** A WebSocket and nothing else: the limit. */
import { handWritten } from './hand-written.js'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: 'bare WebSocket',
  host: 'text',
  connect(options) {
    const socket = new WebSocket(options.url)
    const { read, request } = handWritten(options, (text) => socket.send(text))
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => options.onOpen()
    socket.onclose = () => options.onClose()
    socket.onmessage = ({ data }) => read(data)
    return {
      send: (message) => socket.send(JSON.stringify(message)),
      sendBytes: (bytes) => socket.send(bytes),
      request,
      close: () => socket.close(),
    }
  },
}

export default peer
