/** The same as `old-libraries.test.ts` for libraries with requests. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo, Socket as TcpSocket } from 'node:net'
import { Client, Server } from 'rpc-websockets'
import { Server as SocketIoServer } from 'socket.io'
import { io } from 'socket.io-client'
import { afterEach, describe, expect, test } from 'vitest'
import WebSocketAsPromised from 'websocket-as-promised'
import { WebSocket, WebSocketServer } from 'ws'
import { connect, DeliveryUnknown } from '../../src/index.js'
import { createServer } from '../../src/server/index.js'

const SOON = { timeout: 5_000, interval: 10 }

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const portOf = (address: ReturnType<WebSocketServer['address']>): number => (address as AddressInfo).port

/** A handler that counts, and never answers. */
const stuck = (): { calls: number; handle(): Promise<never> } => {
  const counter = {
    calls: 0,
    handle() {
      counter.calls++
      return new Promise<never>(() => {})
    },
  }
  return counter
}

/** How a promise stands after a time in which it would have settled. */
const stateOf = (promise: Promise<unknown>): Promise<string> =>
  Promise.race([
    promise.then(
      () => 'resolved',
      () => 'rejected',
    ),
    new Promise<string>((resolve) => setTimeout(resolve, 300, 'open')),
  ])

describe('a request that was written when the connection broke', () => {
  test('stays open for ever in rpc-websockets, and a subscription is gone', async () => {
    const server = new Server({ host: '127.0.0.1', port: 0 })
    await once(server.wss, 'listening')
    endings.push(() => server.close())
    const slow = stuck()
    server.register('slow', slow.handle)
    server.event('news')
    const client = new Client(`ws://127.0.0.1:${portOf(server.wss.address())}/`, { reconnect_interval: 20 })
    endings.push(() => client.close())
    let opened = 0
    client.on('open', () => opened++)
    await expect.poll(() => opened, SOON).toBe(1)
    await client.subscribe('news')
    let heard = 0
    client.on('news', () => heard++)
    server.emit('news', 1)
    await expect.poll(() => heard, SOON).toBe(1)

    const call = client.call('slow')
    await expect.poll(() => slow.calls, SOON).toBe(1)
    for (const socket of server.wss.clients) socket.terminate()
    await expect.poll(() => opened, SOON).toBe(2)
    expect(await stateOf(call)).toBe('open')
    server.emit('news', 2)
    expect(await client.listMethods()).toContain('slow')
    expect(heard).toBe(1)
  })

  test('and a callback of socket.io-client is never called, and the event is gone', async () => {
    const http = createHttpServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    const server = new SocketIoServer(http)
    endings.push(() => server.close())
    const sockets = new Set<TcpSocket>()
    http.on('connection', (socket) => sockets.add(socket))
    const received: string[] = []
    server.on('connection', (socket) => {
      socket.on('note', (text: string) => received.push(text))
      socket.on('slow', () => received.push('slow'))
    })
    const socket = io(`http://127.0.0.1:${portOf(http.address())}`, {
      transports: ['websocket'],
      reconnectionDelay: 20,
    })
    endings.push(() => socket.close())
    await expect.poll(() => socket.connected, SOON).toBe(true)

    let called = 0
    socket.emit('slow', () => called++)
    await expect.poll(() => received, SOON).toEqual(['slow'])
    // Nothing is read any more: what is written from now on is under way when the connection breaks.
    for (const tcp of sockets) tcp.pause()
    socket.emit('note', 'under way')
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (const tcp of sockets) tcp.resetAndDestroy()
    await expect.poll(() => socket.connected, SOON).toBe(false)
    await expect.poll(() => socket.connected, SOON).toBe(true)
    socket.emit('note', 'after')
    await expect.poll(() => received, SOON).toEqual(['slow', 'after'])
    expect(called).toBe(0)
  })

  test('rejects in holdfast', async () => {
    const slow = stuck()
    const server = createServer({ host: '127.0.0.1', port: 0, requests: { slow: slow.handle } })
    endings.push(() => server.close({ windowMs: 0, graceMs: 0 }))
    const client = connect(`ws://127.0.0.1:${await server.listening()}/`, { environment: { WebSocket } })
    endings.push(() => client.close())
    const request = client.request('slow')
    const rejected = expect(request).rejects.toThrow(DeliveryUnknown)
    await expect.poll(() => slow.calls, SOON).toBe(1)
    client.reconnect()
    await rejected
  })
})

test('what waits for a message in websocket-as-promised waits for ever when the connection has closed', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  endings.push(() => server.close())
  const wsp = new WebSocketAsPromised(`ws://127.0.0.1:${portOf(server.address())}/`, {
    createWebSocket: (url) => Reflect.construct(Object(WebSocket), [url]),
    extractMessageData: (data) => data,
    unpackMessage: (text) => JSON.parse(`${text}`),
  })
  await wsp.open()
  const waits = wsp.waitUnpackedMessage(() => true)
  for (const socket of server.clients) socket.terminate()
  await expect.poll(() => wsp.isClosed, SOON).toBe(true)
  expect(await stateOf(waits)).toBe('open')
  expect(() => wsp.send('hello')).toThrow('not opened')
})
