/** Functions of either end, over a WebSocket as in its README: JSON, so that there are no bytes, and no way back. */
import { createBirpc } from 'birpc'
import type { PageFunctions, ServerFunctions } from '../hosts/birpc.js'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: 'birpc',
  package: 'birpc',
  host: 'birpc',
  connect({ url, onOpen, onClose, onMessage }) {
    const socket = new WebSocket(url)
    socket.onopen = onOpen
    socket.onclose = onClose
    const rpc = createBirpc<ServerFunctions, PageFunctions>(
      { message: onMessage },
      {
        post: (data) => socket.send(data),
        on(receive) {
          socket.onmessage = ({ data }) => receive(data)
        },
        serialize: (value) => JSON.stringify(value),
        deserialize: (text) => JSON.parse(text),
      },
    )
    return {
      // Before the socket is open it rejects, and the message is lost.
      send: (message) => void rpc.message.asEvent(message).catch(() => {}),
      request: (n) => rpc.next(n),
      close() {
        rpc.$close()
        socket.close()
      },
    }
  },
}

export default peer
