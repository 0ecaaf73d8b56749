/**
 * The model test: whatever happens to client, server and network, each message arrives exactly once and in order, or is
 * named. 20,000 steps and more, from fixed seeds and from a fresh one; `npm run chaos -- --steps 2000000` takes longer.
 */
import { describe, expect, test } from 'vitest'
import { runModel } from './model.js'

const FRESH = Math.floor(Math.random() * 2 ** 31)

describe('whatever happens, nothing is lost in silence and nothing comes twice', () => {
  test.each([
    [1, 7_000],
    [20_000, 7_000],
    [FRESH, 7_000],
  ])(
    'from seed %i, in %i steps',
    async (seed, steps) => {
      expect(await runModel(seed, steps)).toBeGreaterThanOrEqual(steps)
    },
    120_000,
  )
})
