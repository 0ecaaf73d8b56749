import { describe, expect, test } from 'vitest'
import { DeliveryUnknown } from '../../../src/index.js'
import { dropsOf, fateOf } from '../../core/support.js'
import {
  cutAndDial,
  eventsOf,
  greet,
  hiOf,
  loseSession,
  openSession,
  resume,
  said,
  serverData,
  withoutKey,
} from './support.js'

const parsed = (frame: unknown): unknown => JSON.parse(String(frame).replace(/^\d+ \d+ /, ''))

describe('a session that is lost', () => {
  test.each(['unknown', 'expired', 'overflow', 'subject', 'position'])(
    'P11.9 P13.1 P13.2 by `%s` is named, with what may be missing and what nobody knows of',
    async (why) => {
      const world = await openSession()
      const events = eventsOf(world, 'sessionlost', 'gap', 'open', 'resumed', 'drop')
      const { client } = world
      client.send('acknowledged')
      client.send('a')
      client.channel('chat').send('message', 'b')
      serverData(world, 1, 'x', 1)
      serverData(world, 2, 'y', 1)
      world.socket.cut()
      client.send('never written')
      await loseSession(world, why)
      expect(events).toEqual([
        [
          'sessionlost',
          {
            why,
            unknown: 2,
            messages: [
              { data: 'a', channel: undefined },
              { data: '{"channel":"chat","event":"message","data":"b"}', channel: 'chat' },
            ],
          },
        ],
        ['gap', { from: 3, why }],
        ['open', { reconnected: true }],
      ])
      expect(said(world)).toEqual(['1 0 never written'])
      await cutAndDial(world)
      await greet(world, { session: 'session-2', resumed: true, received: 1 })
      expect(hiOf(world)).toMatchObject({ session: 'session-2', key: 'key-2', received: 0 })
      expect(said(world)).toEqual([])
      expect(events.slice(3)).toMatchObject([
        ['resumed', {}],
        ['open', {}],
      ])
    },
  )

  test('P13.1 rejects what was written and has no answer, and goes on with the rest', async () => {
    const world = await openSession()
    const { client, environment } = world
    const drops = dropsOf(world)
    const request = fateOf(client.request('transfer'))
    const stream = fateOf(client.stream('count')[Symbol.asyncIterator]().next())
    const leave = fateOf(client.channel('left').leave())
    const delivered = fateOf(client.channel('chat').deliver('message', 1))
    world.socket.cut()
    const later = fateOf(client.request('later'))
    const deliveredLater = fateOf(client.channel('chat').deliver('message', 2))
    const lost = eventsOf(world, 'sessionlost')
    await loseSession(world)
    expect(request.error).toBeInstanceOf(DeliveryUnknown)
    expect(stream.error).toBeInstanceOf(DeliveryUnknown)
    expect(delivered.error).toBeInstanceOf(DeliveryUnknown)
    expect(leave.state).toBe('resolved')
    expect(lost).toEqual([['sessionlost', { why: 'unknown', unknown: 3, messages: [] }]])
    expect(said(world).map(parsed)).toMatchObject([{ method: 'later' }, { channel: 'chat', data: 2 }])
    serverData(world, 1, { id: 3, result: 'done' }, 2)
    await environment.settle()
    expect(later).toMatchObject({ state: 'resolved', value: 'done' })
    expect(deliveredLater.state).toBe('resolved')
    expect(drops).toEqual([])
  })

  test('P13.1 P13.3 writes idempotent requests first, with the same id and key', async () => {
    const world = await openSession()
    const { client } = world
    const { client: name } = hiOf(world)
    const first = fateOf(client.request('first', 1, { idempotent: true }))
    const second = fateOf(client.request('second', 2, { idempotent: true }))
    const before = said(world)
    expect(before.map(parsed)).toMatchObject([
      { id: 1, method: 'first', params: 1, key: `${name}:1` },
      { id: 2, method: 'second', params: 2, key: `${name}:2` },
    ])
    world.socket.cut()
    client.send('queued')
    for (const session of ['session-2', 'session-3']) {
      await cutAndDial(world)
      await greet(world, { session })
      expect(said(world)).toEqual([...before, '3 0 queued'].slice(0, session === 'session-2' ? 3 : 2))
    }
    serverData(world, 1, { id: 2, result: 'b' }, 2)
    serverData(world, 2, { id: 1, result: 'a' }, 2)
    await world.environment.settle()
    expect([first.value, second.value]).toEqual(['a', 'b'])
  })

  test('P13.1 has each idempotent request once, though half of it was to be written again when it was lost', async () => {
    const world = await openSession()
    const { client, environment } = world
    const asked = fateOf(client.request('asked', 1, { idempotent: true }))
    const other = fateOf(client.request('other', 2))
    const gone = new AbortController()
    const aborted = fateOf(client.request('aborted', 3, { signal: gone.signal }))
    // The session resumes, but the socket takes nothing before it is cut as well.
    await cutAndDial(world)
    world.socket.bufferedAmount = 1_000_000
    await greet(world, { resumed: true })
    expect(said(world)).toEqual([])
    gone.abort()
    await loseSession(world)
    expect(said(world).map(parsed)).toMatchObject([{ method: 'asked' }, { method: 'other' }])
    serverData(world, 1, { id: 1, result: 'a' }, 2)
    serverData(world, 2, { id: 2, result: 'b' }, 2)
    await environment.settle()
    expect([asked.value, other.value]).toEqual(['a', 'b'])
    expect(aborted.state).toBe('rejected')
  })

  test('P11.9 joins its channels anew, ahead of all that waits, also if the queue is full', async () => {
    for (const overflow of ['reject', 'drop-oldest', 'drop-newest'] as const) {
      const world = await openSession({ queue: { maxMessages: 3, overflow } })
      const joined = world.client.channel('chat').join()
      serverData(world, 1, { id: 1, result: 'in' }, 1)
      await joined
      world.socket.cut()
      for (const text of ['a', 'b', 'c']) world.client.send(text)
      await loseSession(world)
      expect(said(world).map(withoutKey), overflow).toEqual([
        { id: 2, method: 'join', params: { channel: 'chat' } },
        '2 0 a',
        '3 0 b',
        '4 0 c',
      ])
    }
  })

  test('submits a join without its answer once more, and once only', async () => {
    const world = await openSession()
    const joined = fateOf(world.client.channel('chat').join())
    world.client.send('a')
    world.socket.cut()
    const late = fateOf(world.client.channel('late').join())
    await loseSession(world)
    expect(said(world).map(parsed)).toMatchObject([{ id: 1 }, { id: 2 }])
    serverData(world, 1, { id: 1, result: 'in' }, 2)
    serverData(world, 2, { id: 2, result: 'in too' }, 2)
    await world.environment.settle()
    expect([joined.value, late.value]).toEqual(['in', 'in too'])
  })

  test('does not join a channel that was being left', async () => {
    const world = await openSession()
    const chat = world.client.channel('chat')
    const joined = chat.join()
    serverData(world, 1, { id: 1, result: 'in' }, 1)
    await joined
    const left = fateOf(chat.leave())
    await loseSession(world)
    expect(left.error).toBeInstanceOf(DeliveryUnknown)
    expect(said(world)).toEqual([])
    void chat.join().catch(() => {})
    await loseSession(world)
    expect(said(world).map(parsed)).toMatchObject([{ method: 'join' }])
  })

  test('stops what the server had asked, and answers none of it', async () => {
    const world = await openSession()
    const signals: AbortSignal[] = []
    world.client.handle('ask', (_, { signal }) => {
      signals.push(signal)
      return new Promise(() => {})
    })
    world.client.handle('quick', () => 1)
    serverData(world, 1, { id: 7, method: 'ask' })
    world.socket.cut()
    await loseSession(world)
    expect(signals[0]?.aborted).toBe(true)
    expect(said(world)).toEqual([])
  })

  test('P12.1 by 4002 is told as `overflow` when the page comes back', async () => {
    const world = await openSession()
    const events = eventsOf(world, 'sessionlost')
    world.socket.serverClose(4002, 'too slow')
    expect(world.client.status).toBe('waiting')
    expect(events).toEqual([])
    await loseSession(world, 'overflow')
    expect(hiOf(world).session).toBe('session-1')
    expect(events).toMatchObject([['sessionlost', { why: 'overflow', unknown: 0 }]])
  })

  test('P12.1 P15.8 by 4001 was copied: the page drops it, says so and begins another', async () => {
    const world = await openSession()
    const events = eventsOf(world, 'sessionlost', 'gap')
    world.client.send('a')
    serverData(world, 1, 'x')
    world.socket.serverClose(4001, 'resumed elsewhere')
    expect(events).toEqual([
      ['sessionlost', { why: 'fenced', unknown: 1, messages: [{ data: 'a', channel: undefined }] }],
      ['gap', { from: 2, why: 'fenced' }],
    ])
    expect(world.client.status).toBe('waiting')
    await cutAndDial(world)
    await greet(world, { session: 'session-2' })
    expect(hiOf(world)).not.toHaveProperty('session')
    expect(said(world)).toEqual([])
  })

  test('P12.1 by 4003 of the server resumes', async () => {
    const world = await openSession()
    world.socket.serverClose(4003, 'a number was missing')
    await resume(world)
    expect(hiOf(world).session).toBe('session-1')
  })
})

describe('a listener of `sessionlost`', () => {
  test('may close: `bye` goes out, and nothing is left', async () => {
    const world = await openSession()
    world.client.send('a')
    world.client.on('sessionlost', () => world.client.close())
    await loseSession(world)
    expect(said(world)).toEqual([{ bye: {} }])
    expect(world.socket.closeRequest?.code).toBe(1000)
    expect(world.client.status).toBe('closed')
  })

  test('may reconnect: the new session has its channels all the same', async () => {
    const world = await openSession()
    const joined = world.client.channel('chat').join()
    serverData(world, 1, { id: 1, result: 'in' }, 1)
    await joined
    const off = world.client.on('sessionlost', () => {
      off()
      world.client.reconnect()
    })
    await loseSession(world)
    await world.environment.settle()
    await greet(world, { session: 'session-2', resumed: true })
    expect(hiOf(world)).toMatchObject({ session: 'session-2', received: 0 })
    expect(said(world).map(parsed)).toMatchObject([{ method: 'join', params: { channel: 'chat' } }])
  })

  test('may send: it goes out in the new session', async () => {
    const world = await openSession()
    world.client.send('a')
    world.client.on('sessionlost', ({ messages }) => {
      for (const { data } of messages) world.client.send(data)
      world.client.send('more')
    })
    await loseSession(world)
    expect(said(world)).toEqual(['1 0 a', '2 0 more'])
  })
})
