/** Drop-ins for WebSocket that reconnect: they queue while they know that they are offline, and that is all. */
import PartySocket from 'partysocket/ws'
import ReconnectingWebSocket from 'reconnecting-websocket'
import { WebSocket } from 'ws'
import { rawOf, readRaw } from '../workload.js'
import { type Contender, type ContenderPage, type Notes, nameOf, WAITS } from './contender.js'
import { serveWs } from './ws-server.js'

/** In Node an error that nobody hears would end the process, and they close sockets that are not open yet. */
class Socket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args)
    this.on('error', () => {})
  }
}

const OPTIONS = {
  WebSocket: Socket,
  minReconnectionDelay: WAITS.firstMs,
  maxReconnectionDelay: WAITS.mostMs,
  connectionTimeout: WAITS.openMs,
  minUptime: WAITS.stableMs,
}

/** What both have, as WebSocket does. */
interface Wrapper {
  send(data: string): void
  close(): void
  addEventListener(type: 'message', listener: (event: { data?: unknown }) => void): void
  addEventListener(type: 'open', listener: () => void): void
}

const wrap = (library: string, dial: (url: string) => Wrapper): Contender => ({
  name: nameOf(library),
  serve: (onHeard) => serveWs(WAITS.pingMs, onHeard),
  connect: (url, notes) => adapt(dial(url), notes),
})

function adapt(socket: Wrapper, notes: Notes): ContenderPage {
  let opened = 0
  socket.addEventListener('open', () => {
    if (opened++ > 0) notes.reconnected(undefined)
  })
  socket.addEventListener('message', ({ data }) => notes.heard(readRaw(String(data))))
  return { say: (n) => socket.send(rawOf(n)), close: () => socket.close() }
}

export const partySocket = wrap('partysocket', (url) => new PartySocket(url, [], OPTIONS))

// Its types are those of a module that it is not when Node loads it.
export const reconnectingWebSocket = wrap('reconnecting-websocket', (url) =>
  Reflect.construct(Object(ReconnectingWebSocket), [url, [], OPTIONS]),
)
