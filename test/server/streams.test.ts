import { describe, expect, it, vi } from 'vitest'
import { RemoteError } from '../../src/server/index.js'
import { deferred, house, open, pass, start, virtualTime } from './support.js'

describe('streams', () => {
  it('P4.4 send the items of a generator, then what it returns', async () => {
    const { url } = await start({
      requests: {
        async *letters(text) {
          yield* String(text)
          yield undefined
          return { count: 2 }
        },
        async *nothing() {},
      },
    })
    const page = await open(url)
    expect(await page.ask({ id: 1, method: 'letters', params: 'ab' })).toEqual({ id: 1, item: 'a' })
    expect(await page.next()).toEqual({ id: 1, item: 'b' })
    expect(await page.next()).toEqual({ id: 1, item: null })
    expect(await page.next()).toEqual({ id: 1, result: { count: 2 } })
    expect(await page.ask({ id: 2, method: 'nothing' })).toEqual({ id: 2, result: null })
  })

  it('P4.4 come from any async iterable, promised or not', async () => {
    const { url } = await start({
      requests: { fetch: async () => new Blob(['hi']).stream() },
    })
    const page = await open(url)
    expect(await page.ask({ id: 1, method: 'fetch' })).toEqual({ id: 1, item: { 0: 104, 1: 105 } })
    expect(await page.next()).toEqual({ id: 1, result: null })
  })

  it('P4.4 break with the error of the generator', async () => {
    const { url } = await start({
      requests: {
        async *fail() {
          yield 1
          throw new RemoteError({ code: 'tired', message: 'Enough.' })
        },
      },
    })
    const page = await open(url)
    expect(await page.ask({ id: 1, method: 'fail' })).toEqual({ id: 1, item: 1 })
    expect(await page.next()).toEqual({ id: 1, error: { code: 'tired', message: 'Enough.' } })
  })

  it('P4.3 close a generator whose item does not encode', async () => {
    const closed = vi.fn()
    const { url, log } = await start({
      requests: {
        async *bad() {
          try {
            yield 1n
          } finally {
            closed()
          }
        },
      },
    })
    const page = await open(url)
    expect(await page.ask({ id: 1, method: 'bad' })).toMatchObject({ id: 1, error: { code: -32603 } })
    expect(closed).toHaveBeenCalledOnce()
    expect(log.errors).toHaveLength(1)
  })

  it('P4.5 stop at a cancel: signal and return, and no item more', async () => {
    const ended = deferred<string>()
    const { url, server } = await start({
      requests: {
        async *ticks(_params, { signal }) {
          try {
            for (let tick = 0; ; tick++) {
              yield tick
              await new Promise((resolve) => setImmediate(resolve))
            }
          } finally {
            ended.resolve(signal.reason.message)
          }
        },
      },
    })
    const page = await open(url)
    expect(await page.ask({ id: 1, method: 'ticks' })).toEqual({ id: 1, item: 0 })
    page.send({ id: 1, cancel: true })
    expect(await ended.promise).toBe('The client cancelled the request.')
    page.send('ping')
    let last = await page.next()
    while (last !== 'pong') last = await page.next()
    const sent = server.metrics().messagesOut
    await page.settle()
    expect(server.metrics()).toMatchObject({ messagesOut: sent + 1, openRequests: 0, errors: 0 })
  })

  it('P4.5 tell a source at once, even while it owes an item', async () => {
    const { join, hub, log } = house({
      requests: {
        stuck: () => ({
          [Symbol.asyncIterator]: () => ({
            next: () => new Promise(() => {}),
            return: () => Promise.reject(new Error('cannot stop')),
          }),
        }),
        endless: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }),
      },
    })
    const { socket } = join()
    socket.receive({ id: 1, method: 'stuck' })
    socket.receive({ id: 2, method: 'endless' })
    await new Promise(setImmediate)
    socket.receive({ id: 1, cancel: true })
    socket.receive({ id: 2, cancel: true })
    await new Promise(setImmediate)
    expect(log.errors).toEqual([['holdfast: the end of the stream stuck threw', new Error('cannot stop')]])
    expect(hub.metrics().openRequests).toBe(0)
  })

  it('P4.5 take the throw of a source that was told to stop for its end', async () => {
    const stopped = vi.fn(async () => ({ done: true, value: undefined }))
    const { join, hub, log } = house({
      requests: {
        wait: (_params, { signal }) => ({
          [Symbol.asyncIterator]: () => ({
            next: () =>
              new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
            return: stopped,
          }),
        }),
      },
    })
    const { socket } = join()
    socket.receive({ id: 1, method: 'wait' })
    await new Promise(setImmediate)
    socket.receive({ id: 1, cancel: true })
    await new Promise(setImmediate)
    expect(stopped).toHaveBeenCalledOnce()
    expect(socket.frames).toEqual([])
    expect(log.errors).toEqual([])
    expect(hub.metrics()).toMatchObject({ errors: 0, openRequests: 0 })
  })

  it('P4.5 never start a source whose request was cancelled before it was there', async () => {
    const source = deferred<AsyncIterable<number>>()
    const next = vi.fn()
    const ended = deferred()
    const { url, server } = await start({ requests: { later: () => source.promise } })
    const page = await open(url)
    page.send({ id: 1, method: 'later' })
    page.send({ id: 1, cancel: true })
    await page.settle()
    source.resolve({
      [Symbol.asyncIterator]: () => ({
        next,
        return: async () => {
          ended.resolve()
          return { done: true, value: undefined }
        },
      }),
    })
    await ended.promise
    expect(next).not.toHaveBeenCalled()
    expect(server.metrics().openRequests).toBe(0)
  })

  it('P4.7 stop when the connection is gone', async () => {
    const ended = deferred()
    const { url } = await start({
      requests: {
        async *forever() {
          try {
            for (;;) {
              yield 'x'
              await new Promise((resolve) => setImmediate(resolve))
            }
          } finally {
            ended.resolve()
          }
        },
      },
    })
    const page = await open(url)
    await page.ask({ id: 1, method: 'forever' })
    await page.close()
    await ended.promise
  })

  it('let others have their turn, though the source never waits', async () => {
    const { url } = await start({
      requests: {
        async *flood() {
          for (;;) yield 1
        },
      },
    })
    const page = await open(url)
    page.send({ id: 1, method: 'flood' })
    page.send('ping')
    let message = await page.next()
    while (message !== 'pong') message = await page.next()
  })
})

describe('streams and a slow reader', () => {
  virtualTime()

  const counting = () => {
    const state = { pulled: 0, ended: false }
    async function* numbers() {
      try {
        for (;;) yield state.pulled++
      } finally {
        state.ended = true
      }
    }
    return { state, requests: { numbers } }
  }

  it('P8.1 pull no item while too much waits, and go on when it has gone', async () => {
    const { state, requests } = counting()
    const { join } = house({ requests, pingIntervalMs: 1_000, limits: { maxBufferedBytes: 1_000 } })
    const { socket } = join()
    socket.buffered = 501
    socket.receive({ id: 1, method: 'numbers' })
    socket.receive({ id: 2, method: 'numbers' })
    await pass(500)
    expect(state.pulled).toBe(2)
    socket.receive('pong')

    socket.buffered = 500
    await pass(20)
    expect(state.pulled).toBeGreaterThan(10)
    socket.receive({ id: 1, cancel: true })
    socket.receive({ id: 2, cancel: true })
    await pass(20)
    expect(vi.getTimerCount()).toBe(1)
  })

  it('P8.1 give up a reader that sends, but reads nothing for two intervals', async () => {
    const { state, requests } = counting()
    const { join, hub } = house({ requests, pingIntervalMs: 1_000, limits: { maxBufferedBytes: 1_000 } })
    const { socket } = join()
    socket.buffered = 600
    socket.receive({ id: 1, method: 'numbers' })
    for (let second = 0; second < 2; second++) {
      await pass(1_000)
      socket.receive('pong')
      // That one more stream waits does not give the reader more time.
      socket.receive({ id: 2 + second, method: 'numbers' })
    }
    expect(socket.closed).toBeUndefined()
    await pass(100)
    expect(socket.closed).toEqual({ code: 1013, reason: 'too slow retry=0-5000' })
    expect(hub.metrics()).toMatchObject({ tooSlow: 1, openRequests: 0, timedOut: 0 })
    expect(state.ended).toBe(true)
    socket.end()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('P4.7 wait no more once the reader is gone', async () => {
    const { state, requests } = counting()
    const { join, hub } = house({ requests, limits: { maxBufferedBytes: 1_000 } })
    const { socket, client } = join()
    socket.buffered = 600
    socket.receive({ id: 1, method: 'numbers' })
    await pass(100)
    const drained = client?.drained()
    socket.end()
    await drained
    expect(state).toEqual({ pulled: 1, ended: true })
    expect(hub.metrics()).toMatchObject({ tooSlow: 0, openRequests: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('P8.1 end with a reader that an item finds too slow', async () => {
    const { state, requests } = counting()
    const { join, hub } = house({ requests, limits: { maxBufferedBytes: 1_000 } })
    const { socket } = join()
    socket.buffered = 1_001
    socket.receive({ id: 1, method: 'numbers' })
    await pass(0)
    expect(socket.closed?.code).toBe(1013)
    expect(state).toEqual({ pulled: 1, ended: true })
    socket.end()
    await pass(60_000)
    expect(hub.metrics()).toMatchObject({ tooSlow: 1, openRequests: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })
})
