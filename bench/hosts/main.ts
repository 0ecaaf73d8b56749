/**
 * The process of the servers: one for each wire, and a control socket on which a page says what it wants of them and
 * hears what came.
 */
import { WebSocketServer } from 'ws'
import type { Order } from '../page/context.js'
import { count, newTally, numbered, numberedBytes, numberOf } from '../page/numbered.js'
import type { HostClient } from './host.js'
import { HOSTS } from './index.js'

/** More bytes than these are not handed to a socket at once. */
const MAX_WAITING_BYTES = 256 * 1024
const BURST = 50

/** What the process says once it serves. */
export interface Serving {
  /** Ports of the servers, by wire. */
  readonly ports: { readonly [host: string]: number }
  readonly control: number
}

/** The page that is measured; there is one at a time for each wire. */
class Session {
  tally = newTally()
  client: HostClient | undefined
  every = 0
  say: (what: unknown) => void = () => {}

  hear(n: number): void {
    count(this.tally, n)
    if (this.every && this.tally.received % this.every === 0) this.say({ received: this.tally.received })
  }

  take(order: Order): void {
    if (order.do === 'push') this.push(1, order.count, order.binary)
    else if (order.do === 'watch') this.every = order.every
    else {
      if (order.do === 'reset') this.tally = newTally()
      this.say({ tally: this.tally })
    }
  }

  push(from: number, last: number, binary: boolean): void {
    const { client } = this
    if (!client) return
    let n = from
    while (n <= last && n < from + BURST && client.bufferedAmount() < MAX_WAITING_BYTES) {
      if (binary) client.sendBytes(numberedBytes(n))
      else client.send(numbered(n))
      n++
    }
    if (n <= last) setImmediate(() => this.push(n, last, binary))
  }
}

const sessions = new Map<string, Session>()
const ports: { [host: string]: number } = {}
for (const [name, start] of Object.entries(HOSTS)) {
  const session = new Session()
  sessions.set(name, session)
  const { port } = await start({
    onClient: (client) => {
      session.client = client
    },
    onMessage: ({ n }) => session.hear(n),
    onBytes: (bytes) => session.hear(numberOf(bytes)),
  })
  ports[name] = port
}

const control = new WebSocketServer({ port: 0, host: '127.0.0.1' })
control.on('connection', (socket, request) => {
  const session = sessions.get(request.url?.slice(1) ?? '')
  if (!session) return socket.close(1008, 'no such server')
  session.tally = newTally()
  session.every = 0
  session.say = (what) => socket.send(JSON.stringify(what))
  socket.on('message', (data) => session.take(JSON.parse(String(data))))
  socket.on('close', () => {
    session.say = () => {}
  })
})
control.on('listening', () => {
  const address = control.address()
  if (typeof address === 'object' && address) process.send?.({ ports, control: address.port } satisfies Serving)
})
process.on('disconnect', () => process.exit())
