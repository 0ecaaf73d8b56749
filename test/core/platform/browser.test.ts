import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { browserEnvironment } from '../../../src/core/platform/browser.js'

describe('in Node', () => {
  test('there is no page: nothing is hidden, and hints never come', () => {
    const environment = browserEnvironment()
    expect(environment.isHidden()).toBe(false)
    environment.onHint(() => {
      throw new Error('no hint can come')
    })()
  })

  test('the address must be absolute', () => {
    const { resolveUrl } = browserEnvironment()
    expect(resolveUrl('https://server.test/a?b')).toBe('wss://server.test/a?b')
    expect(resolveUrl('http://server.test')).toBe('ws://server.test/')
    expect(() => resolveUrl('/ws')).toThrow()
  })

  test('chance is a number from 0 to 1', () => {
    const { random } = browserEnvironment()
    for (let i = 0; i < 100; i++) {
      const value = random()
      expect(value).toBeGreaterThanOrEqual(0)
      expect(value).toBeLessThan(1)
    }
  })
})

describe('the clock', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('calls back once, in time', () => {
    const { timer, now } = browserEnvironment()
    const start = now()
    const calls: number[] = []
    timer(() => calls.push(now() - start), 500)
    vi.advanceTimersByTime(5000)
    expect(calls).toEqual([500])
  })

  test('goes on from where it was when somebody sets it back', () => {
    const { now } = browserEnvironment()
    const start = now()
    vi.setSystemTime(Date.now() - 3_600_000)
    expect(now()).toBe(start)
    vi.setSystemTime(Date.now() + 250)
    expect(now()).toBe(start + 250)
    vi.setSystemTime(Date.now() - 3_600_000)
    expect(now()).toBe(start + 250)
    vi.setSystemTime(Date.now() + 1000)
    expect(now()).toBe(start + 1250)
  })

  test('sees the machine sleep', () => {
    const { now } = browserEnvironment()
    const start = now()
    vi.setSystemTime(Date.now() + 3_600_000)
    expect(now()).toBe(start + 3_600_000)
  })

  test('does not call back what was prevented', () => {
    const { timer } = browserEnvironment()
    const callback = vi.fn()
    timer(callback, 500)()
    vi.advanceTimersByTime(5000)
    expect(callback).not.toHaveBeenCalled()
  })

  test('holds times that are longer than 32 bits, which a browser would fire at once', () => {
    const { timer } = browserEnvironment()
    const callback = vi.fn()
    timer(callback, 1e12)
    vi.advanceTimersByTime(24 * 24 * 3_600_000)
    expect(callback).not.toHaveBeenCalled()
    vi.clearAllTimers()
  })
})

describe('a relative address', () => {
  afterEach(() => vi.unstubAllGlobals())

  test.each([
    ['a page', { document: { baseURI: 'https://app.test/base/' } }, 'wss://app.test/base/ws'],
    ['a worker', { location: { href: 'http://app.test/worker.js' } }, 'ws://app.test/ws'],
  ])('is taken from where %s is', (_where, globals, expected) => {
    for (const [name, value] of Object.entries(globals)) vi.stubGlobal(name, value)
    expect(browserEnvironment().resolveUrl('ws')).toBe(expected)
  })

  test('has no meaning in Node', () => {
    expect(() => browserEnvironment().resolveUrl('/ws')).toThrow(TypeError)
  })
})

describe('the logger', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('is the console, apart from what is for debugging', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    const error = vi.spyOn(console, 'error').mockImplementation(() => {})
    const debug = vi.spyOn(console, 'debug').mockImplementation(() => {})
    const { logger } = browserEnvironment()
    logger.debug('a')
    logger.warn('b', 1)
    logger.error('c', 2)
    expect([debug.mock.calls, warn.mock.calls, error.mock.calls]).toEqual([[], [['b', 1]], [['c', 2]]])
  })
})
