import { createServer as createHttpServer } from 'node:http'
import { createServer } from '../../../src/server/index.js'
import { CHANNEL, EVENT, METHOD, numbered } from '../messages.js'
import type { Kit } from './kit.js'
import { PING_MS } from './kit.js'
import { listen } from './listen.js'

interface App {
  channels: { [CHANNEL]: { [EVENT]: ReturnType<typeof numbered> } }
  requests: { [METHOD]: { params: number; result: number } }
}

/** No limit that the load generator, one address with everything it can send, would meet. */
const LIMITS = { maxConnections: 1e6, maxConnectionsPerAddress: 1e6, messagesPerSecond: 1e9 }

/** The same server for both wires: what is spoken is up to the client. */
export function holdfast(): Kit {
  const http = createHttpServer()
  let hear = (_message: unknown): void => {}
  const server = createServer<App>({
    server: http,
    pingIntervalMs: PING_MS,
    limits: LIMITS,
    channels: { [CHANNEL]: {} },
    requests: { [METHOD]: (n) => n + 1 },
    onMessage: (data) => hear(JSON.parse(String(data))),
  })
  return {
    start({ onMessage }) {
      hear = onMessage
      return listen(http)
    },
    broadcast: (n) => void server.broadcast(CHANNEL, EVENT, numbered(n)),
    unacknowledged: () => server.metrics().sessionBytes,
  }
}
