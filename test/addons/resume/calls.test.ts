import { describe, expect, test } from 'vitest'
import { dropsOf, fateOf, sentBy } from '../../core/support.js'
import { cutAndDial, eventsOf, greet, loseSession, openSession, resume, said, serverData } from './support.js'

const parsed = (frame: unknown): unknown => JSON.parse(String(frame).replace(/^\d+ \d+ /, ''))

describe('a call that is given up', () => {
  test('P15.7 after it was written is cancelled, also across a cut', async () => {
    const world = await openSession()
    const { client, environment } = world
    const aborter = new AbortController()
    const aborted = fateOf(client.request('slow', 1, { signal: aborter.signal }))
    const timedOut = fateOf(client.request('slower', 1, { timeoutMs: 1000 }))
    world.socket.cut()
    aborter.abort()
    await environment.advance(1000)
    await resume(world, { received: 2 })
    expect(aborted.error).toMatchObject({ name: 'AbortError' })
    expect(timedOut.error).toMatchObject({ code: 'TIMEOUT' })
    expect(said(world)).toEqual(['3 0 {"id":1,"cancel":true}', '4 0 {"id":2,"cancel":true}'])
    serverData(world, 1, { id: 1, result: 'too late' }, 4)
    expect(client.stats.protocolErrors).toBe(0)
  })

  test('before the server had it is not written at all', async () => {
    const world = await openSession()
    const aborter = new AbortController()
    const written = fateOf(world.client.request('a', 1, { signal: aborter.signal }))
    await cutAndDial(world)
    const queued = fateOf(world.client.request('b', 1, { signal: aborter.signal }))
    world.socket.bufferedAmount = 1_000_000
    await greet(world, { resumed: true })
    aborter.abort()
    world.socket.bufferedAmount = 0
    await world.environment.advance(20)
    expect(said(world)).toEqual([])
    expect([written.state, queued.state]).toEqual(['rejected', 'rejected'])
    world.client.send('next')
    expect(said(world)).toEqual(['1 0 next'])
  })

  test('is not cancelled in a session that does not know it', async () => {
    const world = await openSession()
    const aborter = new AbortController()
    void world.client.request('slow', 1, { signal: aborter.signal }).catch(() => {})
    world.socket.cut()
    aborter.abort()
    const lost = eventsOf(world, 'sessionlost')
    await loseSession(world)
    expect(said(world)).toEqual([])
    // Whoever aborted does not wait for it.
    expect(lost).toMatchObject([['sessionlost', { unknown: 0, messages: [] }]])
  })

  test('P13.9 is given up by the server too: `timeoutMs` says when; a stream has no end in time', async () => {
    const world = await openSession({ requestTimeoutMs: 7000 })
    const { client } = world
    void client.request('a').catch(() => {})
    void client.request('b', 1, { timeoutMs: 500 }).catch(() => {})
    void client.request('c', 1, { timeoutMs: Number.POSITIVE_INFINITY }).catch(() => {})
    client
      .stream('d')
      [Symbol.asyncIterator]()
      .next()
      .catch(() => {})
    const limits = said(world).map((frame) => Object(parsed(frame)).timeoutMs)
    expect(limits).toEqual([7000, 500, undefined, undefined])
    expect(said(world).map((frame) => Object(parsed(frame)).key)).toEqual([undefined, undefined, undefined, undefined])
  })

  test('that waits in a full queue with a cancel beside it ends all the same', async () => {
    const world = await openSession({ queue: { maxMessages: 2 } })
    const aborter = new AbortController()
    const fate = fateOf(world.client.request('slow', 1, { signal: aborter.signal }))
    world.client.send('a')
    aborter.abort()
    await world.environment.settle()
    expect(fate.state).toBe('rejected')
    expect(world.errors).toEqual([])
    expect(sentBy(world.socket).at(-1)).toBe('3 0 {"id":1,"cancel":true}')
  })
})

describe('an answer that waits', () => {
  test('is named if it leaves the queue unsent', async () => {
    const world = await openSession({ queue: { ttlMs: 1000 } })
    const drops = dropsOf(world)
    let answer: (value: string) => void = () => {}
    world.client.handle(
      'ask',
      () =>
        new Promise<string>((resolve) => {
          answer = resolve
        }),
    )
    serverData(world, 1, { id: 1, method: 'ask' })
    world.socket.cut()
    answer('old')
    await world.environment.advance(2000)
    expect(drops).toMatchObject([{ why: 'expired', data: '{"id":1,"result":"old"}' }])
  })
})
