import ReconnectingWebSocket from 'partysocket/ws'
import { dropIn } from './drop-in.js'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: 'partysocket',
  package: 'partysocket',
  host: 'text',
  connect(options) {
    const socket = new ReconnectingWebSocket(options.url, [], {
      minReconnectionDelay: options.delayMs,
      maxReconnectionDelay: options.delayMs,
      reconnectionDelayGrowFactor: 1,
    })
    return dropIn(socket, options)
  },
}

export default peer
