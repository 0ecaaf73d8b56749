import { describe, expect, test } from 'vitest'
import { createEmitter } from '../../src/shared/emitter.js'

const make = () => {
  const reports: (readonly [where: string, cause: unknown])[] = []
  const emitter = createEmitter<Record<string, unknown>>((where, cause) => reports.push([where, cause]))
  return { emitter, reports }
}

describe('an emitter', () => {
  test('calls the listeners of an event, in order, and says whether there were any', () => {
    const { emitter } = make()
    const heard: unknown[] = []
    emitter.on('a', (data) => heard.push(['first', data]))
    emitter.on('a', (data) => heard.push(['second', data]))
    expect(emitter.emit('a', 1)).toBe(true)
    expect(emitter.emit('b', 2)).toBe(false)
    expect(heard).toEqual([
      ['first', 1],
      ['second', 1],
    ])
  })

  test('takes each listener off by itself, though the same function listens twice', () => {
    const { emitter } = make()
    let calls = 0
    const listener = () => calls++
    const off = emitter.on('a', listener)
    emitter.on('a', listener)
    off()
    off()
    emitter.emit('a', 1)
    expect(calls).toBe(1)
  })

  test('says that nobody listens once all are gone', () => {
    const { emitter } = make()
    emitter.on('a', () => {})()
    expect(emitter.emit('a', 1)).toBe(false)
  })

  test('goes on past a listener that throws, and reports it', () => {
    const { emitter, reports } = make()
    const heard: unknown[] = []
    const error = new Error('oops')
    emitter.on('a', () => {
      throw error
    })
    emitter.on('a', (data) => heard.push(data))
    expect(emitter.emit('a', 1)).toBe(true)
    expect(heard).toEqual([1])
    expect(reports).toEqual([[expect.stringContaining('a'), error]])
  })

  test('goes on with those of the moment when listeners come and go', () => {
    const { emitter } = make()
    const heard: string[] = []
    const offs = ['one', 'two'].map((name) =>
      emitter.on('a', () => {
        heard.push(name)
        for (const off of offs) off()
        emitter.on('a', () => heard.push('late'))
      }),
    )
    emitter.emit('a', 1)
    expect(heard).toEqual(['one', 'two'])
  })

  test('tells an event that comes of another when all have heard that one', () => {
    const { emitter, reports } = make()
    const heard: unknown[] = []
    emitter.on('a', (data) => {
      heard.push(['first', data])
      if (data === 1) emitter.emit('b', 2)
      if (data === 1) throw new Error('oops')
    })
    emitter.on('a', (data) => heard.push(['second', data]))
    emitter.on('b', (data) => {
      heard.push(['b', data])
      emitter.emit('a', 3)
      emitter.emit('nobody', 4)
    })
    emitter.emit('a', 1)
    expect(heard).toEqual([
      ['first', 1],
      ['second', 1],
      ['b', 2],
      ['first', 3],
      ['second', 3],
    ])
    expect(reports).toHaveLength(1)
  })

  test('tells nothing to a listener that was taken off while an event waited its turn', () => {
    const { emitter } = make()
    let calls = 0
    const off = emitter.on('b', () => calls++)
    emitter.on('a', () => {
      emitter.emit('b', 1)
      off()
    })
    emitter.emit('a', 1)
    expect(calls).toBe(0)
  })

  test.each(['__proto__', 'constructor', 'toString', ''])('has no listeners of %j that nobody put there', (event) => {
    const { emitter } = make()
    expect(emitter.emit(event, 1)).toBe(false)
    let calls = 0
    emitter.on(event, () => calls++)
    emitter.emit(event, 1)
    expect(calls).toBe(1)
  })
})
