/** What a task of a page works with: the library, the server, and the driver's clock of processor time. */
import type { Link, Peer, PeerOptions } from '../peers/peer.js'
import type { Tally } from './numbered.js'

/** Limit for whatever a task waits for, in ms. */
const PATIENCE_MS = 30_000

/** What the server is asked for on the control socket. */
export type Order =
  | { do: 'reset' }
  /** Says `received` each time that so many more messages have come. */
  | { do: 'watch'; every: number }
  /** Sends the numbers from 1 to `count` to the page. */
  | { do: 'push'; count: number; binary: boolean }
  | { do: 'check' }

/** The server's side of a task: counts what comes, and sends what is asked for. */
export interface Control {
  order(order: Order): void
  /** How many messages have come, as last heard. */
  readonly received: number
  /** Resolves when at least so many have come. Rejects if that takes too long. */
  arrived(count: number): Promise<void>
  check(): Promise<Tally>
  /** Begins to count anew. It has to be waited for: messages go another way, and would overtake it. */
  reset(): Promise<void>
  close(): void
}

export interface Context {
  readonly peer: Peer
  /** Address of the server that speaks the library's wire. */
  readonly url: string
  control(): Promise<Control>
  /** Tells the driver where the measured stretch begins and ends, which notes the processor time of the page. */
  mark(name: 'begin' | 'end'): Promise<void>
}

export const within = <T>(promise: Promise<T>, what: string, ms = PATIENCE_MS): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** Opens a control socket for the server of one wire. */
export async function openControl(url: string): Promise<Control> {
  const socket = new WebSocket(url)
  let received = 0
  let waiting: { count: number; resolve: () => void } | undefined
  let onTally: ((tally: Tally) => void) | undefined
  socket.onmessage = ({ data }) => {
    const said: { received?: number; tally?: Tally } = JSON.parse(data)
    if (said.tally) onTally?.(said.tally)
    received = said.received ?? said.tally?.received ?? received
    if (waiting && received >= waiting.count) waiting.resolve()
  }
  await within(
    new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve()
      socket.onerror = () => reject(new Error('no control socket'))
    }),
    'the control socket opens',
  )
  const order = (what: Order): void => socket.send(JSON.stringify(what))
  const askTally = (what: Order): Promise<Tally> => {
    const tally = new Promise<Tally>((resolve) => {
      onTally = resolve
    })
    order(what)
    return within(tally, 'the tally of the server')
  }
  return {
    order,
    get received() {
      return received
    },
    arrived: (count) =>
      received >= count
        ? Promise.resolve()
        : within(
            new Promise<void>((resolve) => {
              waiting = { count, resolve }
            }),
            `${count} messages at the server`,
          ),
    check: () => askTally({ do: 'check' }),
    async reset() {
      await askTally({ do: 'reset' })
    },
    close: () => socket.close(),
  }
}

/** Connects a library and waits until it is open. */
export async function opened(context: Context, options: Partial<PeerOptions> = {}): Promise<Link> {
  const { peer, url } = context
  let link: Link | undefined
  await within(
    new Promise<void>((resolve) => {
      link = peer.connect({ ...QUIET, ...options, url, onOpen: resolve })
    }),
    `${peer.name} opens`,
  )
  if (!link) throw new Error(`${peer.name} gave no link.`)
  return link
}

/** For a task that wants to hear nothing of it. */
export const QUIET = {
  onOpen() {},
  onClose() {},
  onMessage() {},
  onBytes() {},
  delayMs: 100,
} satisfies Partial<PeerOptions>

/** Lets the browser do what waits: a task of its own, without the 4 ms of a nested timer. */
export const nextTask: () => Promise<void> = (() => {
  const { port1, port2 } = new MessageChannel()
  let resolve = (): void => {}
  port1.onmessage = () => resolve()
  return () =>
    new Promise<void>((done) => {
      resolve = done
      port2.postMessage(0)
    })
})()

/** What comes of a task that the library cannot do. */
export type Absent = 'absent'

export function absent(link: Link): Absent {
  link.close()
  return 'absent'
}
