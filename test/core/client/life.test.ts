import { describe, expect, test } from 'vitest'
import { ClientClosed, type CloseInfo } from '../../../src/index.js'
import { dropsOf, fateOf, open, type Setup, start } from '../support.js'

const SLOW = { backoff: { firstWindowMs: 100_000, initialMs: 100_000, maxMs: 100_000 } } satisfies Setup

describe('reconnect()', () => {
  test('five times in a row leaves one socket', async () => {
    const { client, environment } = await open()
    for (let i = 0; i < 5; i++) client.reconnect()
    await environment.settle()
    expect(environment.sockets.filter(({ readyState }) => readyState < 2)).toHaveLength(1)
    expect(environment.sockets).toHaveLength(2)
  })

  test('five times, each with a socket of its own, leaves one', async () => {
    const { client, environment } = await open()
    for (let i = 0; i < 5; i++) {
      client.reconnect()
      await environment.settle()
    }
    expect(environment.sockets).toHaveLength(6)
    expect(environment.sockets.map(({ readyState }) => readyState)).toEqual([2, 2, 2, 2, 2, 0])
  })

  test('tells of the close that it is', async () => {
    const { client, environment, socket } = await open()
    const closes: CloseInfo[] = []
    client.on('close', (close) => closes.push(close))
    client.reconnect()
    await environment.settle()
    expect(closes).toMatchObject([{ code: 1000, reason: 'reconnect', wasClean: true }])
    expect(socket.closeRequest).toEqual({ code: 1000, reason: 'reconnect' })
  })

  test('cuts a wait short, that of the server too', async () => {
    const { client, environment, socket } = await open()
    socket.serverClose(1013, 'retry=100000-100000')
    client.reconnect()
    await environment.settle()
    expect(environment.sockets).toHaveLength(2)
  })

  test('from a listener of close is what happens', async () => {
    const { client, environment, socket } = await open(SLOW)
    client.on('close', () => client.reconnect())
    socket.cut()
    await environment.settle()
    expect(environment.sockets).toHaveLength(2)
    environment.sockets[1]?.accept()
    expect(client.status).toBe('open')
  })

  test('starts a client that did not connect by itself', async () => {
    const { client, environment } = await start({ autoConnect: false })
    expect(client.explain()).toMatchObject({ status: 'idle', waitingFor: 'start', attempts: 0 })
    expect(environment.timers).toBe(0)
    client.reconnect()
    await environment.settle()
    expect(environment.sockets).toHaveLength(1)
  })

  test('of a client that was closed throws', async () => {
    const { client } = await open()
    client.close()
    expect(() => client.reconnect()).toThrow(ClientClosed)
  })
})

describe('close()', () => {
  test('P7.4 closes the socket with 1000, or a code of the app', async () => {
    const one = await open()
    one.client.close()
    expect(one.socket.closeRequest).toEqual({ code: 1000, reason: '' })
    const two = await open()
    two.client.close(4001, 'bye')
    expect(two.socket.closeRequest).toEqual({ code: 4001, reason: 'bye' })
    expect(two.client.explain().lastClose).toMatchObject({ code: 4001, reason: 'bye', wasClean: true })
  })

  test('during a wait opens nothing', async () => {
    const { client, environment, socket } = await open()
    socket.cut()
    client.close()
    expect(environment.timers).toBe(0)
    await environment.advance(3_600_000)
    expect(environment.sockets).toHaveLength(1)
  })

  test('while the address is asked for opens nothing', async () => {
    const { client, environment } = await start({ autoConnect: false })
    client.reconnect()
    client.close()
    await environment.advance(3_600_000)
    expect(environment.sockets).toHaveLength(0)
  })

  test('while connecting lets the socket go', async () => {
    const { client, environment, socket } = await start()
    client.close()
    expect(socket.readyState).toBe(2)
    socket.cut()
    await environment.advance(3_600_000)
    expect(environment.sockets).toHaveLength(1)
  })

  test('leaves no timer and no listener, from every state', async () => {
    const states: (() => Promise<Awaited<ReturnType<typeof start>>>)[] = [
      () => start({ autoConnect: false }),
      () => start({ url: () => new Promise(() => {}) }),
      () => start(),
      () => open({ auth: () => 's3cret' }),
      () => open({ heartbeat: { intervalMs: 1000 }, queue: { ttlMs: 5000 } }),
    ]
    for (const make of states) {
      const { client, environment } = await make()
      void client.request('sum').catch(() => {})
      client.close()
      expect(environment.timers).toBe(0)
      expect(environment.listeners).toBe(0)
      await environment.advance(3_600_000)
      expect(client.status).toBe('closed')
    }
  })

  test('twice says nothing new', async () => {
    const { client } = await open()
    const ends: unknown[] = []
    client.on('end', (error) => ends.push(error))
    client.close()
    client.close(4000)
    expect(ends).toHaveLength(1)
    expect(client.explain().lastClose?.code).toBe(1000)
  })

  test('after the end by itself is for good', async () => {
    const { client, socket } = await open()
    socket.serverClose(4403)
    client.close()
    expect(() => client.reconnect()).toThrow(ClientClosed)
  })

  test('from a listener of the close that ends the client ends it once, and leaves nothing', async () => {
    const world = await open()
    const { client, environment, socket } = world
    const drops = dropsOf(world)
    const ends: unknown[] = []
    client.on('end', (error) => ends.push(error))
    client.on('close', () => client.close())
    const written = fateOf(client.request('written'))
    socket.bufferedAmount = 1_000_000
    client.send('queued')
    const queued = fateOf(client.request('queued'))
    const joining = fateOf(client.channel('chat').join())
    socket.serverClose(4403, 'banned')
    await environment.settle()
    expect(ends).toEqual([expect.any(ClientClosed)])
    expect(environment.listeners).toBe(0)
    expect(environment.timers).toBe(0)
    expect(drops).toMatchObject([{ why: 'closed', data: 'queued' }])
    expect([written, queued, joining].map(({ state }) => state)).toEqual(['rejected', 'rejected', 'rejected'])
    expect(() => client.reconnect()).toThrow(ClientClosed)
  })

  test('from a listener of close is what happens', async () => {
    const { client, environment, socket } = await open()
    client.on('close', () => client.close())
    socket.cut()
    await environment.advance(3_600_000)
    expect(client.status).toBe('closed')
    expect(environment.sockets).toHaveLength(1)
  })
})

describe('opened()', () => {
  test('resolves at once if open, else at the next open', async () => {
    const { client, environment, socket } = await start()
    const early = fateOf(client.opened())
    await environment.settle()
    expect(early.state).toBe('pending')
    socket.accept()
    const late = fateOf(client.opened())
    await environment.settle()
    expect([early.state, late.state]).toEqual(['resolved', 'resolved'])
  })

  test('outlasts failed attempts', async () => {
    const { client, environment, socket } = await start()
    const fate = fateOf(client.opened())
    socket.refuse()
    await environment.advance(1000)
    expect(fate.state).toBe('pending')
    environment.sockets[1]?.accept()
    await environment.settle()
    expect(fate.state).toBe('resolved')
  })

  test('rejects when the client ends', async () => {
    const { client, socket } = await start()
    const opened = client.opened()
    socket.accept()
    socket.serverClose(4403)
    await opened
    await expect(client.opened()).rejects.toThrow(ClientClosed)
  })
})
