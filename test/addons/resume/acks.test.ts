import { describe, expect, test } from 'vitest'
import { sentBy } from '../../core/support.js'
import { cutAndDial, eventsOf, greet, hiOf, OK, openSession, resume, said, serverData } from './support.js'

const ascii = (text: string): number[] => [...new TextEncoder().encode(text)]

describe('an ack', () => {
  test('P10.5 travels with every message, also with a volatile one, and then not alone', async () => {
    const world = await openSession()
    serverData(world, 1, 'x')
    world.client.send('a')
    serverData(world, 2, 'x')
    world.client.send('v', { volatile: true })
    await world.environment.advance(1000)
    expect(said(world)).toEqual(['1 1 a', '0 2 v'])
  })

  test('P10.5 goes out alone after 32 messages', async () => {
    const world = await openSession()
    for (let number = 1; number <= 31; number++) serverData(world, number, 'x')
    expect(said(world)).toEqual([])
    for (let number = 32; number <= 64; number++) serverData(world, number, 'x')
    expect(said(world)).toEqual(['ack 32', 'ack 64'])
  })

  test.each([
    ['text', 'x'.repeat(32_768), 'x'.repeat(32_768)],
    ['text in UTF-8, by its characters', '€'.repeat(32_768), '€'.repeat(32_768)],
  ])('P10.5 goes out alone after 64 KiB of %s', async (_, first, second) => {
    const world = await openSession()
    serverData(world, 1, first)
    expect(said(world)).toEqual([])
    serverData(world, 2, second)
    expect(said(world)).toEqual(['ack 2'])
  })

  test('P10.5 goes out alone after 64 KiB of bytes', async () => {
    const world = await openSession()
    world.socket.serverSend(new Uint8Array([...ascii('1 0 '), ...Array(65_536).fill(0)]).buffer)
    expect(said(world)).toEqual(['ack 1'])
  })

  test('P10.5 goes out alone 250 ms after the first that is owed', async () => {
    const world = await openSession()
    serverData(world, 1, 'x')
    await world.environment.advance(200)
    serverData(world, 2, 'x')
    await world.environment.advance(49)
    expect(said(world)).toEqual([])
    await world.environment.advance(1)
    expect(said(world)).toEqual(['ack 2'])
    serverData(world, 3, 'x')
    await world.environment.advance(250)
    expect(said(world)).toEqual(['ack 2', 'ack 3'])
  })

  test('P10.5 goes before a pong, a ping and a polite close, if it is owed', async () => {
    const world = await openSession({ heartbeat: { intervalMs: 10_000 } })
    serverData(world, 1, 'x')
    world.socket.serverSend('ping')
    expect(said(world).slice(-2)).toEqual(['ack 1', 'pong'])
    world.socket.serverSend('ping')
    expect(said(world).slice(-1)).toEqual(['pong'])
    await world.environment.advance(9900)
    serverData(world, 2, 'x')
    await world.environment.advance(100)
    expect(said(world).slice(-2)).toEqual(['ack 2', 'ping'])
    serverData(world, 3, 'x')
    const { socket } = world
    world.client.reconnect()
    expect(sentBy(socket).at(-1)).toBe('ack 3')
    expect(socket.closeRequest?.code).toBe(1000)
  })

  test('P10.3 covers a message only when its handler has finished', async () => {
    const world = await openSession()
    const { client } = world
    client.on('message', (data) => {
      client.send(`re: ${String(data)}`)
    })
    serverData(world, 1, 'a')
    serverData(world, 2, 'b')
    expect(said(world)).toEqual(['1 0 re: a', '2 1 re: b'])
    await world.environment.advance(250)
    expect(said(world).at(-1)).toBe('ack 2')
  })

  test('P10.3 of a message whose listener reconnects is the position in `hi`: it is not heard twice', async () => {
    const world = await openSession()
    const messages = eventsOf(world, 'message')
    const off = world.client.on('message', () => world.client.reconnect())
    const { socket } = world
    serverData(world, 1, 'a')
    off()
    expect(sentBy(socket)).not.toContain('ack 1')
    await world.environment.settle()
    await greet(world, { resumed: true, sent: 1 })
    expect(hiOf(world).received).toBe(1)
    serverData(world, 2, 'b')
    await world.environment.advance(250)
    expect(said(world)).toEqual(['ack 2'])
    expect(messages.map(([, data]) => data)).toEqual(['a', 'b'])
  })

  test('P10.3 lower than one before says nothing new', async () => {
    const world = await openSession()
    world.client.send('a')
    world.client.send('b')
    for (const ack of [2, 1, 0, 2]) world.socket.serverSend(`ack ${ack}`)
    expect(world.client.stats).toMatchObject({ unacknowledged: 0, protocolErrors: 0 })
    world.client.send('c')
    expect(said(world).at(-1)).toBe('3 0 c')
  })

  test.each([
    ['alone', 'ack 2'],
    ['with a message', '1 2 hello'],
  ])(
    'P10.4 P15.4 above what was written, %s, ends the session: the page says so and begins another',
    async (_, ack) => {
      const world = await openSession()
      const { client } = world
      const events = eventsOf(world, 'message', 'sessionlost', 'gap')
      client.send('a')
      const kept = client.request('idempotent', 1, { idempotent: true })
      client.send('c')
      world.socket.serverSend(ack.replace('2', '4'))
      expect(world.socket.closeRequest?.code).toBe(4400)
      expect(events).toEqual([
        ['sessionlost', { why: 'protocol', unknown: 2, messages: [{ data: 'a' }, { data: 'c' }] }],
        ['gap', { from: 1, why: 'protocol' }],
      ])
      // Nothing goes out in the session that is lost.
      expect(said(world)).toHaveLength(3)
      expect(world.errors[0]).toMatchObject({ code: 'PROTOCOL' })
      await cutAndDial(world)
      await greet(world, { session: 'session-2' })
      expect(hiOf(world)).not.toHaveProperty('session')
      client.send('d')
      expect(said(world)).toEqual([expect.stringMatching(/^1 0 \{"id":1/), '2 0 d'])
      serverData(world, 1, { id: 1, result: 'done' }, 2)
      await expect(kept).resolves.toBe('done')
      expect(client.stats.unacknowledged).toBe(0)
    },
  )

  test('P10.4 above what was written is no surprise to a listener that goes its own way', async () => {
    for (const way of ['close', 'reconnect'] as const) {
      const world = await openSession()
      const errors = eventsOf(world, 'error')
      world.client.on('sessionlost', () => world.client[way]())
      world.socket.serverSend('ack 1')
      await world.environment.settle()
      expect(errors.map(([, error]) => error)).toMatchObject([{ code: 'PROTOCOL' }])
      expect(world.client.status).toBe(way === 'close' ? 'closed' : 'connecting')
      if (way === 'close') continue
      await greet(world, { session: 'session-2' })
      expect(hiOf(world)).toEqual({ version: 1, attempt: expect.any(Number), client: expect.any(String) })
      expect(world.client.status).toBe('open')
    }
  })

  test('P9.6 names the client for as long as it lives, and no two are the same', async () => {
    const first = await openSession()
    const { client } = hiOf(first)
    expect(client).toMatch(/^\d+-\d+-\d+-\d+$/)
    await resume(first, OK)
    expect(hiOf(first).client).toBe(client)
    expect(hiOf(await openSession()).client).not.toBe(client)
  })
})
