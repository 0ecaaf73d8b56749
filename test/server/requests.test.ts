import { describe, expect, it, vi } from 'vitest'
import { HoldfastError, RemoteError } from '../../src/server/index.js'
import type { ServerContext } from '../../src/server/public.js'
import { deferred, house, open, start } from './support.js'

describe('requests', () => {
  it('P4.2 are answered with the result of the handler, sync or async', async () => {
    const { url } = await start({
      requests: {
        sum: (params) => (Array.isArray(params) ? params[0] + params[1] : 0),
        later: async (params) => ({ got: params }),
      },
    })
    const page = await open(url)
    expect(await page.ask({ id: 1, method: 'sum', params: [1, 2] })).toEqual({ id: 1, result: 3 })
    expect(await page.ask({ id: 'a', method: 'later', params: 'x' })).toEqual({ id: 'a', result: { got: 'x' } })
  })

  it('P4.2 run at the same time and are answered in any order', async () => {
    const slow = deferred<string>()
    const { url } = await start({ requests: { slow: () => slow.promise, fast: () => {} } })
    const page = await open(url)
    page.send({ id: 1, method: 'slow' })
    expect(await page.ask({ id: 2, method: 'fast' })).toEqual({ id: 2, result: null })
    slow.resolve('at last')
    expect(await page.next()).toEqual({ id: 1, result: 'at last' })
  })

  it.each(['nothing', '__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'P4.3 answers the unknown method %s with -32601',
    async (method) => {
      const { url, server } = await start({ requests: { something: () => 1 } })
      const page = await open(url)
      expect(await page.ask(`{"id":1,"method":"${method}","__proto__":{"polluted":true}}`)).toEqual({
        id: 1,
        error: { code: -32601, message: 'There is no such method.' },
      })
      expect(server.metrics()).toMatchObject({ requests: 1, errors: 1, openRequests: 0, protocolErrors: 0 })
      expect(Object.prototype).not.toHaveProperty('polluted')
    },
  )

  describe('P4.3 errors', () => {
    const withCode = (code: unknown, message = 'worded') => Object.assign(new Error(message), { code })

    it.each([
      ['RemoteError', new RemoteError({ code: 'no_such_room', message: 'There is no room 9.', data: [9] })],
      ['HoldfastError', new HoldfastError('teapot', 'I am a teapot.')],
    ])('%s travels with code, message and data, and no stack', async (_what, error) => {
      const { url, log } = await start({ requests: { fail: () => Promise.reject(error) } })
      const page = await open(url)
      const data = error instanceof RemoteError ? { data: error.data } : {}
      expect(await page.ask({ id: 1, method: 'fail' })).toEqual({
        id: 1,
        error: { code: error.code, message: error.message, ...data },
      })
      expect(log.errors).toEqual([])
    })

    it.each([
      ['an Error without a code', new Error('password is 123')],
      ['an Error with a code', withCode('28P01', 'password authentication failed for user "app"')],
      ['an Error with a code that is no code', withCode({ a: 1 })],
      ['a string', 'password is 123'],
      ['nothing', undefined],
      ['an abort', new DOMException('aborted', 'AbortError')],
      ['an error of the system', Object.assign(withCode('ENOENT', 'open /etc/secret'), { syscall: 'open' })],
      ['an error of Node', withCode('ERR_INVALID_ARG_TYPE')],
    ])('%s stays on the server', async (_what, thrown) => {
      const { url, log } = await start({
        requests: {
          fail: () => {
            throw thrown
          },
        },
      })
      const page = await open(url)
      expect(await page.ask({ id: 1, method: 'fail' })).toEqual({
        id: 1,
        error: { code: -32603, message: 'internal error' },
      })
      expect(log.errors).toEqual([['holdfast: the request fail failed', thrown]])
    })

    it.each([
      ['result', () => 1n],
      [
        'error data',
        () => {
          throw new RemoteError({ code: 'big', message: 'Big.', data: 1n })
        },
      ],
    ])('a %s that does not encode is answered all the same', async (_what, handler) => {
      const { url, log } = await start({ requests: { fail: handler } })
      const page = await open(url)
      expect(await page.ask({ id: 1, method: 'fail' })).toEqual({
        id: 1,
        error: { code: -32603, message: 'internal error' },
      })
      expect(log.errors).toHaveLength(1)
    })
  })

  it('P4.5 stop at a cancel: the signal aborts, and nothing more is sent for the id', async () => {
    const seen: ServerContext[] = []
    const { url, server } = await start({
      requests: {
        wait: (_params, context) => {
          seen.push(context)
          return new Promise((resolve) => context.signal.addEventListener('abort', () => resolve('too late')))
        },
      },
    })
    const page = await open(url)
    page.send({ id: 1, method: 'wait' })
    page.send({ id: 1, cancel: true })
    await page.settle()
    expect(seen[0]?.signal.reason).toMatchObject({ name: 'AbortError', message: 'The client cancelled the request.' })
    expect(seen[0]?.client.signal.aborted).toBe(false)
    expect(server.metrics()).toMatchObject({ openRequests: 0, errors: 0, protocolErrors: 0 })
  })

  it('P2.4 P4.5 a cancel that crosses the answer is ignored; one for an id never used is a protocol error', async () => {
    const { url, server, log } = await start({ requests: { now: () => 1 }, limits: { maxOpenRequests: 2 } })
    const page = await open(url)
    await page.ask({ id: 1, method: 'now' })
    page.send({ id: 1, cancel: true })
    await page.settle()
    expect(server.metrics().protocolErrors).toBe(0)

    page.send({ id: 2, cancel: true })
    page.send({ id: '1', cancel: true })
    await page.settle()
    expect(server.metrics().protocolErrors).toBe(2)
    expect(log.warnings).toEqual(['holdfast: client 1 broke the protocol: a cancel for an id that was never used'])

    for (const id of ['3', '4', '5']) await page.ask({ id, method: 'now' })
    page.send({ id: '4', cancel: true })
    for (const id of [3, 4, 5]) await page.ask({ id, method: 'now' })
    for (const id of [1, 4, 5]) page.send({ id, cancel: true })
    await page.settle()
    expect(server.metrics().protocolErrors).toBe(2)
    page.send({ id: '3', cancel: true })
    page.send({ id: 6, cancel: true })
    await page.settle()
    expect(server.metrics().protocolErrors).toBe(4)
  })

  it('see the signal in a copy of their context, too, and when they first look after the end', async () => {
    const copies: ServerContext[] = []
    const late: ServerContext[] = []
    const started = deferred()
    const { url } = await start({
      requests: {
        wait: (_params, context) => {
          copies.push({ ...context })
          started.resolve()
          return new Promise(() => {})
        },
        forget: (_params, context) => {
          late.push(context)
          return new Promise(() => {})
        },
      },
      onMessage: (_data, context) => void copies.push({ ...context }),
    })
    const page = await open(url)
    page.send('raw')
    page.send({ id: 1, method: 'forget' })
    page.send({ id: 2, method: 'wait' })
    await started.promise
    for (const id of [1, 2]) page.send({ id, cancel: true })
    await page.settle()
    expect(copies.map(({ signal }) => signal.aborted)).toEqual([false, true])
    expect(late[0]?.signal.reason).toMatchObject({ name: 'AbortError', message: 'The client cancelled the request.' })
  })

  it('P4.7 stop when the connection is gone', async () => {
    const aborted = vi.fn()
    const started = deferred()
    const { url, server } = await start({
      requests: {
        wait: (_params, { signal }) => {
          started.resolve()
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              aborted(signal.reason.name)
              reject(signal.reason)
            })
          })
        },
      },
    })
    const page = await open(url)
    page.send({ id: 1, method: 'wait' })
    await started.promise
    expect(server.metrics().openRequests).toBe(1)
    await page.close()
    await vi.waitFor(() => expect(aborted).toHaveBeenCalledExactlyOnceWith('AbortError'))
    expect(server.metrics()).toMatchObject({ openRequests: 0, errors: 0 })
  })

  it('P4.1 P2.4 count a second request with the id of an open one as a protocol error', async () => {
    const wait = vi.fn(() => new Promise(() => {}))
    const { url, server } = await start({ requests: { wait } })
    const page = await open(url)
    page.send({ id: 1, method: 'wait' })
    page.send({ id: 1, method: 'wait' })
    page.send({ id: '1', method: 'wait' })
    await page.settle()
    expect(wait).toHaveBeenCalledTimes(2)
    expect(server.metrics()).toMatchObject({ protocolErrors: 1, openRequests: 2 })
  })

  it('P4.1 let an id be used again once it was answered', async () => {
    const { url } = await start({ requests: { now: () => 1 } })
    const page = await open(url)
    expect(await page.ask({ id: 1, method: 'now' })).toEqual({ id: 1, result: 1 })
    expect(await page.ask({ id: 1, method: 'now' })).toEqual({ id: 1, result: 1 })
  })

  it('P8.1 refuse one more than maxOpenRequests, and stay', async () => {
    const finished = deferred()
    const { url, server } = await start({
      requests: { wait: () => finished.promise },
      limits: { maxOpenRequests: 1 },
    })
    const page = await open(url)
    page.send({ id: 1, method: 'wait' })
    expect(await page.ask({ id: 2, method: 'wait' })).toMatchObject({ id: 2, error: { code: 'TOO_MANY_OPEN' } })
    finished.resolve()
    expect(await page.next()).toEqual({ id: 1, result: null })
    expect(server.metrics()).toMatchObject({ requests: 2, errors: 1, openRequests: 0 })
  })

  it('P8.1 ignore a giant id', () => {
    const { join, hub } = house({ requests: { now: () => 1 } })
    const { socket } = join()
    socket.receive({ id: 'x'.repeat(257), method: 'now' })
    expect(socket.frames).toEqual([])
    expect(hub.metrics().protocolErrors).toBe(1)
  })

  it('P2.2 speak JSON-RPC 2.0 where asked to', async () => {
    const { url } = await start({ requests: { sum: () => 3 }, wire: 'jsonrpc' })
    const page = await open(url)
    expect(await page.ask({ jsonrpc: '2.0', id: 1, method: 'sum' })).toEqual({ jsonrpc: '2.0', id: 1, result: 3 })
  })
})
