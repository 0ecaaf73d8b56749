import { describe, expect, test } from 'vitest'
import { drawBetween, drawFrom, drawSeed, seededRandom } from '../../src/testing/random.js'

const take = (seed: number, count: number) => {
  const random = seededRandom(seed)
  return Array.from({ length: count }, random)
}

describe('seeded chance', () => {
  test('is the same for the same seed, and another for another', () => {
    expect(take(3, 50)).toEqual(take(3, 50))
    expect(take(3, 50)).not.toEqual(take(4, 50))
  })

  test('lies evenly between 0 and 1', () => {
    const drawn = take(1, 10_000)
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...drawn)).toBeLessThan(1)
    for (let tenth = 0; tenth < 10; tenth++) {
      const inside = drawn.filter((value) => Math.floor(value * 10) === tenth).length
      expect(inside).toBeGreaterThan(850)
      expect(inside).toBeLessThan(1150)
    }
  })

  test('draws whole numbers with both ends, seeds of 32 bits, and members of a list', () => {
    const random = seededRandom(9)
    const drawn = Array.from({ length: 200 }, () => drawBetween(random, 3, 5))
    expect(new Set(drawn)).toEqual(new Set([3, 4, 5]))
    expect(drawSeed(() => 0)).toBe(0)
    expect(drawSeed(() => 1 - 2 ** -32)).toBe(2 ** 32 - 1)
    expect(new Set(Array.from({ length: 100 }, () => drawFrom(random, ['a', 'b'])))).toEqual(new Set(['a', 'b']))
    expect(() => drawFrom(random, [])).toThrow(RangeError)
  })
})
