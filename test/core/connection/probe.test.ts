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

  test('that is asked already is not asked anew: hints that keep coming do not put off the verdict', async () => {
    const world = await announced(60_000, SLOW)
    const closes = closesOf(world)
    await world.environment.advance(10_000)
    world.environment.hint('focus')
    await world.environment.advance(2000)
    world.environment.hint('focus')
    expect(pingsOf(world)).toBe(2)
    await world.environment.advance(500)
    expect(closes).toMatchObject([{ code: 1006 }])
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
  const uploading = async (bytes: number): Promise<World> => {
    const world = await open({ ...STRICT, ...SLOW })
    world.socket.serverSend('pong')
    world.client.send(new ArrayBuffer(bytes))
    world.socket.bufferedAmount = bytes
    return world
  }

  test('that moves extends the deadline, for the ping waits behind it', async () => {
    const world = await uploading(100_000)
    const closes = closesOf(world)
    await world.environment.advance(10_000)
    for (let bytes = 90_000; bytes > 0; bytes -= 10_000) {
      world.socket.bufferedAmount = bytes
      await world.environment.advance(4000)
      expect(closes).toEqual([])
    }
    world.socket.bufferedAmount = 0
    await world.environment.advance(4000)
    expect(closes).toMatchObject([{ code: 1006 }])
  })

  test('that moves extends it also while the app sends more than the network takes', async () => {
    const world = await uploading(100_000)
    const closes = closesOf(world)
    await world.environment.advance(10_000)
    for (let i = 0; i < 5; i++) {
      world.client.send('x'.repeat(20_000))
      world.socket.bufferedAmount += 10_000
      await world.environment.advance(4000)
      expect(closes).toEqual([])
    }
  })

  test('counts what it is in bytes, in any language', async () => {
    const world = await uploading(10)
    const closes = closesOf(world)
    await world.environment.advance(10_000)
    world.client.send('\u6f22'.repeat(100_000))
    world.socket.bufferedAmount = 250_000
    await world.environment.advance(4000)
    expect(closes).toEqual([])
  })

  test('that moved only before the ping does not', async () => {
    const world = await uploading(100_000)
    const closes = closesOf(world)
    world.socket.bufferedAmount = 50_000
    await world.environment.advance(10_000 + 4000)
    expect(closes).toMatchObject([{ code: 1006 }])
  })

  test('that stands still does not', async () => {
    const world = await uploading(100_000)
    const closes = closesOf(world)
    await world.environment.advance(10_000 + 3999)
    expect(closes).toEqual([])
    await world.environment.advance(1)
    expect(closes).toMatchObject([{ code: 1006 }])
  })

  test('to which the app only adds does not: a buffer that grows is no sign of life', async () => {
    const world = await uploading(1000)
    const closes = closesOf(world)
    for (let second = 0; second < 14; second++) {
      expect(closes).toEqual([])
      world.client.send('x'.repeat(1000))
      world.socket.bufferedAmount += 1000
      await world.environment.advance(1000)
    }
    expect(closes).toMatchObject([{ code: 1006 }])
  })
})
