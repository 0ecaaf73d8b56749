import { describe, expect, test } from 'vitest'
import { RemoteError, RequestTimeout } from '../../../src/index.js'
import { fateOf, open, sentBy, serverSays, start } from '../support.js'

describe('a request', () => {
  test('P4.1 has an id of its own, counted from 1', async () => {
    const { client, socket } = await open()
    for (const method of ['a', 'b', 'c']) fateOf(client.request(method))
    expect(sentBy(socket)).toEqual([
      { id: 1, method: 'a' },
      { id: 2, method: 'b' },
      { id: 3, method: 'c' },
    ])
  })

  test('P2.1 carries any JSON as params', async () => {
    const { client, socket } = await open()
    for (const params of [[1, 2], { a: { b: null } }, 'text', 0, null, false]) {
      fateOf(client.request('m', params))
      expect(sentBy(socket).at(-1)).toMatchObject({ params })
    }
  })

  test.each([3, 'text', null, false, 0, [], { a: [1] }])('P4.2 resolves with the result %j', async (result) => {
    const { client, socket } = await open()
    const answer = client.request('m')
    serverSays(socket, { id: 1, result })
    await expect(answer).resolves.toEqual(result)
  })

  test('P4.2 is answered in any order', async () => {
    const { client, socket, environment } = await open()
    const fates = ['a', 'b', 'c'].map((method) => fateOf(client.request(method)))
    for (const id of [3, 1, 2]) serverSays(socket, { id, result: id * 10 })
    await environment.settle()
    expect(fates.map(({ value }) => value)).toEqual([10, 20, 30])
  })

  test('P4.3 rejects with the error of the server: code, message and data', async () => {
    const { client, socket } = await open()
    const answer = client.request('m')
    serverSays(socket, { id: 1, error: { code: 'no_such_room', message: 'There is no room 9.', data: { room: 9 } } })
    const error: unknown = await answer.catch((cause) => cause)
    expect(error).toBeInstanceOf(RemoteError)
    expect(error).toMatchObject({ code: 'no_such_room', message: 'There is no room 9.', data: { room: 9 } })
  })

  test('P2.2 reads an answer of JSON-RPC 2.0, which may hold null in the other member', async () => {
    const { client, socket, environment } = await open()
    const good = fateOf(client.request('m'))
    const bad = fateOf(client.request('m'))
    serverSays(socket, { jsonrpc: '2.0', id: 1, result: 3, error: null, extra: 1 })
    serverSays(socket, { jsonrpc: '2.0', id: 2, result: null, error: { code: -32000, message: 'No' } })
    await environment.settle()
    expect(good.value).toBe(3)
    expect(bad.error).toMatchObject({ code: -32000, message: 'No' })
  })

  test('is counted until it is answered', async () => {
    const { client, socket, environment } = await open()
    fateOf(client.request('m'))
    expect(client.stats.openRequests).toBe(1)
    serverSays(socket, { id: 1, result: 1 })
    await environment.settle()
    expect(client.stats.openRequests).toBe(0)
  })

  test('shares one timer with all others, which ends by itself', async () => {
    const { client, socket, environment } = await open()
    for (let id = 1; id <= 3; id++) {
      fateOf(client.request('m'))
      serverSays(socket, { id, result: 1 })
      await environment.settle()
    }
    expect(environment.timers).toBe(1)
    await environment.advance(60_000)
    expect(environment.timers).toBe(0)
  })

  test('whose params cannot be encoded rejects, and leaves nothing behind', async () => {
    const { client, socket, environment } = await open()
    await expect(client.request('m', { big: 1n })).rejects.toThrow(TypeError)
    expect(client.stats.openRequests).toBe(0)
    expect(environment.timers).toBe(0)
    expect(socket.sent).toEqual([])
  })

  test('rejects with what the socket throws', async () => {
    const { client, socket } = await open()
    socket.throwOnSend(new Error('broken'))
    await expect(client.request('m')).rejects.toThrow('broken')
    expect(client.stats.openRequests).toBe(0)
  })
})

describe('the time limit', () => {
  test('rejects with RequestTimeout, and tells the server', async () => {
    const { client, socket, environment } = await open()
    const fate = fateOf(client.request('m', 1, { timeoutMs: 500 }))
    await environment.advance(499)
    expect(fate.state).toBe('pending')
    await environment.advance(1)
    expect(fate.error).toBeInstanceOf(RequestTimeout)
    expect(fate.error).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('500 ms') })
    expect(sentBy(socket)).toEqual([
      { id: 1, method: 'm', params: 1 },
      { id: 1, cancel: true },
    ])
  })

  test('is 30 s by default, and an option', async () => {
    for (const [options, limitMs] of [
      [{}, 30_000],
      [{ requestTimeoutMs: 700 }, 700],
    ] as const) {
      const { client, environment } = await open(options)
      const fate = fateOf(client.request('m'))
      await environment.advance(limitMs - 1)
      expect(fate.state).toBe('pending')
      await environment.advance(1)
      expect(fate.error).toBeInstanceOf(RequestTimeout)
    }
  })

  test.each([Number.NaN, 0, -1])('of %s ms is refused', async (timeoutMs) => {
    const { client } = await open()
    await expect(client.request('m', 1, { timeoutMs })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      field: 'timeoutMs',
    })
  })

  test('may be Infinity', async () => {
    const { client, environment } = await open()
    const fate = fateOf(client.request('m', 1, { timeoutMs: Number.POSITIVE_INFINITY }))
    expect(environment.timers).toBe(0)
    await environment.advance(1e10)
    expect(fate.state).toBe('pending')
  })

  test('runs while there is no connection, and the request is never sent', async () => {
    const { client, socket, environment } = await start()
    const fate = fateOf(client.request('m', 1, { timeoutMs: 500 }))
    await environment.advance(500)
    expect(fate.error).toBeInstanceOf(RequestTimeout)
    expect(client.stats.queuedMessages).toBe(0)
    socket.accept()
    expect(socket.sent).toEqual([])
  })

  test('of a thousand requests takes one timer, and each ends in its own time', async () => {
    const { client, environment } = await open()
    const ended: number[] = []
    for (let i = 0; i < 1000; i++) {
      const timeoutMs = 1000 + ((i * 7) % 1000)
      client.request('m', i, { timeoutMs }).catch(() => ended.push(timeoutMs))
    }
    expect(environment.timers).toBe(1)
    await environment.advance(1500)
    expect(Math.max(...ended)).toBe(1500)
    expect(ended).toHaveLength(501)
    await environment.advance(500)
    expect(ended).toHaveLength(1000)
    expect(ended).toEqual([...ended].sort((a, b) => a - b))
    expect(environment.timers).toBe(0)
  })

  test('P4.6 passed, a late answer is ignored', async () => {
    const { client, socket, environment } = await open()
    fateOf(client.request('m', 1, { timeoutMs: 500 }))
    await environment.advance(500)
    serverSays(socket, { id: 1, result: 1 })
    serverSays(socket, { id: 1, error: { code: 1, message: 'late' } })
    expect(client.stats.protocolErrors).toBe(0)
  })
})

describe('an AbortSignal', () => {
  test('aborted before rejects at once, and nothing is sent', async () => {
    const { client, socket } = await open()
    const signal = AbortSignal.abort(new Error('not now'))
    await expect(client.request('m', 1, { signal })).rejects.toThrow('not now')
    expect(socket.sent).toEqual([])
    expect(client.stats.openRequests).toBe(0)
  })

  test('P4.5 aborted during rejects with its reason, and the cancel reaches the server', async () => {
    const { client, socket, environment } = await open()
    const controller = new AbortController()
    const fate = fateOf(client.request('m', 1, { signal: controller.signal }))
    controller.abort('reason')
    await environment.settle()
    expect(fate).toMatchObject({ state: 'rejected', error: 'reason' })
    expect(sentBy(socket).at(-1)).toEqual({ id: 1, cancel: true })
  })

  test('P4.5 and an answer that crossed the cancel is ignored', async () => {
    const { client, socket, environment } = await open()
    const controller = new AbortController()
    const fate = fateOf(client.request('m', 1, { signal: controller.signal }))
    controller.abort('reason')
    serverSays(socket, { id: 1, result: 1 })
    await environment.settle()
    expect(fate).toMatchObject({ state: 'rejected', error: 'reason' })
    expect(client.stats.protocolErrors).toBe(0)
  })

  test('takes a queued request out of the queue', async () => {
    const { client, socket } = await start()
    const controller = new AbortController()
    const fate = fateOf(client.request('m', 1, { signal: controller.signal }))
    client.send('other')
    controller.abort()
    expect(client.stats).toMatchObject({ queuedMessages: 1, queuedBytes: 5 })
    socket.accept()
    expect(socket.sent).toEqual(['other'])
    expect(client.stats.dropped).toBe(0)
    await expect(Promise.resolve(fate)).resolves.toMatchObject({ state: 'rejected' })
  })

  test('is listened to no longer than the request lasts', async () => {
    const { client, socket, environment } = await open()
    const controller = new AbortController()
    const { signal } = controller
    let listening = 0
    const { addEventListener, removeEventListener } = signal
    Object.assign(signal, {
      addEventListener(...args: Parameters<typeof addEventListener>) {
        listening++
        addEventListener.apply(signal, args)
      },
      removeEventListener(...args: Parameters<typeof removeEventListener>) {
        listening--
        removeEventListener.apply(signal, args)
      },
    })
    fateOf(client.request('answered', 1, { signal }))
    fateOf(client.request('timed out', 1, { signal, timeoutMs: 10 }))
    expect(listening).toBe(2)
    serverSays(socket, { id: 1, result: 1 })
    await environment.advance(10)
    expect(listening).toBe(0)
    controller.abort()
    expect(sentBy(socket).filter((frame) => JSON.stringify(frame).includes('cancel'))).toHaveLength(1)
  })
})
