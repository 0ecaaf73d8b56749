import { describe, expect, test } from 'vitest'
import { createChecker } from '../../src/testing/checker.js'

const laneWith = (sent: number[], received: number[]) => {
  const lane = createChecker().lane('up')
  for (const n of sent) lane.sent(n)
  for (const n of received) lane.received(n)
  return lane
}

const CLEAN = {
  lost: [],
  twice: [],
  outOfOrder: [],
  neverSent: [],
  refusedButReceived: [],
  unknown: [],
  refused: [],
  gaps: [],
}

describe('a lane', () => {
  test('is clean when everything arrived once and in order', () => {
    const lane = laneWith([1, 2, 3], [1, 2, 3])
    expect(lane.report()).toEqual({ ...CLEAN, sent: 3, received: 3 })
    expect(`${lane}`).toBe('3 sent; 3 received')
    lane.assertExactlyOnce()
  })

  test('names what is lost', () => {
    const lane = laneWith([1, 2, 3, 4], [1, 3])
    expect(lane.report().lost).toEqual([2, 4])
    expect(() => lane.assertExactlyOnce()).toThrow('lost 2: 2, 4')
  })

  test('names what came twice, once, and does not count it twice', () => {
    const lane = laneWith([1, 2], [1, 2, 1, 1])
    expect(lane.report()).toMatchObject({ twice: [1], received: 2, outOfOrder: [] })
    expect(() => lane.assertExactlyOnce()).toThrow('twice 1: 1')
  })

  test('names what came after a higher one, by first receipts', () => {
    const lane = laneWith([1, 2, 3, 4], [1, 4, 2, 3, 4])
    expect(lane.report().outOfOrder).toEqual([2, 3])
    expect(() => lane.assertExactlyOnce()).toThrow('out of order 2: 2, 3')
  })

  test('names what nobody sent', () => {
    const lane = laneWith([1], [1, 7])
    expect(lane.report().neverSent).toEqual([7])
    expect(() => lane.assertExactlyOnce()).toThrow('never sent 1: 7')
  })

  test('lets be what was said to be unknown, whether it arrived or not', () => {
    const lane = laneWith([1, 2, 3], [1, 3])
    lane.unknown(2)
    lane.unknown(3)
    expect(lane.report()).toMatchObject({ lost: [], unknown: [2, 3] })
    lane.assertExactlyOnce()
  })

  test('lets be what was refused, unless it arrives', () => {
    const lane = laneWith([1, 2], [1])
    lane.refused(2)
    lane.refused(3)
    expect(lane.report()).toMatchObject({ sent: 2, lost: [], refused: [2, 3], neverSent: [] })
    lane.assertExactlyOnce()
    lane.received(3)
    expect(lane.report().refusedButReceived).toEqual([3])
    expect(() => lane.assertExactlyOnce()).toThrow('refused but received 1: 3')
  })

  test('names ten of a kind and says that there are more', () => {
    const many = Array.from({ length: 12 }, (_, i) => i + 1)
    expect(() => laneWith(many, []).assertExactlyOnce()).toThrow('lost 12: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …')
    expect(() => laneWith(many.slice(0, 10), []).assertExactlyOnce()).toThrow(/, 10$/)
  })

  test('refuses what is no number of a message', () => {
    const lane = laneWith([], [])
    for (const n of [Number.NaN, 1.5, Number.POSITIVE_INFINITY]) {
      for (const kind of ['sent', 'received', 'unknown', 'refused', 'gap'] as const) {
        expect(() => lane[kind](n)).toThrow(RangeError)
      }
    }
  })
})

describe('a gap', () => {
  test('that names its ends covers these, and nothing beside them', () => {
    const lane = laneWith([1, 2, 3, 4, 5, 6], [1])
    lane.gap(3, 4)
    lane.gap(4, 5)
    expect(lane.report()).toMatchObject({
      lost: [2, 6],
      gaps: [
        { from: 3, to: 4 },
        { from: 4, to: 5 },
      ],
    })
  })

  test('that names none reaches from the highest received to the next', () => {
    const lane = laneWith([1, 2, 3, 4, 5, 6, 7], [1, 2])
    lane.gap()
    lane.received(5)
    lane.received(7)
    expect(lane.report()).toMatchObject({ lost: [6], gaps: [{ from: 3, to: 4 }] })
    expect(`${lane}`).toContain('gaps 3–4')
  })

  test('does not end with one that is late', () => {
    const lane = laneWith([1, 2, 3, 4, 5], [1, 3])
    lane.gap()
    lane.received(2)
    lane.received(5)
    expect(lane.report()).toMatchObject({ lost: [], outOfOrder: [2], gaps: [{ from: 4, to: 4 }] })
  })

  test('covers nothing that was sent after it was told', () => {
    const lane = laneWith([1, 2], [1])
    lane.gap()
    lane.sent(3)
    expect(lane.report()).toMatchObject({ lost: [3], gaps: [{ from: 2, to: 2 }] })
  })

  test('before anything arrived covers all that was sent', () => {
    const lane = laneWith([0, 1, 2], [])
    lane.gap()
    lane.assertExactlyOnce()
    expect(lane.report().gaps).toEqual([{ from: 0, to: 2 }])
  })

  test('in which nothing was missing covers nothing', () => {
    const lane = laneWith([], [])
    lane.gap()
    lane.sent(0)
    expect(lane.report().lost).toEqual([0])
  })
})

describe('a checker', () => {
  test('keeps its lanes apart, and speaks for all', () => {
    const checker = createChecker()
    checker.lane('up').sent(1)
    checker.lane('up').received(1)
    checker.assertExactlyOnce()
    checker.lane('down').sent(1)
    expect(checker.report()).toMatchObject({ up: { sent: 1, lost: [] }, down: { sent: 1, lost: [1] } })
    expect(`${checker}`).toBe('up: 1 sent; 1 received\ndown: 1 sent; 0 received; lost 1: 1')
    expect(() => checker.assertExactlyOnce()).toThrow(/^down: lost 1: 1$/)
  })

  test('takes hundreds of thousands of messages and gaps', () => {
    const lane = createChecker().lane('up')
    for (let n = 0; n < 400_000; n++) {
      lane.sent(n)
      if (n % 4 === 0) lane.gap(n, n)
      else lane.received(n)
    }
    const start = performance.now()
    const report = lane.report()
    expect(performance.now() - start).toBeLessThan(4_000)
    expect(report).toMatchObject({ sent: 400_000, received: 300_000, lost: [] })
  })
})
