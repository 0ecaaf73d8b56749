import ReconnectingWebSocket from 'reconnecting-websocket'
import { dropIn } from './drop-in.js'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: 'reconnecting-websocket',
  package: 'reconnecting-websocket',
  host: 'text',
  connect(options) {
    const waits = {
      minReconnectionDelay: options.delayMs,
      maxReconnectionDelay: options.delayMs,
      reconnectionDelayGrowFactor: 1,
    }
    // Its types are those of a module that it is not when Node loads it.
    return dropIn(Reflect.construct(Object(ReconnectingWebSocket), [options.url, [], waits]), options)
  },
}

export default peer
