import { ReconnectingWebSocket } from '@nktkas/rews'
import { dropIn } from './drop-in.js'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: '@nktkas/rews',
  package: '@nktkas/rews',
  host: 'text',
  connect(options) {
    const socket = new ReconnectingWebSocket(options.url, {
      maxRetries: Number.POSITIVE_INFINITY,
      reconnectionDelay: options.delayMs,
    })
    return dropIn(socket, options)
  },
}

export default peer
