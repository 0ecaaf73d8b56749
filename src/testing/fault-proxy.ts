import { createConnection, createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Flow, Lane } from './fault-lane.js'

export type { Flow }

/** `up`: from the client to the target. `down`: back. */
export type Direction = 'up' | 'down'

export interface FaultProxyOptions {
  /** Where connections lead: a port (`host` defaults to 127.0.0.1), or the path of a Unix socket or named pipe. */
  target: { port: number; host?: string } | { path: string }
  /** Port that `listening` listens on. Default 0: any. */
  port?: number
  /** Address that `listening` listens on. Default 127.0.0.1. */
  host?: string
}

/** A TCP proxy with trouble on request. Every fault lasts until it is taken back, also for connections made later. */
export interface FaultProxy {
  /** Listens from the first call on; resolves with the port, rejects if it cannot. */
  listening(): Promise<number>
  /** The port it listens on; 0 before `listening` has resolved. */
  readonly port: number
  /** Carries a socket that somebody else accepted; `head` is what was already read from it. */
  connect(socket: Duplex, head?: Buffer): void
  /** Connections now. One counts until both its ends are closed. */
  readonly connections: number
  /** Ends all connections at once, without a goodbye, both ways. Gives their number. */
  cut(): number
  /** Nothing passes, either way, and nobody is told: `set('both', { gate: 'hold' })`, or `'pass'` again. */
  blackHole(on: boolean): void
  /** Everything takes `ms` longer, each way; 0 to end that. What is under way keeps its delay. */
  slow(ms: number): void
  /** Breaks off new connections at once. Those there are stay. */
  refuse(on: boolean): void
  /** Changes the flow of a direction; what is not named stays. */
  set(direction: Direction | 'both', flow: Partial<Flow>): void
  /** Cuts all connections and stops listening. */
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

/** One connection: two sockets with a lane each way. */
interface Link {
  readonly lanes: Record<Direction, Lane>
  cut(): void
}

/** Puts trouble between a client and a server. */
export function createFaultProxy(options: FaultProxyOptions): FaultProxy {
  const flows: Record<Direction, Flow> = { up: { gate: 'pass', delayMs: 0 }, down: { gate: 'pass', delayMs: 0 } }
  const links = new Set<Link>()
  let refusing = false
  let closed = false

  const connect = (near: Duplex, head?: Buffer): void => {
    if (refusing || closed) {
      near.on('error', ignore)
      near.destroy()
      return
    }
    const far = createConnection({ host: LOOPBACK, ...options.target, allowHalfOpen: true })
    const link = createLink(near, far, flows, () => links.delete(link))
    links.add(link)
    if (head?.length) link.lanes.up.take(head)
  }

  const set = (direction: Direction | 'both', flow: Partial<Flow>): void => {
    if (direction !== 'down') Object.assign(flows.up, flow)
    if (direction !== 'up') Object.assign(flows.down, flow)
    for (const link of links) {
      link.lanes.up.move()
      link.lanes.down.move()
    }
  }

  const cut = (): number => {
    const count = links.size
    for (const link of [...links]) link.cut()
    return count
  }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => connect(socket))
  let listening: Promise<number> | undefined

  return {
    listening() {
      listening ??= listen(server, options)
      return listening
    },
    get port() {
      return portOf(server)
    },
    get connections() {
      return links.size
    },
    connect,
    cut,
    set,
    blackHole: (on) => set('both', { gate: on ? 'hold' : 'pass' }),
    slow: (ms) => set('both', { delayMs: ms }),
    refuse(on) {
      refusing = on
    },
    async close() {
      closed = true
      cut()
      // A server that never listened calls back too, with an error that says so.
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listen(server: Server, { port = 0, host = LOOPBACK }: FaultProxyOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(portOf(server)))
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

function createLink(near: Duplex, far: Duplex, flows: Record<Direction, Flow>, onClosed: () => unknown): Link {
  const lanes = { up: new Lane(near, far, flows.up), down: new Lane(far, near, flows.down) }
  let open = 2
  for (const socket of [near, far]) {
    // An error is always followed by `close`, and that is what travels on.
    socket.on('error', ignore)
    socket.on('close', () => {
      open--
      if (open > 0) return
      lanes.up.stop()
      lanes.down.stop()
      onClosed()
    })
  }
  const cut = (): void => {
    lanes.up.stop()
    lanes.down.stop()
    near.destroy()
    far.destroy()
  }
  return { lanes, cut }
}

const ignore = (): void => {}
