/** A channel of Phoenix. */
import { Socket } from 'phoenix'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: 'phoenix',
  package: 'phoenix',
  host: 'phoenix',
  connect({ url, onOpen, onClose, onMessage, onBytes, delayMs, heartbeatMs }) {
    const socket = new Socket(url, {
      reconnectAfterMs: () => delayMs,
      rejoinAfterMs: () => delayMs,
      heartbeatIntervalMs: heartbeatMs,
    })
    const channel = socket.channel('bench')
    // `socket.onClose` says nothing when a heartbeat is not answered.
    channel.onError(onClose)
    channel.on('message', onMessage)
    channel.on('bytes', onBytes)
    socket.connect()
    channel.join().receive('ok', onOpen)
    return {
      send: (message) => void channel.push('message', message),
      // It takes no view.
      sendBytes: (bytes) => void channel.push('bytes', bytes.slice().buffer),
      request: (n) =>
        new Promise((resolve, reject) => {
          channel
            .push('next', { n })
            .receive<{ n: number }>('ok', (answer) => resolve(answer.n))
            .receive('timeout', () => reject(new Error('There was no answer.')))
        }),
      close: () => socket.disconnect(),
    }
  },
}

export default peer
