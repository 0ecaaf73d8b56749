import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Effect, FAULTS, type Network } from '../../src/testing/faults.js'
import { drawBetween, seededRandom } from '../../src/testing/random.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** Notes what faults do, at which time from the start, in ms. */
const record = () => {
  const start = performance.now()
  const at = () => Math.round(performance.now() - start)
  const log: string[] = []
  const cuts: number[] = []
  const network: Network = {
    add({ onHeal }: Effect) {
      log.push(`on ${at()}`)
      return () => {
        onHeal?.()
        log.push(`off ${at()}`)
      }
    },
    cut: () => void cuts.push(at()),
    fork: () => seededRandom(7),
  }
  return { network, cuts, log }
}

describe('flap', () => {
  test('cuts at times that follow from the seed, until it is healed', () => {
    const { network, cuts } = record()
    const heal = FAULTS.flap(network, { minMs: 20, maxMs: 200 })
    while (cuts.length < 10) vi.advanceTimersToNextTimer()
    heal()
    expect(vi.getTimerCount()).toBe(0)

    const random = seededRandom(7)
    const planned = cuts.map(() => drawBetween(random, 20, 200))
    expect(cuts.map((at, i) => at - (cuts[i - 1] ?? 0))).toEqual(planned)
    expect(new Set(planned).size).toBeGreaterThan(5)
  })
})

describe('restart', () => {
  test('lasts its time', async () => {
    const { network, cuts, log } = record()
    FAULTS.restart(network, { ms: 300 })
    await vi.advanceTimersByTimeAsync(299)
    expect(log).toEqual(['on 0'])
    await vi.advanceTimersByTimeAsync(1)
    expect([cuts, log]).toEqual([[0], ['on 0', 'off 300']])
  })

  test('lasts until the real target is back, if that takes longer', async () => {
    const { network, log } = record()
    FAULTS.restart(network, { ms: 300, during: () => new Promise((resolve) => setTimeout(resolve, 1000)) })
    await vi.advanceTimersByTimeAsync(2000)
    expect(log).toEqual(['on 0', 'off 1000'])
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error('no target')
      },
    ],
    ['rejects', () => Promise.reject(new Error('no target'))],
  ])('ends, and fails the run, when the restart of the target %s', async (_, during) => {
    // The runner of these tests listens too.
    const listeners = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    const unhandled = new Promise((resolve) => process.once('unhandledRejection', resolve))
    const { network, log } = record()
    FAULTS.restart(network, { ms: 300, during })
    const error = await unhandled
    for (const listener of listeners) process.on('unhandledRejection', listener)
    expect(error).toMatchObject({ message: 'no target' })
    expect(log).toEqual(['on 0', 'off 0'])
    expect(vi.getTimerCount()).toBe(0)
  })
})
