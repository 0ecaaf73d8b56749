import { describe, expect, test } from 'vitest'
import { InvalidOption } from '../../../src/index.js'
import { open, sentBy, serverSays } from '../support.js'

describe('a request of the server', () => {
  test('is answered by its handler', async () => {
    const { client, socket, environment } = await open()
    client.handle('double', (params) => Number(params) * 2)
    client.handle('later', async () => 'done')
    serverSays(socket, { id: 7, method: 'double', params: 21 })
    serverSays(socket, { id: 'x', method: 'later' })
    await environment.settle()
    expect(sentBy(socket)).toEqual([
      { id: 7, result: 42 },
      { id: 'x', result: 'done' },
    ])
  })

  test('P4.2 is answered with null if the handler gives nothing', async () => {
    const { client, socket, environment } = await open()
    client.handle('log', () => undefined)
    serverSays(socket, { id: 1, method: 'log' })
    await environment.settle()
    expect(sentBy(socket)).toEqual([{ id: 1, result: null }])
  })

  test('P4.1 may have the id of an open request of the page', async () => {
    const { client, socket, environment } = await open()
    client.handle('name', () => 'page')
    const answer = client.request('name')
    serverSays(socket, { id: 1, method: 'name' })
    await environment.settle()
    serverSays(socket, { id: 1, result: 'server' })
    await expect(answer).resolves.toBe('server')
    expect(sentBy(socket).at(-1)).toEqual({ id: 1, result: 'page' })
  })

  test.each(['nope', '__proto__', 'constructor', 'toString', ''])(
    'P4.3 for the unknown method %j is answered with -32601',
    async (method) => {
      const { socket, environment } = await open()
      socket.serverSend(`{"id":1,"method":${JSON.stringify(method)}}`)
      await environment.settle()
      expect(sentBy(socket)).toEqual([{ id: 1, error: { code: -32601, message: expect.any(String) } }])
    },
  )

  test('P4.3 that fails is answered with code, message and data, and no stack', async () => {
    const { client, socket, environment } = await open()
    client.handle('fail', () => {
      throw Object.assign(new Error('No room'), { code: 'full', data: { seats: 0 } })
    })
    client.handle('reject', () => Promise.reject(new Error('oops')))
    client.handle('odd', () => {
      throw 'text'
    })
    for (const [id, method] of ['fail', 'reject', 'odd'].entries()) serverSays(socket, { id, method })
    await environment.settle()
    expect(sentBy(socket)).toHaveLength(3)
    expect(sentBy(socket)).toEqual(
      expect.arrayContaining([
        { id: 0, error: { code: 'full', message: 'No room', data: { seats: 0 } } },
        { id: 1, error: { code: -32603, message: 'oops' } },
        { id: 2, error: { code: -32603, message: 'text' } },
      ]),
    )
    expect(socket.sent.join()).not.toContain('.ts')
  })

  test.each([null, undefined])('P4.3 that fails with %s is answered all the same', async (thrown) => {
    const { client, socket, environment } = await open()
    client.handle('fail', () => {
      throw thrown
    })
    serverSays(socket, { id: 1, method: 'fail' })
    await environment.settle()
    expect(sentBy(socket)).toMatchObject([{ id: 1, error: { code: -32603 } }])
  })

  test('P4.3 whose result cannot be encoded is answered with an error, and reported', async () => {
    const { client, socket, environment, errors } = await open()
    client.handle('big', () => 1n)
    serverSays(socket, { id: 1, method: 'big' })
    await environment.settle()
    expect(sentBy(socket)).toEqual([{ id: 1, error: { code: -32603, message: expect.any(String) } }])
    expect(errors).toMatchObject([{ code: 'LISTENER', cause: expect.any(TypeError) }])
  })

  test('P4.5 that is cancelled aborts its signal, and is not answered', async () => {
    const { client, socket, environment } = await open()
    const signals: AbortSignal[] = []
    client.handle('wait', (_, { signal }) => {
      signals.push(signal)
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve('late')))
    })
    serverSays(socket, { id: 1, method: 'wait' })
    serverSays(socket, { id: 2, method: 'wait' })
    serverSays(socket, { id: 1, cancel: true })
    await environment.settle()
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
    expect(socket.sent).toEqual([])
    expect(client.stats.protocolErrors).toBe(0)
  })

  test('P4.5 may be asked again with the id of a cancelled one', async () => {
    const { client, socket, environment } = await open()
    const answers: ((value: string) => void)[] = []
    client.handle('wait', () => new Promise((resolve) => answers.push(resolve)))
    serverSays(socket, { id: 1, method: 'wait' })
    serverSays(socket, { id: 1, cancel: true })
    serverSays(socket, { id: 1, method: 'wait' })
    answers[0]?.('old')
    answers[1]?.('new')
    await environment.settle()
    expect(sentBy(socket)).toEqual([{ id: 1, result: 'new' }])
  })

  test.each(['cut', 'close'] as const)('P4.7 is stopped by a %s, and not answered on another socket', async (how) => {
    const { client, socket, environment } = await open()
    let stopped = false
    let answer = (_: string): void => {}
    client.handle('wait', (_, { signal }) => {
      signal.addEventListener('abort', () => {
        stopped = true
      })
      return new Promise((resolve) => {
        answer = resolve
      })
    })
    serverSays(socket, { id: 1, method: 'wait' })
    if (how === 'cut') socket.cut()
    else client.close()
    expect(stopped).toBe(true)
    if (how === 'close') return
    client.reconnect()
    await environment.settle()
    environment.sockets[1]?.accept()
    answer('late')
    await environment.settle()
    expect(environment.sockets[1]?.sent).toEqual([])
  })

  test('P2.4 with an id that is running is a protocol error', async () => {
    const { client, socket, environment, errors } = await open()
    let runs = 0
    client.handle('wait', () => {
      runs++
      return new Promise(() => {})
    })
    serverSays(socket, { id: 1, method: 'wait' })
    serverSays(socket, { id: 1, method: 'wait' })
    await environment.settle()
    expect(runs).toBe(1)
    expect(client.stats.protocolErrors).toBe(1)
    expect(errors).toMatchObject([{ code: 'PROTOCOL' }])
  })

  test('P8.1 beyond a thousand at once is refused', async () => {
    const { client, socket, environment } = await open()
    let runs = 0
    client.handle('wait', () => {
      runs++
      return new Promise(() => {})
    })
    for (let id = 0; id < 1005; id++) serverSays(socket, { id, method: 'wait' })
    await environment.settle()
    expect(runs).toBe(1000)
    expect(sentBy(socket)).toHaveLength(5)
    expect(sentBy(socket)[0]).toMatchObject({ id: 1000, error: { message: expect.stringContaining('many') } })
    serverSays(socket, { id: 0, cancel: true })
    serverSays(socket, { id: 2000, method: 'wait' })
    expect(runs).toBe(1001)
  })
})

describe('handle', () => {
  test('takes one handler for a method', async () => {
    const { client } = await open()
    client.handle('a', () => 1)
    expect(() => client.handle('a', () => 2)).toThrow(InvalidOption)
  })

  test('gives a function that takes the handler off again', async () => {
    const { client, socket, environment } = await open()
    const off = client.handle('a', () => 1)
    off()
    serverSays(socket, { id: 1, method: 'a' })
    await environment.settle()
    expect(sentBy(socket)).toMatchObject([{ error: { code: -32601 } }])
    client.handle('a', () => 2)
    off()
    serverSays(socket, { id: 2, method: 'a' })
    await environment.settle()
    expect(sentBy(socket).at(-1)).toEqual({ id: 2, result: 2 })
  })
})
