import { describe, expect, test } from 'vitest'
import type { Hint } from '../../../src/index.js'
import { closesOf, open, type Setup, type World } from '../support.js'

const STRICT = { heartbeat: { intervalMs: 10_000, timeoutMs: 4000 } } satisfies Setup
/** A wait so long that no reconnect comes in between. */
const SLOW = { backoff: { firstWindowMs: 1e6, initialMs: 1e6, maxMs: 1e6 } } satisfies Setup

const pingsOf = ({ socket }: World): number => socket.sent.filter((data) => data === 'ping').length

/** A server that has said `ping <intervalMs>`, and heard the answer. */
const announced = async (intervalMs: number, setup?: Setup): Promise<World> => {
  const world = await open(setup)
  world.socket.serverSend(`ping ${intervalMs}`)
  world.socket.serverSend('pong')
  return world
}

describe('a timer that fires late', () => {
  test('means sleep: asks once more, and keeps a connection that answers', async () => {
    const world = await open({ ...STRICT, ...SLOW })
    const closes = closesOf(world)
    // The ping is on its way when the machine goes to sleep.
    world.environment.sleep(3_600_000)
    await world.environment.advance(0)
    expect(closes).toEqual([])
    expect(pingsOf(world)).toBe(2)
    world.socket.serverSend('pong')
    await world.environment.advance(9000)
    expect(world.client.status).toBe('open')
  })

  test('gives up a connection that does not answer then, in short time', async () => {
    const world = await open({ ...STRICT, ...SLOW })
    const closes = closesOf(world)
    world.environment.sleep(3_600_000)
    await world.environment.advance(2499)
    expect(closes).toEqual([])
    await world.environment.advance(1)
    expect(closes).toMatchObject([{ code: 1006 }])
  })

  test('between two pings only sends the ping late', async () => {
    const world = await open({ ...STRICT, ...SLOW })
    const closes = closesOf(world)
    world.socket.serverSend('pong')
    world.environment.sleep(3_600_000)
    await world.environment.advance(0)
    expect(pingsOf(world)).toBe(2)
    await world.environment.advance(3999)
    expect(closes).toEqual([])
  })

  test('is excused again after a proof of life', async () => {
    const world = await open({ ...STRICT, ...SLOW })
    const closes = closesOf(world)
    for (let i = 0; i < 3; i++) {
      world.environment.sleep(60_000)
      await world.environment.advance(0)
      world.socket.serverSend('pong')
      await world.environment.advance(10_000)
    }
    expect(closes).toEqual([])
    expect(world.client.status).toBe('open')
  })

  test('does not excuse a connection for ever', async () => {
    const world = await open({ ...STRICT, ...SLOW })
    const closes = closesOf(world)
    for (let i = 0; i < 3; i++) {
      world.environment.sleep(60_000)
      await world.environment.advance(0)
    }
    expect(closes).toMatchObject([{ code: 1006 }])
  })
})

describe('a doubt', () => {
  const hints = ['visible', 'pageshow', 'resume', 'online', 'focus', 'offline'] satisfies Hint[]

  test.each(hints)('on %s is asked at once, and settled in short time', async (hint) => {
    const world = await announced(60_000, SLOW)
    const closes = closesOf(world)
    await world.environment.advance(10_000)
    world.environment.hint(hint)
    expect(pingsOf(world)).toBe(2)
    expect(world.client.status).toBe('open')
    await world.environment.advance(2499)
    expect(closes).toEqual([])
    await world.environment.advance(1)
    expect(closes).toMatchObject([{ code: 1006 }])
  })

  test.each(hints)('on %s leaves a connection that answers as it is', async (hint) => {
    const world = await announced(60_000)
    await world.environment.advance(10_000)
    world.environment.hint(hint)
    world.socket.serverSend('pong')
    await world.environment.advance(60_000)
    expect(world.client.status).toBe('open')
    expect(world.environment.sockets).toHaveLength(1)
  })

  test('of several at once is asked once', async () => {
    const world = await announced(60_000)
    await world.environment.advance(10_000)
    for (const hint of hints) world.environment.hint(hint)
    expect(pingsOf(world)).toBe(2)
  })

  test('comes with a send after a sleep that no timer has noticed', async () => {
    const world = await announced(60_000, SLOW)
    const closes = closesOf(world)
    world.environment.sleep(3_600_000)
    world.client.send('hello')
    expect(world.socket.sent.slice(-2)).toEqual(['ping', 'hello'])
    await world.environment.advance(2500)
    expect(closes).toMatchObject([{ code: 1006 }])
  })

  test('does not come with a send in time', async () => {
    const world = await announced(60_000)
    await world.environment.advance(50_000)
    world.client.send('hello')
    expect(pingsOf(world)).toBe(1)
  })
})

describe('an upload', () => {
  test('that moves extends the deadline, for the ping waits behind it', async () => {
    const world = await open({ ...STRICT, ...SLOW })
    const closes = closesOf(world)
    for (let bytes = 100_000; bytes > 0; bytes -= 10_000) {
      world.socket.bufferedAmount = bytes
      await world.environment.advance(4000)
      expect(closes).toEqual([])
    }
    world.socket.bufferedAmount = 0
    await world.environment.advance(4000)
    expect(closes).toMatchObject([{ code: 1006 }])
  })

  test('that stood still before the ping does not, either', async () => {
    const world = await open({ ...STRICT, ...SLOW })
    const closes = closesOf(world)
    world.socket.serverSend('pong')
    world.socket.bufferedAmount = 100_000
    await world.environment.advance(10_000 + 4000)
    expect(closes).toMatchObject([{ code: 1006 }])
  })

  test('that stands still does not', async () => {
    const world = await open({ ...STRICT, ...SLOW })
    const closes = closesOf(world)
    world.socket.bufferedAmount = 100_000
    await world.environment.advance(8000)
    expect(closes).toMatchObject([{ code: 1006 }])
  })
})
