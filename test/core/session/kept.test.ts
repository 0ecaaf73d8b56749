import { describe, expect, test } from 'vitest'
import {
  createSendQueue,
  type DropReason,
  type Owner,
  PASSING,
  type QueueLimits,
  type SendQueue,
} from '../../../src/core/session/send-queue.js'

const LIMITS: QueueLimits = { maxMessages: 100, maxBytes: 1000, ttlMs: 1000, overflow: 'reject' }

const make = (limits: Partial<QueueLimits> = {}) => {
  const clock = { now: 5000 }
  const drops: [data: unknown, why: DropReason][] = []
  const queue = createSendQueue(
    { ...LIMITS, ...limits },
    () => clock.now,
    ({ data }, why) => drops.push([data, why]),
  )
  return { queue, clock, drops }
}

const newOwner = (): Owner & { fates: unknown[] } => {
  const fates: unknown[] = []
  return { written: 0, fates, settle: (error?: unknown) => fates.push(error) }
}

const push = (queue: SendQueue, ...texts: string[]): void => {
  for (const text of texts) queue.push(text, undefined, false)
}

/** Writes what is left, and gives it. */
const drain = (queue: SendQueue): unknown[] => {
  const written: unknown[] = []
  for (let entry = queue.peek(); entry; entry = queue.peek()) {
    written.push(entry.data)
    queue.pass()
  }
  return written
}

const figures = ({ messages, kept, bytes }: SendQueue) => [messages, kept, bytes]

describe('what was written', () => {
  test('is kept, and counted apart from what was not', () => {
    const { queue } = make()
    push(queue, 'aa', 'bbb', 'c')
    expect(figures(queue)).toEqual([3, 0, 6])
    queue.pass()
    queue.pass()
    expect(figures(queue)).toEqual([1, 2, 6])
    expect(queue.peek()?.data).toBe('c')
  })

  test('is released oldest first, which settles it', () => {
    const { queue } = make()
    const owners = [newOwner(), newOwner()]
    for (const owner of owners) queue.push('xx', owner, false)
    drain(queue)
    queue.release(1)
    expect(owners.map(({ fates }) => fates)).toEqual([[undefined], []])
    expect(figures(queue)).toEqual([0, 1, 2])
    queue.release(1)
    expect(owners[1]?.fates).toEqual([undefined])
    expect(figures(queue)).toEqual([0, 0, 0])
  })

  test('is released in any portions, with others coming and going', () => {
    const { queue } = make({ maxMessages: 10_000, maxBytes: 1e6 })
    const written: unknown[] = []
    let next = 0
    for (let round = 1; round <= 50; round++) {
      push(queue, ...Array.from({ length: round }, () => String(next++)))
      for (let i = 0; i < round && queue.peek(); i++) {
        written.push(queue.peek()?.data)
        queue.pass()
      }
      queue.release(Math.floor(queue.kept / 2))
      expect(queue.kept).toBe(written.length - Number(written.at(-queue.kept - 1) ?? -1) - 1)
    }
    expect(written).toEqual(Array.from({ length: next }, (_, i) => String(i)))
    queue.release(queue.kept)
    expect(figures(queue)).toEqual([0, 0, 0])
  })

  test('is written again from a position, in order, before what was not, and forgets that it was written', () => {
    const { queue } = make()
    const owners = [newOwner(), newOwner(), newOwner()]
    for (const [i, owner] of owners.entries()) queue.push(String(i), owner, false)
    drain(queue)
    for (const owner of owners) owner.written = 9
    push(queue, 'new')
    queue.rewind(1)
    expect(owners.map(({ written }) => written)).toEqual([9, 0, 0])
    expect(figures(queue)).toEqual([3, 1, 6])
    expect(drain(queue)).toEqual(['1', '2', 'new'])
    expect(queue.kept).toBe(4)
    queue.rewind(4)
    expect(drain(queue)).toEqual([])
    queue.rewind(0)
    expect(drain(queue)).toEqual(['0', '1', '2', 'new'])
  })

  test('is taken out whole, and leaves the rest', () => {
    const { queue } = make()
    push(queue, 'a', 'b', 'c')
    queue.pass()
    queue.release(1)
    queue.pass()
    expect(queue.takeKept().map(({ data }) => data)).toEqual(['b'])
    expect(figures(queue)).toEqual([1, 0, 1])
    expect(queue.takeKept()).toEqual([])
    expect(drain(queue)).toEqual(['c'])
  })

  test('does not expire, and is neither removed nor cleared', () => {
    const { queue, clock, drops } = make()
    const owner = newOwner()
    queue.push('a', owner, false)
    queue.pass()
    queue.push('b', owner, false)
    queue.push('c', undefined, false)
    queue.remove(owner)
    expect(figures(queue)).toEqual([1, 1, 2])
    clock.now += 2000
    expect(queue.peek()).toBeUndefined()
    expect(drops).toEqual([['c', 'expired']])
    push(queue, 'd')
    queue.clear()
    expect(drops.at(-1)).toEqual(['d', 'closed'])
    expect(figures(queue)).toEqual([0, 1, 1])
  })
})

describe('what is not written', () => {
  test('may be put ahead, behind what is kept', () => {
    const { queue } = make()
    push(queue, 'a', 'b')
    queue.pass()
    queue.push('first', undefined, true)
    expect(drain(queue)).toEqual(['first', 'b'])
    queue.rewind(0)
    expect(drain(queue)).toEqual(['a', 'first', 'b'])
  })

  test('may be put back in front, in order', () => {
    const { queue } = make()
    push(queue, 'a', 'b', 'c')
    queue.pass()
    queue.pass()
    queue.putBack(queue.takeKept())
    expect(figures(queue)).toEqual([3, 0, 3])
    expect(drain(queue)).toEqual(['a', 'b', 'c'])
  })

  test('may be dropped, the oldest, and has so long left', () => {
    const { queue, clock, drops } = make()
    expect(queue.restMs()).toBe(Number.POSITIVE_INFINITY)
    queue.drop('too-large')
    push(queue, 'a', 'b')
    clock.now += 400
    expect(queue.restMs()).toBe(600)
    queue.drop('too-large')
    expect(drops).toEqual([['a', 'too-large']])
    expect(figures(queue)).toEqual([1, 0, 1])
  })

  test('of the protocol fits into a full queue, and what goes ahead too, but not without end', () => {
    for (const [owner, ahead] of [
      [PASSING, false],
      [undefined, true],
    ] as const) {
      const { queue } = make({ maxMessages: 2 })
      push(queue, 'a', 'b')
      expect(() => push(queue, 'c')).toThrow('full')
      queue.push('x', owner, ahead)
      queue.push('y', owner, ahead)
      expect(() => queue.push('z', owner, ahead)).toThrow('full')
      expect(queue.messages).toBe(4)
    }
  })

  test('makes room for the newest, oldest first, but never from what is kept', () => {
    const { queue, drops } = make({ maxMessages: 3, overflow: 'drop-oldest' })
    push(queue, 'a', 'b', 'c')
    queue.pass()
    push(queue, 'd')
    expect(drops).toEqual([['b', 'overflow']])
    drain(queue)
    push(queue, 'e')
    expect(drops.at(-1)).toEqual(['e', 'overflow'])
    expect(figures(queue)).toEqual([0, 3, 3])
  })

  test('may be sent by who is told of a drop: each is written or dropped, once', () => {
    const sent = ['a', 'b', 'c']
    const dropped: unknown[] = []
    const limits = { ...LIMITS, maxMessages: 2, overflow: 'drop-oldest' } as const
    const queue: SendQueue = createSendQueue(
      limits,
      () => 0,
      ({ data }) => {
        dropped.push(data)
        if (sent.length === 6) return
        const again = `again ${data}`
        sent.push(again)
        push(queue, again)
      },
    )
    push(queue, 'a', 'b', 'c')
    expect(queue.messages).toBe(2)
    expect([...dropped, ...drain(queue)].sort()).toEqual(sent.sort())
  })
})
