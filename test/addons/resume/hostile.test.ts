import { describe, expect, test } from 'vitest'
import { serverSays } from '../../core/support.js'
import { begin, cutAndDial, eventsOf, greet, hiOf, OK, openSession, resume, said, serverData } from './support.js'

const JUNK: readonly (readonly [name: string, data: string | ArrayBuffer])[] = [
  ['a plain frame', '{"channel":"chat","event":"message"}'],
  ['a text', 'hello'],
  ['nothing', ''],
  ['a leading zero', '01 0 x'],
  ['a leading zero in the ack', '1 00 x'],
  ['a sign', '+1 0 x'],
  ['a negative number', '-1 0 x'],
  ['a fraction', '1.0 0 x'],
  ['an exponent', '1e0 0 x'],
  ['two spaces', '1  0 x'],
  ['a number too many digits long', '12345678901234567 0 x'],
  ['a number that is not safe', '9007199254740993 0 x'],
  ['an ack that is not safe', '1 9007199254740993 x'],
  ['a header without its last space', '1 0'],
  ['another alphabet', '١ 0 x'],
  ['an ack of nothing', 'ack '],
  ['an ack with a leading zero', 'ack 01'],
  ['an ack of more', 'ack 0 0'],
  ['an ack that is not safe', 'ack 9007199254740993'],
  ['a pong', 'pong'],
  ['an unknown control frame', '{"hello":{}}'],
  ['a `hi`', '{"hi":{"version":1,"client":"0123456789abcdef"}}'],
  ['a `bye` with a wrong window', '{"bye":{"window":{"minMs":"0","maxMs":5}}}'],
  ['a `bye` with a wrong url', '{"bye":{"url":7}}'],
  ['a `bye` that is null', '{"bye":null}'],
  ['an array', '[1,2]'],
  ['null', 'null'],
  ['a prototype', '{"__proto__":{"ok":{}}}'],
  ['much depth', '['.repeat(100_000)],
  ['no bytes', new ArrayBuffer(0)],
  ['bytes without a header', new Uint8Array([255, 254, 0]).buffer],
  ['bytes of a control frame', new TextEncoder().encode('ack 0').buffer],
]

const BAD_OKS: readonly object[] = [
  { session: undefined },
  { session: '' },
  { session: 'x'.repeat(129) },
  { session: 7 },
  { key: null },
  { key: 'x'.repeat(129) },
  { epoch: 7 },
  { resumed: 'yes' },
  { received: -1 },
  { received: 0.5 },
  { received: '0' },
  { sent: 2 ** 53 },
  { ttlMs: null },
  { pingMs: undefined },
  { maxPayload: 'big' },
  { why: 7 },
  { window: { minMs: 0 } },
  { window: 5 },
]

describe('in a session', () => {
  test.each(JUNK)('P9.5 %s is ignored and counted', async (_, data) => {
    const world = await openSession()
    const messages = eventsOf(world, 'message')
    world.socket.serverSend(data)
    serverData(world, 1, 'x')
    expect(world.client.stats.protocolErrors).toBe(1)
    expect(world.errors).toMatchObject([{ code: 'PROTOCOL' }])
    expect(messages).toEqual([['message', 'x']])
    expect(world.client.status).toBe('open')
  })

  test('P9.5 of a flood the first is reported, and on the next connection again', async () => {
    const world = await openSession()
    for (let i = 0; i < 1000; i++) world.socket.serverSend('junk')
    expect(world.client.stats.protocolErrors).toBe(1000)
    expect(world.errors).toHaveLength(1)
    await resume(world)
    world.socket.serverSend('junk')
    expect(world.errors).toHaveLength(2)
  })

  test('P9.5 a broken frame inside a data frame counts, and is acknowledged all the same', async () => {
    const world = await openSession()
    serverData(world, 1, '{"id":{},"result":1}')
    serverData(world, 2, '{"id":99,"result":1}')
    expect(world.client.stats.protocolErrors).toBe(2)
    await world.environment.advance(250)
    expect(said(world)).toEqual(['ack 2'])
  })

  test('P10.2 the highest number that there is only closes the socket', async () => {
    const world = await openSession()
    serverData(world, 999_999_999_999_999, 'x')
    expect(world.socket.closeRequest?.code).toBe(4003)
    expect(world.client.stats.received).toBe(0)
  })
})

describe('before the answer to `hi`', () => {
  test.each([...JUNK, ['a data frame', '1 0 x'], ['an ack', 'ack 0'], ['a farewell', '{"bye":{}}']] as const)(
    'P9.5 P11.2 %s is ignored and counted',
    async (_, data) => {
      const world = await begin()
      const messages = eventsOf(world, 'message')
      world.socket.accept()
      world.socket.serverSend(data)
      expect(world.client.stats.protocolErrors).toBe(1)
      await world.environment.advance(10)
      expect(world.environment.sockets).toHaveLength(1)
      serverSays(world.socket, { ok: OK })
      expect(world.client.status).toBe('open')
      expect(messages).toEqual([])
    },
  )

  test.each(BAD_OKS)('P9.5 P9.6 P14.4 an `ok` with %j is none', async (bad) => {
    const world = await begin()
    world.socket.accept()
    serverSays(world.socket, { ok: { ...OK, ...bad } })
    expect(world.client.status).toBe('connecting')
    expect(world.client.stats.protocolErrors).toBe(1)
  })

  test('P9.5 a `no` with wrong types is none', async () => {
    const world = await begin()
    world.socket.accept()
    serverSays(world.socket, { no: { code: '4403', reason: 'no' } })
    serverSays(world.socket, { no: { code: 4403 } })
    expect(world.client.stats.protocolErrors).toBe(2)
    expect(world.errors).toMatchObject([{ code: 'PROTOCOL' }])
  })
})

describe('an `ok` that cannot be the answer', () => {
  test.each([
    ['a position beyond what was written', { resumed: true, received: 3 }],
    ['a position below the acks before it', { resumed: true, received: 0 }],
    ['fewer sent than the page has', { resumed: true, received: 1, sent: 0 }],
    ['another session', { resumed: true, session: 'session-9', received: 1, sent: 1 }],
    ['a session that begins in its middle', { resumed: false, session: 'session-9', received: 1 }],
  ])('P10.4 with %s ends the session: nothing is written, and the next `hi` has none', async (_, ok) => {
    const world = await openSession()
    const events = eventsOf(world, 'sessionlost', 'gap', 'resumed', 'open')
    world.client.send('acknowledged')
    world.client.send('a')
    serverData(world, 1, 'x', 1)
    world.socket.cut()
    world.client.send('b')
    await cutAndDial(world)
    world.socket.accept()
    serverSays(world.socket, { ok: { ...OK, sent: 1, ...ok } })
    expect(said(world)).toEqual([])
    expect(world.socket.closeRequest?.code).toBe(4400)
    expect(events).toEqual([
      ['sessionlost', { why: 'protocol', unknown: 1, messages: [{ data: 'a' }] }],
      ['gap', { from: 2, why: 'protocol' }],
    ])
    expect(world.client.status).toBe('waiting')
    await cutAndDial(world)
    await greet(world, { session: 'session-2' })
    expect(hiOf(world)).not.toHaveProperty('session')
    expect(said(world)).toEqual(['1 0 b'])
  })

  test('P10.4 to a page that named no session is no answer either', async () => {
    const world = await begin()
    world.socket.accept()
    serverSays(world.socket, { ok: { ...OK, resumed: true } })
    expect(world.client.status).toBe('waiting')
    await cutAndDial(world)
    await greet(world)
    expect(hiOf(world)).not.toHaveProperty('session')
  })
})
