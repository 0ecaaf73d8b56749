import { expect, test } from 'vitest'
import { combine } from '../../src/testing/fault-lane.js'

test('without a fault everything passes', () => {
  expect(combine([])).toEqual({ gate: 'pass', delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY })
})

test('delays add, the lowest rate counts, and a drop wins over a hold, in any order', () => {
  const flows = [
    { delayMs: 40 },
    { gate: 'hold' },
    { bytesPerSecond: 500 },
    { gate: 'drop' },
    { delayMs: 2, bytesPerSecond: 90 },
  ] as const
  const together = { gate: 'drop', delayMs: 42, bytesPerSecond: 90 }
  expect(combine(flows)).toEqual(together)
  expect(combine([...flows].reverse())).toEqual(together)
})
