import { describe, expect, it, vi } from 'vitest'
import { ClientClosed, DeliveryUnknown, InvalidOption, RemoteError, RequestTimeout } from '../../src/server/index.js'
import { house, open, pass, start, virtualTime } from './support.js'

describe('requests to a page', () => {
  virtualTime()

  const asking = (options = {}) => {
    const { hub, join, log } = house({ requestTimeoutMs: 1_000, ...options })
    const { socket, client } = join()
    if (!client) throw new Error('not in')
    return { hub, log, socket, client }
  }

  it('P4.1 P4.2 count their ids from 1 and resolve with the result, in any order', async () => {
    const { socket, client } = asking()
    const first = client.request('confirm', 'Sure?')
    const second = client.request('ready')
    await pass(0)
    expect(socket.frames).toEqual([
      { id: 1, method: 'confirm', params: 'Sure?' },
      { id: 2, method: 'ready' },
    ])
    socket.receive({ id: 2, result: 'two' })
    socket.receive({ id: 1, result: null, error: null })
    expect(await Promise.all([first, second])).toEqual([null, 'two'])
  })

  it('reject with the error of the page', async () => {
    const { socket, client } = asking()
    const answer = client.request('confirm')
    socket.receive({ id: 1, error: { code: 'busy', message: 'Later.', data: 5 } })
    await expect(answer).rejects.toEqual(new RemoteError({ code: 'busy', message: 'Later.', data: 5 }))
    await expect(answer).rejects.toMatchObject({ code: 'busy', data: 5 })
  })

  it('P4.5 P4.6 give up after their time, say so, and ignore a late answer', async () => {
    const { socket, client, hub } = asking()
    const slow = client.request('confirm')
    const fast = client.request('confirm', null, { timeoutMs: 10 })
    const both = Promise.allSettled([slow, fast])
    await pass(10)
    expect(socket.frames.slice(2)).toEqual([{ id: 2, cancel: true }])
    await pass(989)
    expect(socket.frames).toHaveLength(3)
    await pass(1)
    expect(socket.frames.slice(3)).toEqual([{ id: 1, cancel: true }])
    expect((await both).map((result) => result.status === 'rejected' && result.reason)).toEqual([
      new RequestTimeout('confirm', 1_000),
      new RequestTimeout('confirm', 10),
    ])

    socket.receive({ id: 1, result: 1 })
    socket.receive({ id: 2, error: { code: 1, message: 'x' } })
    expect(hub.metrics().protocolErrors).toBe(0)
  })

  it('P4.5 stop when their signal aborts, with its reason', async () => {
    const { socket, client } = asking()
    const controller = new AbortController()
    const answer = client.request('confirm', 1, { signal: controller.signal })
    await pass(0)
    controller.abort(new Error('never mind'))
    await expect(answer).rejects.toThrow('never mind')
    expect(socket.frames.slice(1)).toEqual([{ id: 1, cancel: true }])
    await expect(client.request('confirm', 1, { signal: controller.signal })).rejects.toThrow('never mind')
    expect(socket.frames).toHaveLength(2)
  })

  it('P4.5 send no cancel for what was answered in the same breath', async () => {
    const { socket, client } = asking()
    const controller = new AbortController()
    const answer = client.request('confirm', 1, { signal: controller.signal })
    socket.receive({ id: 1, result: 'yes' })
    controller.abort()
    expect(await answer).toBe('yes')
    expect(socket.frames).toHaveLength(1)
  })

  it('P4.7 are of unknown fate when the connection is lost; afterwards they are not sent at all', async () => {
    const { socket, client } = asking()
    const answer = client.request('confirm')
    socket.end()
    await expect(answer).rejects.toEqual(new DeliveryUnknown('confirm'))
    await expect(client.request('confirm')).rejects.toBeInstanceOf(ClientClosed)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('reject a time that is none, and params that do not encode', async () => {
    const { socket, client } = asking()
    await expect(client.request('confirm', 1, { timeoutMs: Number.NaN })).rejects.toEqual(
      new InvalidOption('timeoutMs', 'a time in ms, 1 to 2147483647'),
    )
    await expect(client.request('confirm', 1n)).rejects.toThrow(TypeError)
    expect(socket.frames).toEqual([])
  })

  it.each([
    { id: 2, result: 1 },
    { id: 0, result: 1 },
    { id: '1', result: 1 },
    { id: -1, error: { code: 1, message: 'x' } },
    { id: 9, item: 1 },
  ])('P2.4 count %j, an answer to what was never asked, as a protocol error', async (frame) => {
    const { socket, client, hub } = asking()
    const answer = client.request('confirm')
    socket.receive(frame)
    expect(hub.metrics().protocolErrors).toBe(1)
    socket.receive({ id: 1, result: 'still' })
    expect(await answer).toBe('still')
  })

  it('ignore items: no method of a page is a stream', async () => {
    const { socket, client, hub } = asking()
    const answer = client.request('confirm')
    socket.receive({ id: 1, item: 'x' })
    socket.receive({ id: 1, result: 'done' })
    expect(await answer).toBe('done')
    expect(hub.metrics().protocolErrors).toBe(0)
  })

  it('log a cancel that the wire cannot encode', async () => {
    const { client, log } = asking({
      wire: {
        encode(frame: object) {
          if ('cancel' in frame) throw new Error('no cancels')
          return JSON.stringify(frame)
        },
        decode: () => undefined,
      },
    })
    const answer = client.request('confirm', 1, { timeoutMs: 10 })
    const rejected = expect(answer).rejects.toBeInstanceOf(RequestTimeout)
    await pass(10)
    await rejected
    expect(log.errors).toEqual([['holdfast: wire.encode threw', new Error('no cancels')]])
  })
})

describe('a request to a page over a socket', () => {
  it('P4.1 may have the id of an open request of the page', async () => {
    const { url } = await start({
      requests: { buy: async (_params, { client }) => ({ confirmed: await client.request('confirm', 'Sure?') }) },
    })
    const page = await open(url)
    expect(await page.ask({ id: 1, method: 'buy' })).toEqual({ id: 1, method: 'confirm', params: 'Sure?' })
    expect(await page.ask({ id: 1, result: true })).toEqual({ id: 1, result: { confirmed: true } })
  })
})
