import { describe, expect, test } from 'vitest'
import { DeliveryUnknown, MessageDropped, QueueFull } from '../../../src/index.js'
import { dropsOf, fateOf, open } from '../../core/support.js'
import { begin, eventsOf, greet, loseSession, openSession, resume, said } from './support.js'

describe('deliver', () => {
  test('P10.3 resolves when the message has been acknowledged, through any cut', async () => {
    const world = await openSession()
    const chat = world.client.channel('chat')
    const first = fateOf(chat.deliver('message', { text: 'hi' }))
    const second = fateOf(chat.deliver('message'))
    expect(said(world)).toEqual([
      '1 0 {"channel":"chat","event":"message","data":{"text":"hi"}}',
      '2 0 {"channel":"chat","event":"message"}',
    ])
    await resume(world, { received: 2 })
    expect([first.state, second.state]).toEqual(['pending', 'pending'])
    world.socket.serverSend('ack 1')
    await world.environment.settle()
    expect([first.state, second.state]).toEqual(['resolved', 'pending'])
    expect(first.value).toBeUndefined()
    world.socket.serverSend('ack 2')
    await world.environment.settle()
    expect(second.state).toBe('resolved')
  })

  test('waits in the queue while there is no connection', async () => {
    const world = await begin()
    const fate = fateOf(world.client.channel('chat').deliver('message', 1))
    await greet(world)
    world.socket.serverSend('ack 1')
    await world.environment.settle()
    expect(fate.state).toBe('resolved')
  })

  test('P13.1 rejects with DeliveryUnknown if the session is lost, and is named nowhere else', async () => {
    const world = await openSession()
    const events = eventsOf(world, 'sessionlost', 'drop')
    const fate = fateOf(world.client.channel('chat').deliver('message', 1))
    await loseSession(world)
    expect(fate.error).toBeInstanceOf(DeliveryUnknown)
    expect(events).toEqual([['sessionlost', { why: 'unknown', unknown: 1, messages: [] }]])
  })

  test.each([
    ['overflow', { maxMessages: 1, overflow: 'drop-oldest' }],
    ['overflow', { maxMessages: 0, overflow: 'drop-newest' }],
    ['expired', { ttlMs: 100 }],
  ] as const)('rejects with MessageDropped (%s), and not as a `drop`', async (why, queue) => {
    const world = await begin({ queue })
    const drops = dropsOf(world)
    const fate = fateOf(world.client.channel('chat').deliver('message', 1))
    const { overflow } = { overflow: undefined, ...queue }
    if (overflow === 'drop-oldest') world.client.send('x')
    await world.environment.advance(200)
    expect(fate.error).toBeInstanceOf(MessageDropped)
    expect(fate.error).toMatchObject({ why })
    expect(drops).toEqual([])
    expect(world.client.stats.dropped).toBe(1)
  })

  test('rejects with QueueFull, ClientClosed, what encoding throws, and without a session', async () => {
    const full = await begin({ queue: { maxMessages: 0 } })
    await expect(full.client.channel('chat').deliver('message')).rejects.toThrow(QueueFull)
    const world = await openSession()
    await expect(world.client.channel('chat').deliver('message', 1n)).rejects.toThrow(TypeError)
    world.client.close()
    await expect(world.client.channel('chat').deliver('message')).rejects.toMatchObject({ code: 'CLOSED' })
    const plain = await open()
    await expect(plain.client.channel('chat').deliver('message')).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      field: 'session',
    })
    expect(plain.socket.sent).toEqual([])
  })
})

describe.each([
  ['in a session', openSession, '0 0 '],
  ['on the plain wire', open, ''],
] as const)('a volatile message %s', (_, connect, header) => {
  test('P9.3 P10.1 is written now, and never again', async () => {
    const world = await connect()
    const { client } = world
    client.send('raw', { volatile: true })
    client.channel('chat').send('moved', 1, { volatile: true })
    const sent = world.socket.sent.slice(header ? 1 : 0)
    expect(sent).toEqual([`${header}raw`, `${header}{"channel":"chat","event":"moved","data":1}`])
    expect(client.stats).toMatchObject({ unacknowledged: 0, queuedMessages: 0, sent: 2 })
  })

  test('is dropped and counted without a connection', async () => {
    const world = await connect()
    const drops = dropsOf(world)
    world.socket.cut()
    world.client.send('raw', { volatile: true })
    expect(world.client.stats).toMatchObject({ dropped: 1, queuedMessages: 0 })
    expect(drops).toEqual([])
    world.client.close()
    expect(() => world.client.send('raw', { volatile: true })).toThrow(expect.objectContaining({ code: 'CLOSED' }))
  })

  test('waits while the socket is full: the latest of each event of a channel, as it was', async () => {
    const world = await connect()
    const { client, socket, environment } = world
    socket.bufferedAmount = 1_000_000
    const chat = client.channel('chat')
    chat.send('moved', 1, { volatile: true })
    chat.send('typed', 1, { volatile: true })
    chat.send('moved', 2, { volatile: true })
    client.channel('other').send('moved', 3, { volatile: true })
    const bytes = new Uint8Array([1, 2])
    client.send('replaced', { volatile: true })
    client.send(bytes, { volatile: true })
    bytes.fill(9)
    expect(client.stats.dropped).toBe(2)
    await environment.advance(100)
    const before = socket.sent.length
    socket.bufferedAmount = 0
    await environment.advance(20)
    const sent = socket.sent.slice(before)
    expect(sent.slice(0, 3).map((text) => String(text).slice(header.length))).toEqual([
      '{"channel":"chat","event":"moved","data":2}',
      '{"channel":"chat","event":"typed","data":1}',
      '{"channel":"other","event":"moved","data":3}',
    ])
    const last = sent[3]
    const plain = last instanceof ArrayBuffer || last instanceof Uint8Array ? [...new Uint8Array(last)] : []
    expect(plain.slice(header.length)).toEqual([1, 2])
    expect(client.stats.dropped).toBe(2)
  })

  test('that waits for the socket is dropped with it', async () => {
    const world = await connect()
    world.socket.bufferedAmount = 1_000_000
    world.client.send('v', { volatile: true })
    world.client.channel('chat').send('moved', 1, { volatile: true })
    world.socket.cut()
    expect(world.client.stats.dropped).toBe(2)
  })

  test('whose socket throws is the caller’s to know, or ends the connection if it had waited', async () => {
    const world = await connect()
    world.socket.throwOnSend(new Error('broken'))
    expect(() => world.client.send('v', { volatile: true })).toThrow('broken')
    world.socket.bufferedAmount = 1_000_000
    world.client.send('v', { volatile: true })
    world.socket.bufferedAmount = 0
    world.socket.throwOnSend(new Error('broken'))
    await world.environment.advance(20)
    expect(world.client.status).toBe('waiting')
  })
})
