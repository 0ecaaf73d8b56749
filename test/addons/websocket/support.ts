import { afterEach, expect } from 'vitest'
import { HoldfastWebSocket, type HoldfastWebSocketOptions } from '../../../src/addons/websocket/index.js'
import { type FakeEnvironment, fakeEnvironment } from '../../../src/testing/fake-environment.js'
import type { FakeWebSocket } from '../../../src/testing/fake-web-socket.js'

export const ADDRESS = 'wss://server.test/ws'

/** The tests' own part of the options; `url` as the constructor takes it. */
interface Setup extends HoldfastWebSocketOptions {
  url?: ConstructorParameters<typeof HoldfastWebSocket>[0]
  protocols?: string | string[]
}

export interface World {
  readonly ws: HoldfastWebSocket
  readonly environment: FakeEnvironment
  /** What the app hears, with `readyState` at that moment: `open 1`, `message 1 text`, `close 0 1006`. */
  readonly heard: string[]
  /** The newest socket of the platform. */
  readonly socket: FakeWebSocket
}

const worlds: World[] = []

/** Whatever a test did, what is closed leaves nothing behind. */
afterEach(async () => {
  for (const { ws, environment } of worlds.splice(0)) {
    ws.close()
    await environment.advance(10_000)
    expect(ws.readyState).toBe(3)
    expect(environment.timers, 'timers after close').toBe(0)
    expect(environment.listeners, 'listeners to hints after close').toBe(0)
  }
})

/** What was just made in a fake world. */
export function make({ url = ADDRESS, protocols, ...options }: Setup = {}): World {
  const environment = fakeEnvironment(options.environment)
  const ws = new HoldfastWebSocket(url, protocols, { ...options, environment })
  const heard: string[] = []
  const listen = (type: string, tell: (event: never) => unknown): void =>
    ws.addEventListener(type, (event: Event) => {
      heard.push(`${type} ${ws.readyState} ${tell(event as never)}`.trim())
    })
  listen('open', () => '')
  listen('error', () => '')
  listen('message', ({ data }: MessageEvent) => data)
  listen('close', ({ code, reason }: CloseEvent) => `${code} ${reason}`)
  const world: World = {
    ws,
    environment,
    heard,
    get socket() {
      const socket = environment.sockets.at(-1)
      if (!socket) throw new Error('no socket was made')
      return socket
    },
  }
  worlds.push(world)
  return world
}

/** What is connecting. */
export async function start(setup?: Setup): Promise<World> {
  const world = make(setup)
  await world.environment.settle()
  return world
}

/** What is open, with nothing heard. */
export async function open(setup?: Setup): Promise<World> {
  const world = await start(setup)
  world.socket.accept()
  world.heard.length = 0
  return world
}

/** Lets it come back after a cut: waits for the next socket, and accepts it. */
export async function comeBack(world: World): Promise<void> {
  const { environment } = world
  const before = environment.sockets.length
  for (let waited = 0; environment.sockets.length === before; waited += 100) {
    if (waited > 60_000) throw new Error('It does not come back.')
    await environment.advance(100)
  }
  world.socket.accept()
}
