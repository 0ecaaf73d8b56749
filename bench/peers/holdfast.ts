import { type ConnectOptions, connect } from '../../src/index.js'
import type { App } from '../hosts/session.js'
import type { Peer } from './peer.js'

export const holdfast = (name: string, host: string, own: ConnectOptions): Peer => ({
  name,
  host,
  connect({ url, onOpen, onClose, onMessage, onBytes, delayMs, heartbeatMs }) {
    const client = connect<App>(url, {
      queue: { maxMessages: 1_000_000, maxBytes: 2 ** 30 },
      backoff: { firstWindowMs: delayMs, initialMs: delayMs, factor: 1, maxMs: delayMs },
      // Of a jittered wait always the longest.
      environment: { random: () => 1 },
      heartbeat: heartbeatMs === undefined ? 'auto' : { intervalMs: heartbeatMs, timeoutMs: heartbeatMs },
      ...own,
    })
    client.on('open', onOpen)
    client.on('close', onClose)
    client.on('message', (data) => {
      if (typeof data === 'string') onMessage(JSON.parse(data))
      else onBytes(data)
    })
    return {
      send: (message) => client.send(JSON.stringify(message)),
      sendBytes: (bytes) => client.send(bytes),
      request: (n) => client.request('next', { n }),
      close: () => client.close(),
    }
  },
})

export default holdfast('holdfast', 'text', {})
