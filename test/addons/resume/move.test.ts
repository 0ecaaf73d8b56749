import { describe, expect, test } from 'vitest'
import { fateOf, sentBy, serverSays, type World } from '../../core/support.js'
import { eventsOf, hiOf, OK, openSession, said, sayBye, serverData } from './support.js'

/** What the page said on the old socket since the server's farewell. */
const lastOn = (socket: World['socket'], from: number): unknown[] => sentBy(socket).slice(from)

describe('a planned restart', () => {
  test('P12.3 P12.4 moves to a second socket, and the app notices nothing', async () => {
    const world = await openSession()
    const { client, environment } = world
    const events = eventsOf(world, 'open', 'close', 'resumed', 'sessionlost', 'gap', 'status', 'error', 'drop')
    client.send('a')
    serverData(world, 1, 'x')
    const old = await sayBye(world)
    expect(environment.sockets).toHaveLength(2)
    expect(world.socket.url).toBe(old.url)
    client.send('b')
    expect(sentBy(old).at(-1)).toBe('2 1 b')
    world.socket.accept()
    const from = old.sent.length
    expect(sentBy(old).at(-1)).toEqual({ bye: {} })
    client.send('c')
    const asked = client.request('sum')
    expect(client.status).toBe('open')
    await client.opened()
    expect(world.socket.sent).toEqual([])
    old.serverSend('2 2 y')
    await environment.advance(300)
    // Nothing but an ack.
    expect(lastOn(old, from)).toEqual(['ack 2'])
    serverSays(old, { bye: { done: true } })
    expect(hiOf(world)).toMatchObject({ session: 'session-1', key: 'key-1', received: 2 })
    expect(old.closeRequest).toBeUndefined()
    serverSays(world.socket, { ok: { ...OK, key: 'key-2', resumed: true, received: 2, sent: 2 } })
    expect(old.closeRequest).toEqual({ code: 1000, reason: 'moved' })
    expect(said(world)).toEqual(['3 2 c', expect.stringMatching(/^4 2 \{"id":1,"method":"sum"/)])
    serverData(world, 3, { id: 1, result: 3 }, 4)
    await expect(asked).resolves.toBe(3)
    // What still arrives on the old one is not heard.
    old.onmessage?.({ data: '4 4 late' })
    old.serverClose()
    expect(events).toEqual([])
    expect(client.stats).toMatchObject({ received: 3, reconnects: 0, protocolErrors: 0 })
  })

  test('shows the frames of both sockets to who listens to frames', async () => {
    const world = await openSession()
    const frames: unknown[] = []
    world.client.on('frame', ({ direction, data }) => frames.push(`${direction} ${String(data).slice(0, 7)}`))
    const old = await sayBye(world)
    world.socket.accept()
    serverSays(old, { bye: { done: true } })
    serverSays(world.socket, { ok: { ...OK, key: 'key-2', resumed: true, received: 0, sent: 0 } })
    serverData(world, 1, 'x')
    expect(frames).toEqual(['in {"bye":', 'out {"bye":', 'in {"bye":', 'out {"hi":{', 'in {"ok":{', 'in 1 0 x'])
  })

  test('P12.3 picks its moment in the window, by default one of 5 s, and goes to `url` if there is one', async () => {
    const world = await openSession()
    world.environment.chance = 0.25
    serverSays(world.socket, {
      bye: { resume: true, window: { minMs: 1000, maxMs: 2000 }, url: 'wss://other.test/ws' },
    })
    await world.environment.advance(1249)
    expect(world.environment.sockets).toHaveLength(1)
    await world.environment.advance(1)
    expect(world.socket.url).toBe('wss://other.test/ws')

    const other = await openSession()
    serverSays(other.socket, { bye: { resume: true } })
    await other.environment.advance(2499)
    expect(other.environment.sockets).toHaveLength(1)
    await other.environment.advance(1)
    expect(other.environment.sockets).toHaveLength(2)
  })

  test('P12.4 without `resume` begins another session, joins its channels, and loses nothing', async () => {
    const world = await openSession()
    const { client } = world
    const joined = client.channel('chat').join()
    serverData(world, 1, { id: 1, result: 'in' }, 1)
    await joined
    const events = eventsOf(world, 'open', 'close', 'sessionlost', 'gap', 'error')
    client.send('a')
    const old = await sayBye(world, { resume: false })
    world.socket.accept()
    client.send('b')
    old.serverSend('ack 2')
    serverSays(old, { bye: { done: true } })
    expect(hiOf(world)).toEqual({ version: 1, client: hiOf(world).client, attempt: 2 })
    serverSays(world.socket, { ok: { ...OK, session: 'session-2' } })
    expect(said(world)).toEqual(['1 0 {"id":2,"method":"join","params":{"channel":"chat"}}', '2 0 b'])
    serverData(world, 1, 'first of another session', 2)
    expect(client.stats).toMatchObject({ received: 2, unacknowledged: 0 })
    expect(events).toEqual([])
  })

  test('P13.2 that ends otherwise after the last word reports no gap, and of messages only what nobody knows of', async () => {
    const world = await openSession()
    const events = eventsOf(world, 'sessionlost', 'gap')
    world.client.send('a')
    const old = await sayBye(world)
    world.socket.accept()
    serverSays(old, { bye: { done: true } })
    serverSays(world.socket, { ok: { ...OK, session: 'session-2', why: 'unknown' } })
    expect(events).toEqual([['sessionlost', { why: 'unknown', unknown: 1, messages: [{ data: 'a' }] }]])
  })

  test('P15.5 answers a request that crossed the farewell in the old session, before the last word', async () => {
    const world = await openSession()
    const fate = fateOf(world.client.request('sum'))
    const old = await sayBye(world)
    world.socket.accept()
    old.serverSend('1 1 {"id":1,"result":3}')
    serverSays(old, { bye: { done: true } })
    await world.environment.settle()
    expect(fate.value).toBe(3)
    serverSays(world.socket, { ok: { ...OK, resumed: true, received: 1, sent: 1 } })
    expect(said(world)).toEqual([])
  })

  test('what is joined meanwhile goes out on the new socket', async () => {
    const world = await openSession()
    const old = await sayBye(world)
    world.socket.accept()
    const fate = fateOf(world.client.channel('chat').join())
    serverSays(old, { bye: { done: true } })
    serverSays(world.socket, { ok: { ...OK, resumed: true } })
    expect(said(world)).toEqual([expect.stringMatching(/^1 0 \{"id":1,"method":"join"/)])
    serverData(world, 1, { id: 1, result: 'in' }, 1)
    await world.environment.settle()
    expect(fate.value).toBe('in')
  })

  test('P9.6 takes the window of the new server', async () => {
    const world = await openSession()
    const old = await sayBye(world)
    world.socket.accept()
    serverSays(old, { bye: { done: true } })
    serverSays(world.socket, { ok: { ...OK, resumed: true, window: { minMs: 8000, maxMs: 8000 } } })
    world.socket.cut()
    expect(world.client.explain().until).toBe(world.environment.now() + 8000)
  })

  test('volatile messages are dropped while nothing may be said', async () => {
    const world = await openSession()
    await sayBye(world)
    world.socket.accept()
    world.client.send('v', { volatile: true })
    expect(world.client.stats.dropped).toBe(1)
  })

  test('a second farewell changes nothing, and the last word without a first is not heard', async () => {
    const world = await openSession()
    serverSays(world.socket, { bye: { done: true } })
    const old = await sayBye(world)
    serverSays(old, { bye: { resume: false, window: { minMs: 0, maxMs: 0 }, url: 'wss://elsewhere.test/' } })
    // Before the second socket is open nothing can have been the last word.
    serverSays(old, { bye: { done: true } })
    await world.environment.advance(10)
    expect(world.environment.sockets).toHaveLength(2)
    world.socket.accept()
    serverSays(old, { bye: { done: true } })
    serverSays(old, { bye: { done: true } })
    expect(sentBy(world.socket)).toEqual([{ hi: expect.objectContaining({ session: 'session-1' }) }])
  })

  test('the new server may send something else before its `ok`', async () => {
    const world = await openSession()
    const old = await sayBye(world)
    world.socket.accept()
    for (const data of ['ping 15000', 'nonsense', '{"ok":{}}', JSON.stringify({ ok: OK })])
      world.socket.serverSend(data)
    expect(old.closeRequest).toBeUndefined()
    serverSays(old, { bye: { done: true } })
    world.socket.serverSend(new ArrayBuffer(3))
    serverSays(world.socket, { ok: { ...OK, resumed: true } })
    expect(world.client.status).toBe('open')
    expect(old.closeRequest?.code).toBe(1000)
  })
})
