/** Objects of either end. Bytes it sends as base64, in JSON. It does not come back by itself. */
import { newWebSocketRpcSession, RpcTarget } from 'capnweb'
import type { ServerApi } from '../hosts/capnweb.js'
import type { Numbered, Peer } from './peer.js'

const peer: Peer = {
  name: 'capnweb',
  package: 'capnweb',
  host: 'capnweb',
  connect({ url, onOpen, onClose, onMessage }) {
    class Page extends RpcTarget {
      message(message: Numbered): void {
        onMessage(message)
      }
    }
    const socket = new WebSocket(url)
    socket.addEventListener('open', onOpen)
    socket.addEventListener('close', onClose)
    const server = newWebSocketRpcSession<ServerApi>(socket, new Page())
    return {
      // A result that nobody waits for is to be given back.
      send: (message) => server.message(message)[Symbol.dispose](),
      request: async (n) => server.next(n),
      close: () => server[Symbol.dispose](),
    }
  },
}

export default peer
