/** What the pages in docs/migrating say is broken in other libraries is broken there, and not in holdfast. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import PartySocket from 'partysocket/ws'
import Reconnecting from 'reconnecting-websocket'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { HoldfastWebSocket } from '../../src/addons/websocket/index.js'
import { QueueFull } from '../../src/index.js'

const SOON = { timeout: 5_000, interval: 10 }

/** What the old classes have in common with each other and with ours. */
interface Socket extends EventTarget {
  readyState: number
  send(data: string): unknown
  close(): void
  reconnect(): void
}

let server: WebSocketServer
let url: string
/** Messages that have reached the server, and how many connections it has had. */
let received: string[]
let connections: number
const toClose: { close(): void }[] = []

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  received = []
  connections = 0
  server.on('connection', (socket) => {
    connections++
    socket.on('message', (data) => received.push(`${data}`))
  })
  await once(server, 'listening')
  url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
})

afterEach(() => {
  for (const socket of toClose.splice(0)) socket.close()
  for (const socket of server.clients) socket.terminate()
  server.close()
})

const QUICK = { minReconnectionDelay: 20, maxReconnectionDelay: 40 }

type Url = string | (() => Promise<string>)

const ended = <Closing extends { close(): void }>(socket: Closing): Closing => {
  toClose.push(socket)
  return socket
}

/** Its types are those of a module that it is not when Node loads it. */
const reconnecting = (address: Url, options = {}): Socket =>
  ended(Reflect.construct(Object(Reconnecting), [address, [], { WebSocket, ...QUICK, ...options }]))

const party = (address: Url, options = {}): PartySocket =>
  ended(new PartySocket(address, [], { WebSocket, ...QUICK, ...options }))

const holdfast = (address: Url, options = {}): HoldfastWebSocket =>
  ended(
    new HoldfastWebSocket(address, [], {
      environment: { WebSocket },
      backoff: { initialMs: 40, firstWindowMs: 40 },
      ...options,
    }),
  )

/** Rejects the first time. */
function shakyUrl(): () => Promise<string> {
  let calls = 0
  return () => (calls++ === 0 ? Promise.reject(new Error('no token')) : Promise.resolve(url))
}

/** Turns of the event loop in which what was going to happen has had its time: several of the waits above. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300))

describe('a url function that rejects once', () => {
  test('stops reconnecting-websocket, with an unhandled rejection', async () => {
    const others = process.rawListeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    const unhandled = once(process, 'unhandledRejection')
    reconnecting(shakyUrl())
    const [error] = await unhandled
    for (const listener of others) process.on('unhandledRejection', (...args) => Reflect.apply(listener, process, args))
    expect(error).toMatchObject({ message: 'no token' })
    await aWhile()
    expect(connections).toBe(0)
  })

  test.each([
    ['partysocket', party],
    ['holdfast', holdfast],
  ])('is a failed attempt for %s', async (_name, make) => {
    const socket = make(shakyUrl())
    await expect.poll(() => socket.readyState, SOON).toBe(1)
  })
})

test('reconnecting-websocket does not come back by reconnect() after close() during a wait', async () => {
  const socket = reconnecting(url)
  await expect.poll(() => socket.readyState, SOON).toBe(1)
  for (const client of server.clients) client.terminate()
  await expect.poll(() => socket.readyState, SOON).toBe(3)
  socket.close()
  await aWhile()
  socket.reconnect()
  await aWhile()
  expect(connections).toBe(1)
})

describe('a listener with { once: true }', () => {
  const closesHeard = async (socket: Pick<Socket, 'addEventListener' | 'readyState'>): Promise<number> => {
    let heard = 0
    socket.addEventListener('open', () => heard++, { once: true })
    for (const round of [1, 2]) {
      await expect.poll(() => connections, SOON).toBe(round)
      await expect.poll(() => socket.readyState, SOON).toBe(1)
      for (const client of server.clients) client.terminate()
    }
    await expect.poll(() => connections, SOON).toBe(3)
    return heard
  }

  test('is called each time by reconnecting-websocket', async () => {
    expect(await closesHeard(reconnecting(url))).toBeGreaterThan(1)
  })

  test.each([
    ['partysocket', party],
    ['holdfast', holdfast],
  ])('is called once by %s', async (_name, make) => {
    expect(await closesHeard(make(url))).toBe(1)
  })
})

describe('a message that is one too many', () => {
  test.each([
    ['reconnecting-websocket', reconnecting],
    ['partysocket', party],
  ])('vanishes in %s', async (_name, make) => {
    const socket = make(url, { maxEnqueuedMessages: 1 })
    socket.send('first')
    socket.send('second')
    await expect.poll(() => received, SOON).toEqual(['first'])
    await aWhile()
    expect(received).toEqual(['first'])
  })

  test('is refused by holdfast', () => {
    const socket = holdfast(url, { queue: { maxMessages: 1 } })
    socket.send('first')
    expect(() => socket.send('second')).toThrow(QueueFull)
  })
})

test('holdfast is a WebSocket for TypeScript, and partysocket is none', () => {
  const ours: globalThis.WebSocket = holdfast(url)
  // @ts-expect-error: among others, its `send` takes less and its events are its own.
  const theirs: globalThis.WebSocket = party(url)
  expect([ours.readyState, theirs.readyState]).toEqual([0, 0])
})
