import { describe, expect, it, vi } from 'vitest'
import { realClock } from '../../src/server/clock.js'
import { Deadlines } from '../../src/server/deadlines.js'
import { pass, virtualTime } from './support.js'

describe('deadlines', () => {
  virtualTime()

  it('come for each item in its own time, and once', async () => {
    const due: string[] = []
    const deadlines = new Deadlines<string>(realClock, 100, (item) => due.push(item))
    deadlines.add('a')
    await pass(60)
    deadlines.add('b')
    await pass(40)
    expect(due).toEqual(['a'])
    await pass(60)
    expect(due).toEqual(['a', 'b'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('start anew for an item that is added again, and not for one that was taken off', async () => {
    const due: string[] = []
    const deadlines = new Deadlines<string>(realClock, 100, (item) => due.push(item))
    for (const item of ['a', 'b', 'c']) deadlines.add(item)
    await pass(50)
    deadlines.add('a')
    deadlines.delete('b')
    await pass(50)
    expect(due).toEqual(['c'])
    await pass(50)
    expect(due).toEqual(['c', 'a'])
  })

  it('are waited for with one timer, and with none when nothing waits', async () => {
    const deadlines = new Deadlines<number>(realClock, 100, () => {})
    for (let item = 0; item < 10; item++) deadlines.add(item)
    expect(vi.getTimerCount()).toBe(1)
    for (let item = 0; item < 10; item++) deadlines.delete(item)
    expect(vi.getTimerCount()).toBe(0)
  })
})
