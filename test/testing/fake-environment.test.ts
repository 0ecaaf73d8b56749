import { describe, expect, test } from 'vitest'
import { connect } from '../../src/index.js'
import { fakeEnvironment } from '../../src/testing/fake-environment.js'

describe('virtual time', () => {
  test('stands still until it is moved', () => {
    const { now } = fakeEnvironment()
    expect(now()).toBe(now())
  })

  test('fires timers in order, each at its own time, those of one moment as they were set', async () => {
    const environment = fakeEnvironment()
    const start = environment.now()
    const fired: string[] = []
    const set = (name: string, ms: number) =>
      environment.timer(() => fired.push(`${name} ${environment.now() - start}`), ms)
    set('c', 300)
    set('a', 100)
    set('b', 100)
    set('never', 301)
    expect(environment.timers).toBe(4)
    await environment.advance(300)
    expect(fired).toEqual(['a 100', 'b 100', 'c 300'])
    expect(environment.now() - start).toBe(300)
    expect(environment.timers).toBe(1)
  })

  test('fires what timers and promises set on the way', async () => {
    const environment = fakeEnvironment()
    const start = environment.now()
    const fired: number[] = []
    const again = async () => {
      fired.push(environment.now() - start)
      await undefined
      environment.timer(again, 100)
    }
    environment.timer(again, 100)
    await environment.advance(350)
    expect(fired).toEqual([100, 200, 300])
  })

  test('does not fire what was prevented', async () => {
    const environment = fakeEnvironment()
    environment.timer(() => expect.unreachable(), 100)()
    expect(environment.timers).toBe(0)
    await environment.advance(1000)
  })

  test('takes a time in the past for now', async () => {
    const environment = fakeEnvironment()
    let fired = 0
    environment.timer(() => fired++, -5)
    await environment.advance(0)
    expect(fired).toBe(1)
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d, which a browser would fire at once', (ms) => {
    expect(() => fakeEnvironment().timer(() => {}, ms)).toThrow(RangeError)
  })

  test('sleeps: the clock moves, and timers fire late', async () => {
    const environment = fakeEnvironment()
    const start = environment.now()
    const fired: number[] = []
    environment.timer(() => fired.push(environment.now() - start), 100)
    environment.sleep(60_000)
    expect(fired).toEqual([])
    await environment.advance(0)
    expect(fired).toEqual([60_000])
  })

  test('ends with an error where timers do not end', async () => {
    const environment = fakeEnvironment()
    const again = (): void => void environment.timer(again, 0)
    again()
    await expect(environment.advance(1)).rejects.toThrow('do not end')
  }, 60_000)
})

describe('the fake page', () => {
  test('gives hints to those who listen', () => {
    const environment = fakeEnvironment()
    const hints: string[] = []
    const end = environment.onHint((hint) => hints.push(hint))
    expect(environment.listeners).toBe(1)
    environment.hint('online')
    end()
    environment.hint('offline')
    expect(hints).toEqual(['online'])
    expect(environment.listeners).toBe(0)
  })

  test('is hidden while it says so', () => {
    const environment = fakeEnvironment()
    expect(environment.isHidden()).toBe(false)
    environment.hint('hidden')
    expect(environment.isHidden()).toBe(true)
    environment.hint('focus')
    expect(environment.isHidden()).toBe(true)
    environment.hint('visible')
    expect(environment.isHidden()).toBe(false)
  })

  test('has the chance that the test gives it', () => {
    const environment = fakeEnvironment()
    expect(environment.random()).toBe(0.5)
    environment.chance = 0.25
    expect(environment.random()).toBe(0.25)
  })

  test('keeps its sockets and what was logged', () => {
    const environment = fakeEnvironment()
    const socket = environment.WebSocket && new environment.WebSocket('wss://server.test/', ['a'])
    expect(environment.sockets).toEqual([socket])
    environment.logger.warn('careful', 1)
    environment.logger.debug('detail')
    environment.logger.error('broken')
    expect(environment.logged).toEqual([
      { level: 'warn', message: 'careful', details: [1] },
      { level: 'debug', message: 'detail', details: [] },
      { level: 'error', message: 'broken', details: [] },
    ])
  })

  test('lets parts of it be replaced', () => {
    const environment = fakeEnvironment({ random: () => 0.75, WebSocket: undefined })
    expect(environment.random()).toBe(0.75)
    expect(environment.WebSocket).toBeUndefined()
  })
})

describe('a frozen page', () => {
  const frozen = () => {
    const environment = fakeEnvironment()
    const hints: string[] = []
    environment.onHint((hint) => hints.push(hint))
    return { environment, hints }
  }

  test('is hidden before it is frozen, and thaws before it is seen', () => {
    const { environment, hints } = frozen()
    environment.freeze()
    expect(environment.isHidden()).toBe(true)
    environment.resume()
    expect(hints).toEqual(['hidden', 'freeze', 'resume', 'visible'])
    expect(environment.isHidden()).toBe(false)
  })

  test('is not hidden twice', () => {
    const { environment, hints } = frozen()
    environment.hint('hidden')
    environment.freeze()
    expect(hints).toEqual(['hidden', 'freeze'])
  })

  test('fires no timer; what has come due fires late', async () => {
    const { environment } = frozen()
    const start = environment.now()
    const fired: number[] = []
    environment.timer(() => fired.push(environment.now() - start), 100)
    environment.freeze()
    await environment.advance(60_000)
    expect(fired).toEqual([])
    environment.resume()
    expect(fired).toEqual([])
    await environment.advance(0)
    expect(fired).toEqual([60_000])
  })

  test('cannot be frozen twice, nor thaw twice: a mistake of the test', () => {
    const { environment } = frozen()
    expect(() => environment.resume()).toThrow('not frozen')
    environment.freeze()
    expect(() => environment.freeze()).toThrow('is frozen')
  })

  test('is what a client leaves politely and comes back to', async () => {
    const environment = fakeEnvironment()
    const client = connect('wss://server.test/', { environment })
    await environment.settle()
    environment.sockets[0]?.accept()
    environment.freeze()
    expect(environment.sockets[0]?.closeRequest?.code).toBe(1000)
    await environment.advance(3_600_000)
    expect(environment.sockets).toHaveLength(1)
    environment.resume()
    await environment.settle()
    environment.sockets[1]?.accept()
    expect(client.status).toBe('open')
    client.close()
  })
})
