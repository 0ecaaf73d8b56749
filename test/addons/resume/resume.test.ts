import { describe, expect, test } from 'vitest'
import { closesOf, fateOf, sentBy, serverSays } from '../../core/support.js'
import {
  begin,
  cutAndDial,
  eventsOf,
  greet,
  hiOf,
  OK,
  openSession,
  resume,
  said,
  serverData,
  withoutKey,
} from './support.js'

describe('the handshake', () => {
  test('P9.1 P9.2 P11.2 begins with `hi`, and nothing but heartbeats goes out before the answer', async () => {
    const world = await begin({ auth: () => ({ user: 7 }) })
    const { client, socket } = world
    client.send('queued')
    client.channel('chat', { join: true })
    socket.accept()
    client.send('raw')
    client.send('volatile', { volatile: true })
    void client.request('sum').catch(() => {})
    socket.serverSend('ping 15000')
    socket.serverSend('ping')
    expect(sentBy(socket)).toEqual([
      { hi: { version: 1, attempt: expect.any(Number), client: expect.any(String), token: { user: 7 } } },
      'pong',
      'pong',
    ])
    expect(client.explain()).toMatchObject({ status: 'connecting', waitingFor: 'auth' })
    serverSays(socket, { ok: OK })
    expect(client.status).toBe('open')
    expect(said(world).filter((frame) => frame !== 'pong' && frame !== 'ping')).toEqual([
      expect.stringMatching(/^1 0 \{"id":1,"method":"join"/),
      '2 0 queued',
      '3 0 raw',
      expect.stringMatching(/^4 0 \{"id":2,"method":"sum"/),
    ])
  })

  test('P9.1 that is never answered fails when its time is over, and is tried again', async () => {
    const world = await begin({ openTimeoutMs: 3000 })
    world.socket.accept()
    await world.environment.advance(3000)
    expect(world.errors).toMatchObject([{ code: 'CONNECT_FAILED' }])
    expect(world.client.status).toBe('waiting')
    await world.environment.advance(1000)
    world.socket.accept()
    expect(hiOf(world)).toEqual({ version: 1, attempt: expect.any(Number), client: expect.any(String) })
  })

  test('P11.2 is over with one `ok`: a second counts as a protocol error and changes nothing', async () => {
    const world = await openSession()
    serverSays(world.socket, { ok: { ...OK, session: 'session-9', received: 7 } })
    expect(world.client.stats.protocolErrors).toBe(1)
    await cutAndDial(world)
    world.socket.accept()
    expect(hiOf(world).session).toBe('session-1')
  })

  test('P11.2 is not ended by an `ok` on a socket that is gone', async () => {
    const world = await begin()
    const first = world.socket
    first.accept()
    world.client.reconnect()
    await world.environment.settle()
    first.onmessage?.({ data: JSON.stringify({ ok: OK }) })
    world.socket.accept()
    expect(hiOf(world)).not.toHaveProperty('session')
    expect(world.client.status).toBe('connecting')
  })

  test('P12.2 with a `no` tells why, and the close says what is next', async () => {
    const world = await begin({ auth: () => 'old' })
    world.socket.accept()
    serverSays(world.socket, { no: { code: 4403, reason: 'a long story'.repeat(50) } })
    expect(world.errors).toMatchObject([{ name: 'HoldfastError', code: 4403, message: 'a long story'.repeat(50) }])
    expect(world.client.status).toBe('connecting')
    world.socket.serverClose(4403, 'a long story')
    expect(world.client.status).toBe('closed')
  })

  test('P12.2 with a `no` after `ok` is a protocol error and no more', async () => {
    const world = await openSession()
    for (let i = 0; i < 3; i++) serverSays(world.socket, { no: { code: 4403, reason: 'no' } })
    expect(world.errors).toMatchObject([{ code: 'PROTOCOL' }])
    expect(world.client.stats.protocolErrors).toBe(3)
    expect(world.client.status).toBe('open')
  })

  test('with a token that is no JSON fails as an attempt, and says why', async () => {
    const cause = new TypeError('this is no token')
    const token = {
      toJSON() {
        throw cause
      },
    }
    const world = await begin({ auth: () => token })
    world.socket.accept()
    expect(world.errors).toMatchObject([{ code: 'CONNECT_FAILED', cause }])
    expect(world.client.status).toBe('waiting')
  })

  test('P9.6 takes the window for a connection that is lost without a word', async () => {
    const world = await begin()
    await greet(world, { window: { minMs: 4000, maxMs: 6000 } })
    world.socket.cut()
    const { until } = world.client.explain()
    expect(world.client.explain()).toMatchObject({ waitingFor: 'server-window' })
    expect(until && until - world.environment.now()).toBe(5000)
  })
})

describe('after a cut', () => {
  test('P11.3 P11.10 the page names session, key and position, and writes again what is above that of the server', async () => {
    const world = await openSession()
    const resumed = eventsOf(world, 'resumed')
    for (const text of ['a', 'b', 'c']) world.client.send(text)
    serverData(world, 1, 'x')
    await cutAndDial(world)
    await world.environment.advance(500)
    await greet(world, { resumed: true, key: 'key-2', received: 2, sent: 4 })
    expect(hiOf(world)).toMatchObject({ session: 'session-1', key: 'key-1', received: 1 })
    expect(said(world)).toEqual(['3 1 c'])
    expect(resumed).toEqual([['resumed', { replayed: 4, missedMs: 500 }]])
    world.client.send('d')
    expect(said(world)).toEqual(['3 1 c', '4 1 d'])
    await resume(world, { received: 4, sent: 1 })
    expect(hiOf(world)).toMatchObject({ key: 'key-2' })
  })

  test('P11.3 position 0 is a position', async () => {
    const world = await openSession()
    world.client.send('a')
    await resume(world)
    expect(hiOf(world)).toMatchObject({ session: 'session-1', received: 0 })
    expect(said(world)).toEqual(['1 0 a'])
  })

  test('P11.3 what was sent meanwhile comes after what is written again, also from a listener of `open`', async () => {
    const world = await openSession()
    world.client.send('a')
    world.socket.cut()
    world.client.send('b')
    world.client.on('resumed', () => world.client.send('from resumed'))
    world.client.on('open', () => world.client.send('from open'))
    await resume(world)
    expect(said(world)).toEqual(['1 0 a', '2 0 b', '3 0 from resumed', '4 0 from open'])
  })

  test('P11.8 P15.2 a lost `ok` uses nothing up: the same is said again', async () => {
    const world = await openSession()
    serverData(world, 1, 'x')
    for (let i = 0; i < 3; i++) {
      await cutAndDial(world)
      world.socket.accept()
      expect(hiOf(world)).toMatchObject({ session: 'session-1', key: 'key-1', received: 1 })
    }
  })

  test('P11.10 the session is kept through attempts that fail in any way', async () => {
    const world = await openSession({ auth: () => 'token' })
    const { client, environment } = world
    const events = eventsOf(world, 'sessionlost', 'gap', 'drop')
    client.send('a')
    await cutAndDial(world)
    world.socket.refuse()
    client.reconnect()
    await environment.settle()
    world.socket.accept()
    world.socket.serverClose(4401, 'old token')
    client.reconnect()
    await environment.settle()
    world.socket.accept()
    serverSays(world.socket, { no: { code: 1013, reason: 'busy' } })
    world.socket.serverClose(1013, 'busy')
    await environment.advance(5000)
    await greet(world, { resumed: true })
    expect(said(world)).toEqual(['1 0 a'])
    expect(events).toEqual([])
  })

  test('P11.12 channels, requests, streams and requests of the server go on, and nothing is asked again', async () => {
    const world = await openSession()
    const { client, environment } = world
    const joined = client.channel('chat').join()
    const heard: unknown[] = []
    client.channel('chat').on('message', (data) => heard.push(data))
    serverData(world, 1, { id: 1, result: 'in' }, 1)
    await expect(joined).resolves.toBe('in')
    const sum = client.request('sum', [1, 2])
    const items: unknown[] = []
    const reading = (async () => {
      for await (const item of client.stream('count')) items.push(item)
    })()
    let answer: (value: string) => void = () => {}
    const signals: AbortSignal[] = []
    client.handle('ask', (_, { signal }) => {
      signals.push(signal)
      return new Promise<string>((resolve) => {
        answer = resolve
      })
    })
    serverData(world, 2, { id: 9, method: 'ask' }, 3)
    serverData(world, 3, { id: 3, item: 1 }, 3)
    await environment.settle()
    world.socket.cut()
    answer('said while away')
    await environment.settle()
    await resume(world, { received: 3, sent: 3 })
    expect(said(world)).toEqual(['4 3 {"id":9,"result":"said while away"}'])
    expect(signals[0]?.aborted).toBe(false)
    serverData(world, 4, { id: 3, item: 2 })
    serverData(world, 5, { channel: 'chat', event: 'message', data: 'hi' })
    serverData(world, 6, { id: 2, result: 3 })
    serverData(world, 7, { id: 3, result: null })
    await expect(sum).resolves.toBe(3)
    await reading
    expect(items).toEqual([1, 2])
    expect(heard).toEqual(['hi'])
  })

  test('P11.12 what was joined while away goes out once, in its turn, before what was sent to it', async () => {
    const world = await openSession()
    const { client } = world
    world.socket.cut()
    client.send('before')
    const joined = fateOf(client.channel('chat').join({ as: 'ada' }))
    client.channel('chat').send('message', 'hi')
    client.channel('news', { join: true })
    await resume(world)
    expect(said(world).map(withoutKey)).toEqual([
      '1 0 before',
      { id: 1, method: 'join', params: { channel: 'chat', params: { as: 'ada' } }, timeoutMs: 30_000 },
      { channel: 'chat', event: 'message', data: 'hi' },
      { id: 2, method: 'join', params: { channel: 'news' } },
    ])
    serverData(world, 1, { id: 1, result: 'in' }, 4)
    await world.environment.settle()
    expect(joined).toMatchObject({ state: 'resolved', value: 'in' })
    await resume(world, { received: 4, sent: 1 })
    expect(said(world)).toEqual([])
  })

  test('a join that had no answer in time, or failed in passing, is asked again; one that is being left is not', async () => {
    const world = await openSession({ requestTimeoutMs: 1000 })
    const { client, environment } = world
    const fates = ['slow', 'faulty', 'refused', 'left'].map((name) => fateOf(client.channel(name).join()))
    serverData(world, 1, { id: 2, error: { code: -32603, message: 'in passing' } }, 4)
    serverData(world, 2, { id: 3, error: { code: 'banned', message: 'no' } }, 4)
    await environment.advance(1000)
    expect(fates.map(({ state }) => state)).toEqual(Array(4).fill('rejected'))
    world.socket.cut()
    client
      .channel('left')
      .leave()
      .catch(() => {})
    await resume(world, { received: 4, sent: 2 })
    expect(said(world).map(withoutKey)).toMatchObject([
      { id: 1, cancel: true },
      { id: 4, cancel: true },
      { method: 'leave', params: { channel: 'left' } },
      { method: 'join', params: { channel: 'slow' } },
      { method: 'join', params: { channel: 'faulty' } },
    ])
  })

  test('P15.3 both ends may give the socket up at once', async () => {
    const world = await openSession()
    const closes = closesOf(world)
    world.client.send('a')
    const { socket } = world
    world.client.reconnect()
    socket.serverClose(4408, 'silent')
    await world.environment.settle()
    await greet(world, { resumed: true })
    expect(said(world)).toEqual(['1 0 a'])
    expect(closes).toHaveLength(1)
  })
})

describe('a listener of `resumed`', () => {
  test('P11.11 may close: `bye` goes out, and every promise settles', async () => {
    const world = await openSession()
    const delivered = fateOf(world.client.channel('chat').deliver('message', 1))
    world.client.on('resumed', () => world.client.close())
    await resume(world)
    expect(said(world)).toEqual([{ bye: {} }])
    expect(world.socket.closeRequest?.code).toBe(1000)
    expect(delivered.error).toMatchObject({ code: 'DROPPED', why: 'closed' })
  })

  test('may reconnect: the session goes on', async () => {
    const world = await openSession()
    world.client.send('a')
    const off = world.client.on('resumed', () => {
      off()
      world.client.reconnect()
    })
    await resume(world, { key: 'key-2' })
    await world.environment.settle()
    await greet(world, { resumed: true, key: 'key-3' })
    expect(hiOf(world).key).toBe('key-2')
    expect(said(world)).toEqual(['1 0 a'])
  })
})
