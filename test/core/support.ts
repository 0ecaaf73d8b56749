import { afterEach, expect } from 'vitest'
import type { Environment } from '../../src/core/platform/environment.js'
import {
  type Client,
  ClientClosed,
  type CloseInfo,
  type ConnectOptions,
  connect,
  type Drop,
  type HoldfastError,
} from '../../src/index.js'
import { type FakeEnvironment, fakeEnvironment } from '../../src/testing/fake-environment.js'
import type { FakeWebSocket } from '../../src/testing/fake-web-socket.js'

export const ADDRESS = 'wss://server.test/ws'

type Url = Parameters<typeof connect>[0]

/** Parts of the fake world to replace, and `url`, beside the options of `connect`. */
export interface Setup extends ConnectOptions {
  url?: Url
  parts?: Partial<Environment>
}

export interface World {
  readonly client: Client
  readonly environment: FakeEnvironment
  readonly errors: HoldfastError[]
  /** The newest socket. */
  readonly socket: FakeWebSocket
}

const worlds: World[] = []

/** Whatever a test did, a client that is closed leaves nothing behind. */
afterEach(async () => {
  for (const { client, environment } of worlds.splice(0)) {
    client.close()
    await environment.settle()
    expect(environment.timers, 'timers after close').toBe(0)
    expect(environment.listeners, 'listeners to hints after close').toBe(0)
    await expect(client.opened()).rejects.toThrow(ClientClosed)
  }
})

/** A client in a fake world, with its first socket being opened. */
export async function start({ url = ADDRESS, parts, ...options }: Setup = {}): Promise<World> {
  const environment = fakeEnvironment(parts)
  const client = connect(url, { ...options, environment })
  const errors: HoldfastError[] = []
  client.on('error', (error) => errors.push(error))
  const world: World = {
    client,
    environment,
    errors,
    get socket() {
      const socket = environment.sockets.at(-1)
      if (!socket) throw new Error('no socket was made')
      return socket
    },
  }
  worlds.push(world)
  await environment.settle()
  return world
}

/** A client that is connected. */
export async function open(setup?: Setup): Promise<World> {
  const world = await start(setup)
  world.socket.accept()
  await world.environment.settle()
  return world
}

/** Cuts the connection, and lets the client come back. */
export async function comeBack({ environment, client, socket }: World): Promise<void> {
  if (socket.readyState < 3) socket.cut()
  client.reconnect()
  await environment.settle()
  environment.sockets.at(-1)?.accept()
  await environment.settle()
}

/** What the page sent, frames as objects. */
export const sentBy = (socket: FakeWebSocket): unknown[] =>
  socket.sent.map((data) => (typeof data === 'string' && data.startsWith('{') ? JSON.parse(data) : data))

export const serverSays = (socket: FakeWebSocket, frame: unknown): void => socket.serverSend(JSON.stringify(frame))

/** What the client says that it will not send, as it says so. */
export function dropsOf({ client }: World): Drop[] {
  const drops: Drop[] = []
  client.on('drop', (drop) => drops.push(drop))
  return drops
}

/** How open connections ended, as the client tells. */
export function closesOf({ client }: World): CloseInfo[] {
  const closes: CloseInfo[] = []
  client.on('close', (close) => closes.push(close))
  return closes
}

/** What becomes of a promise, to be looked at without waiting. */
export interface Fate<T> {
  state: 'pending' | 'resolved' | 'rejected'
  value?: T
  error?: unknown
}

export function fateOf<T>(promise: Promise<T>): Fate<T> {
  const fate: Fate<T> = { state: 'pending' }
  promise.then(
    (value) => Object.assign(fate, { state: 'resolved', value }),
    (error: unknown) => Object.assign(fate, { state: 'rejected', error }),
  )
  return fate
}
