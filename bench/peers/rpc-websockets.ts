/** JSON-RPC 2.0: notifications to the server, events from it, to which a page subscribes. It has no bytes. */
import { Client } from 'rpc-websockets'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: 'rpc-websockets',
  package: 'rpc-websockets',
  host: 'rpc-websockets',
  connect({ url, onOpen, onClose, onMessage, delayMs }) {
    // 0: without end.
    const client = new Client(url, { reconnect_interval: delayMs, max_reconnects: 0 })
    client.on('open', () => void client.subscribe('message').then(onOpen, () => {}))
    client.on('close', onClose)
    client.on('message', onMessage)
    return {
      // Without a connection it rejects, and the message is lost.
      send: (message) => void client.notify('message', message).catch(() => {}),
      async request(n) {
        return Number(await client.call('next', { n }))
      },
      close() {
        client.setAutoReconnect(false)
        client.close()
      },
    }
  },
}

export default peer
