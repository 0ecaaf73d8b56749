import { createConnection, createServer, type Server } from 'node:net'
import type { Duplex } from 'node:stream'
import { combine, Lane } from './fault-lane.js'
import {
  type Direction,
  type Effect,
  FAULTS,
  type FaultName,
  type FaultOptions,
  type Heal,
  type Network,
} from './faults.js'
import { drawSeed, seededRandom } from './random.js'
import { planStorm, runStorm, type StormOptions, type StormStep } from './storm.js'

export interface FaultProxyOptions {
  /** Where connections lead: a port (`host` defaults to 127.0.0.1), or the path of a Unix socket or named pipe. */
  target: { port: number; host?: string } | { path: string }
  /** Port that `listening` listens on. Default 0: any. */
  port?: number
  /** Address that `listening` listens on. Default 127.0.0.1. */
  host?: string
  /** What chance comes from: the same seed and the same calls give the same faults. Default: another one each time. */
  seed?: number
}

/** A TCP proxy with trouble on request. */
export interface FaultProxy {
  /** Listens from the first call on; resolves with the port, rejects if it cannot. */
  listening(): Promise<number>
  /** The port it listens on; 0 before `listening` has resolved. */
  readonly port: number
  /** The seed in use: print it when a test fails, and give it to have the same again. */
  readonly seed: number
  /** Carries a socket that somebody else accepted; `head` is what was already read from it. */
  connect(socket: Duplex, head?: Buffer): void
  /** Connections now. One counts until both its ends are closed. */
  readonly connections: number
  /**
   * Puts a fault on, for the connections there are and those made later, until it is healed. Several may be on at once,
   * also of one name: delays add, the lowest rate counts, and what one drops another cannot hold. Throws a `RangeError`
   * for an option out of its range, and an `Error` after `close`.
   */
  fault<Name extends FaultName>(name: Name, options?: FaultOptions[Name]): Heal
  /** Takes all faults back. */
  heal(): void
  /** Puts on one fault after another, drawn from a seed. Resolves when it is over, or closed, with what it did. */
  storm(options: StormOptions): Promise<StormStep[]>
  /** Takes all faults back, cuts all connections and stops listening. */
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
  const { seed = drawSeed(Math.random) } = options
  const random = seededRandom(seed)
  const effects = new Set<Effect>()
  const links = new Set<Link>()
  const closing = new AbortController()

  const flowOf = (direction: Direction) => combine([...effects].map((effect) => effect[direction] ?? {}))

  const connect = (near: Duplex, head?: Buffer): void => {
    if (closing.signal.aborted || [...effects].some(({ refuses }) => refuses)) {
      near.on('error', ignore)
      near.destroy()
      return
    }
    const far = createConnection({ host: LOOPBACK, ...options.target, allowHalfOpen: true, noDelay: true })
    const lanes = { up: new Lane(near, far, flowOf('up')), down: new Lane(far, near, flowOf('down')) }
    const link = createLink(near, far, lanes, () => links.delete(link))
    links.add(link)
    if (head?.length) lanes.up.take(head)
  }

  const update = (): void => {
    for (const { lanes } of links) {
      lanes.up.setFlow(flowOf('up'))
      lanes.down.setFlow(flowOf('down'))
    }
  }

  const remove = (effect: Effect): void => {
    if (!effects.delete(effect)) return
    effect.onHeal?.()
    update()
  }

  const network: Network = {
    add(effect) {
      effects.add(effect)
      update()
      return () => remove(effect)
    },
    cut() {
      for (const link of [...links]) link.cut()
    },
    fork: () => seededRandom(drawSeed(random)),
  }

  const fault = <Name extends FaultName>(name: Name, options: FaultOptions[Name] = {}): Heal => {
    if (closing.signal.aborted) throw new Error('The fault proxy is closed.')
    return FAULTS[name](network, options)
  }

  const heal = (): void => {
    for (const effect of [...effects]) remove(effect)
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
    seed,
    connect,
    get connections() {
      return links.size
    },
    fault,
    heal,
    storm: async (storm) => runStorm(planStorm({ seed, ...storm }, fault), storm.forMs, closing.signal),
    async close() {
      closing.abort()
      network.cut()
      heal()
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

function createLink(near: Duplex, far: Duplex, lanes: Link['lanes'], onClosed: () => unknown): Link {
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
