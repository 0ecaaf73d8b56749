/** Real code of the libraries whose waits are measured, by their defaults. */
import { createRequire } from 'node:module'

const URL = 'ws://server.test/'

export interface StormClient {
  /** As in `RULES`. */
  readonly name: string
  /** Package whose version is named beside the figures. */
  readonly package?: string
  /** Its waits are drawn: another seed gives other figures. */
  readonly draws?: true
  /** What the server says first. */
  readonly hello?: string
  /** Loads the library; what it gives makes a client that connects at once. */
  load(): Promise<() => unknown>
}

/** No client is pinged: it is not to end for that. */
const NEVER_MS = 2 ** 30

const byHand = () => {
  const connect = (): void => {
    const socket = new WebSocket(URL)
    socket.onclose = () => setTimeout(connect, 1000)
  }
  return connect
}

export const CLIENTS: readonly StormClient[] = [
  {
    name: 'holdfast',
    draws: true,
    async load() {
      const { connect } = await import('../../src/index.js')
      return () => connect(URL)
    },
  },
  {
    name: 'reconnecting-websocket',
    package: 'reconnecting-websocket',
    draws: true,
    async load() {
      const { default: Socket } = await import('reconnecting-websocket')
      // Its default, which each page draws when it loads the library; here all pages share what is loaded.
      return () => Reflect.construct(Object(Socket), [URL, [], { minReconnectionDelay: 1000 + Math.random() * 4000 }])
    },
  },
  {
    name: 'socket.io',
    package: 'socket.io-client',
    draws: true,
    hello: `0${JSON.stringify({ sid: 'x', upgrades: [], pingInterval: NEVER_MS, pingTimeout: NEVER_MS, maxPayload: 1e6 })}`,
    async load() {
      // The build for browsers.
      const { io }: { io(url: string, options: object): unknown } = createRequire(import.meta.url)(
        'socket.io-client/dist/socket.io.js',
      )
      return () => io(URL, { transports: ['websocket'], forceNew: true })
    },
  },
  {
    name: 'partysocket',
    package: 'partysocket',
    async load() {
      const { default: Socket } = await import('partysocket/ws')
      return () => new Socket(URL)
    },
  },
  {
    name: '@nktkas/rews',
    package: '@nktkas/rews',
    draws: true,
    async load() {
      const { ReconnectingWebSocket } = await import('@nktkas/rews')
      return () => new ReconnectingWebSocket(URL)
    },
  },
  {
    name: 'websocket-ts',
    package: 'websocket-ts',
    async load() {
      const { ExponentialBackoff, WebsocketBuilder } = await import('websocket-ts')
      // It has no default; this is its README's.
      return () => new WebsocketBuilder(URL).withBackoff(new ExponentialBackoff(1000, 6)).build()
    },
  },
  {
    name: 'phoenix',
    package: 'phoenix',
    async load() {
      const { Socket } = await import('phoenix')
      return () => Reflect.construct(Socket, [URL, { heartbeatIntervalMs: NEVER_MS }]).connect()
    },
  },
  { name: 'written by hand', load: async () => byHand() },
]
