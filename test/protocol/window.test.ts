import { describe, expect, test } from 'vitest'
import { readWindow, truncateReason, utf8Length, writeWindow } from '../../src/protocol/window.js'

describe('P7.1 the window in a close reason', () => {
  test('is read as it was written', () => {
    expect(writeWindow('restart', { minMs: 0, maxMs: 30_000 })).toBe('restart retry=0-30000')
    expect(readWindow('restart retry=0-30000')).toEqual({ minMs: 0, maxMs: 30_000 })
  })

  test('is whole numbers, whatever was meant', () => {
    expect(writeWindow('x', { minMs: 0.4, maxMs: 99.6 })).toBe('x retry=0-100')
    expect(writeWindow('x', { minMs: 0, maxMs: 1e12 })).toBe('x retry=0-9999999')
  })

  test.each([
    ['retry=5-10', { minMs: 5, maxMs: 10 }],
    ['a retry=5-5 b', { minMs: 5, maxMs: 5 }],
    ['(retry=1-2)', { minMs: 1, maxMs: 2 }],
    ['retry=9999999-9999999', { minMs: 9_999_999, maxMs: 9_999_999 }],
  ])('is found in %j', (reason, window) => {
    expect(readWindow(reason)).toEqual(window)
  })

  test.each([
    '',
    'retry',
    'retry=',
    'retry=5',
    'retry=-5-10',
    'retry=a-b',
    'retry=1.5-2',
    'xretry=1-2',
    'retry=1-2x',
    'retry=0-10000000',
  ])('is not in %j', (reason) => {
    expect(readWindow(reason)).toBeUndefined()
  })

  test('leaves a reason that a close frame can hold, and the window is never what is cut', () => {
    const reason = writeWindow('é'.repeat(200), { minMs: 1000, maxMs: 2000 })
    expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(123)
    expect(readWindow(reason)).toEqual({ minMs: 1000, maxMs: 2000 })
  })
})

describe('a reason', () => {
  test('that fits is left alone', () => {
    expect(truncateReason('x'.repeat(123))).toHaveLength(123)
    expect(truncateReason('')).toBe('')
  })

  test.each(['x', 'é', '€', '😀'])('of %s is cut at the edge of a character', (character) => {
    const cut = truncateReason(character.repeat(200))
    const bytes = new TextEncoder().encode(cut).length
    expect(bytes).toBeLessThanOrEqual(123)
    expect(bytes).toBeGreaterThan(123 - new TextEncoder().encode(character).length)
    expect(cut).toBe(character.repeat(cut.length / character.length))
  })
})

describe('utf8Length', () => {
  test.each(['', 'ascii', 'é', '\u07ff', '\u0800', '€', '\uffff', '😀', 'a😀é€', '\u{10ffff}'])('of %j', (text) => {
    expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
  })
})
