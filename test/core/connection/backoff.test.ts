import { describe, expect, test } from 'vitest'
import { type Backoff, backoffDelay } from '../../../src/core/connection/backoff.js'
import { open, start } from '../support.js'

const backoff: Backoff = {
  initialMs: 100,
  factor: 3,
  maxMs: 1000,
  firstWindowMs: 400,
  maxAttempts: Number.POSITIVE_INFINITY,
  stableAfterMs: 5000,
}

describe('backoffDelay', () => {
  test('spreads the first reconnect over its own window', () => {
    expect(backoffDelay(0, backoff, 0)).toBe(0)
    expect(backoffDelay(0, backoff, 0.5)).toBe(200)
    expect(backoffDelay(0, backoff, 0.99)).toBeCloseTo(396)
  })

  test('grows by the factor up to the cap', () => {
    const longest = [1, 2, 3, 4, 5, 50].map((failures) => Math.round(backoffDelay(failures, backoff, 1 - 1e-9)))
    expect(longest).toEqual([100, 300, 900, 1000, 1000, 1000])
  })

  test('waits for at least half of the cap before', () => {
    const shortest = [2, 3, 4, 5, 6, 50].map((failures) => Math.round(backoffDelay(failures, backoff, 0)))
    expect(shortest).toEqual([50, 150, 450, 500, 500, 500])
    expect(backoffDelay(1, { ...backoff, factor: 2 }, 0)).toBe(25)
  })

  test('puts the jitter after the cap, over half of it', () => {
    const delays = [0, 0.25, 0.5, 0.75].map((random) => backoffDelay(20, backoff, random))
    expect(delays).toEqual([500, 625, 750, 875])
  })

  test('never exceeds maxMs, not even by an initialMs above it', () => {
    const steep = { ...backoff, initialMs: 9000 }
    for (let failures = 1; failures < 30; failures++) {
      expect(backoffDelay(failures, steep, 1 - 1e-9)).toBeLessThanOrEqual(1000)
      expect(backoffDelay(failures, steep, 0)).toBeLessThanOrEqual(500)
    }
  })

  test('stays a number after any count of failures', () => {
    expect(backoffDelay(1e6, backoff, 0.5)).toBe(750)
    expect(backoffDelay(1e6, { ...backoff, initialMs: 0 }, 0.5)).toBe(0)
  })
})

describe('the client', () => {
  test('waits as long as the backoff says before each attempt', async () => {
    const { client, environment } = await start({ backoff: { initialMs: 100, factor: 2, maxMs: 500 } })
    // In the middle, as the chance here is, between half of the cap before and the cap.
    for (const wait of [62.5, 125, 250, 350, 375]) {
      const made = environment.sockets.length
      environment.sockets.at(-1)?.refuse()
      expect(client.explain()).toMatchObject({ status: 'waiting', until: environment.now() + wait })
      await environment.advance(wait - 1)
      expect(environment.sockets).toHaveLength(made)
      await environment.advance(1)
      expect(environment.sockets).toHaveLength(made + 1)
    }
  })

  test('jitters the first reconnect too', async () => {
    const { client, environment, socket } = await open()
    await environment.advance(10_000)
    environment.chance = 0.25
    socket.cut()
    expect(client.explain()).toMatchObject({ until: environment.now() + 250, attempts: 0 })
  })

  test('is no hot loop on a server that accepts and closes', async () => {
    const { environment } = await start({ backoff: { initialMs: 1000, maxMs: 30_000 } })
    let served = 0
    for (let second = 0; second < 600; second++) {
      const socket = environment.sockets.at(-1)
      if (socket?.readyState === 0) {
        socket.accept()
        socket.serverClose(1011)
        served++
      }
      await environment.advance(1000)
    }
    // On average 0.6, 1.3, 2.5, 5, 10, 19 and then 22.5 s apart.
    expect(served).toBeGreaterThan(20)
    expect(served).toBeLessThan(35)
  })

  test('forgets failures once a connection has been open for stableAfterMs', async () => {
    const { client, environment } = await start({ backoff: { stableAfterMs: 2000 } })
    environment.sockets.at(-1)?.refuse()
    await environment.advance(625)
    environment.sockets.at(-1)?.accept()
    expect(client.stats.attempts).toBe(1)
    await environment.advance(1999)
    environment.sockets.at(-1)?.cut()
    expect(client.stats.attempts).toBe(2)
    await environment.advance(1250)
    environment.sockets.at(-1)?.accept()
    await environment.advance(2000)
    environment.sockets.at(-1)?.cut()
    expect(client.stats.attempts).toBe(0)
  })

  test.each(['freeze', 'reconnect'] as const)('forgets them also if that connection ended by %s', async (how) => {
    const { client, environment } = await start()
    environment.sockets.at(-1)?.refuse()
    await environment.advance(1000)
    environment.sockets.at(-1)?.accept()
    expect(client.stats.attempts).toBe(1)
    await environment.advance(5000)
    if (how === 'freeze') environment.hint('freeze')
    else client.reconnect()
    expect(client.stats.attempts).toBe(0)
  })

  test('ends after maxAttempts, and says so', async () => {
    const { client, environment } = await start({ backoff: { maxAttempts: 3 } })
    const ends: unknown[] = []
    client.on('end', (error) => ends.push(error))
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(ends).toEqual([])
      environment.sockets.at(-1)?.refuse()
      await environment.advance(5000)
    }
    await environment.advance(60_000)
    expect(environment.sockets).toHaveLength(3)
    expect(ends).toMatchObject([{ code: 'CLOSED' }])
    expect(client.explain()).toMatchObject({ status: 'closed', attempts: 3, lastClose: { code: 1006 } })
    expect(client.explain().until).toBeUndefined()
    expect(environment.timers).toBe(0)
  })

  test('tries again after its end when reconnect() asks it to', async () => {
    const { client, environment } = await start({ backoff: { maxAttempts: 1 } })
    environment.sockets.at(-1)?.refuse()
    expect(client.status).toBe('closed')
    client.reconnect()
    await environment.settle()
    environment.sockets.at(-1)?.accept()
    expect(client.status).toBe('open')
  })

  test('has all its attempts again then', async () => {
    const { client, environment } = await start({ backoff: { maxAttempts: 5 } })
    const refuseAll = async (): Promise<void> => {
      for (let attempt = 0; attempt < 10 && client.status !== 'closed'; attempt++) {
        environment.sockets.at(-1)?.refuse()
        await environment.advance(30_000)
      }
    }
    await refuseAll()
    expect(environment.sockets).toHaveLength(5)
    client.reconnect()
    await environment.settle()
    await refuseAll()
    expect(client.status).toBe('closed')
    expect(environment.sockets).toHaveLength(10)
  })
})
