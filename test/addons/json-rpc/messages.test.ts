import { describe, expect, test } from 'vitest'
import { jsonRpc } from '../../../src/addons/json-rpc/index.js'
import { HoldfastError, InvalidOption, RemoteError } from '../../../src/index.js'
import { fateOf, open, sentBy, serverSays } from '../../core/support.js'

const openRpc = () => open({ wire: jsonRpc() })

const refusal = (code: number): object => ({ jsonrpc: '2.0', id: null, error: { code, message: expect.any(String) } })

describe('asking', () => {
  test('writes a request as the specification has it, and takes its answer', async () => {
    const { client, socket } = await openRpc()
    const sum = client.request('sum', [1, 2])
    const plain = client.request('now')
    expect(sentBy(socket)).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'sum', params: [1, 2] },
      { jsonrpc: '2.0', id: 2, method: 'now' },
    ])
    serverSays(socket, { jsonrpc: '2.0', id: 1, result: 3 })
    serverSays(socket, { jsonrpc: '2.0', id: 2, result: null })
    await expect(sum).resolves.toBe(3)
    await expect(plain).resolves.toBeNull()
  })

  test('rejects with the error of the server', async () => {
    const { client, socket } = await openRpc()
    const answer = client.request('sum', { a: 1 })
    serverSays(socket, { jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'No', data: ['b'] } })
    await expect(answer).rejects.toMatchObject({ code: -32602, message: 'No', data: ['b'] })
    await expect(answer).rejects.toBeInstanceOf(RemoteError)
  })

  test.each([5, 'text', null, true])('with params %j is a clear error', async (params) => {
    const { client, socket } = await openRpc()
    await expect(client.request('m', params)).rejects.toThrow('params: expected an array or object')
    expect(() => client.channel('notifications').send('m', params)).toThrow(InvalidOption)
    expect(socket.sent).toEqual([])
  })

  test('that is aborted ends here: nothing travels, and a late answer is ignored', async () => {
    const { client, socket, environment, errors } = await openRpc()
    const controller = new AbortController()
    const fate = fateOf(client.request('slow', [], { signal: controller.signal }))
    controller.abort('enough')
    await environment.settle()
    serverSays(socket, { jsonrpc: '2.0', id: 1, result: 1 })
    expect(fate.error).toBe('enough')
    expect(socket.sent).toHaveLength(1)
    expect(errors).toEqual([])
  })

  test('for a stream ends with its answer, without items', async () => {
    const { client, socket, environment } = await openRpc()
    const items: unknown[] = []
    const done = (async () => {
      for await (const item of client.stream('count', [3])) items.push(item)
    })()
    await environment.settle()
    serverSays(socket, { jsonrpc: '2.0', id: 1, result: [1, 2, 3] })
    await done
    expect(items).toEqual([])
  })

  test('to join is a request, which a server without it refuses', async () => {
    const { client, socket } = await openRpc()
    const joined = client.channel('notifications').join({ topics: ['a'] })
    expect(sentBy(socket)).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'join', params: { channel: 'notifications', params: { topics: ['a'] } } },
    ])
    serverSays(socket, { jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'Method not found' } })
    await expect(joined).rejects.toMatchObject({ code: -32601 })
  })

  test('auth is a request with id 0', async () => {
    const { client, socket, environment } = await open({ wire: jsonRpc(), auth: () => 's3cret' })
    expect(sentBy(socket)).toEqual([{ jsonrpc: '2.0', id: 0, method: 'auth', params: { token: 's3cret' } }])
    serverSays(socket, { jsonrpc: '2.0', id: 0, result: true })
    await environment.settle()
    expect(client.status).toBe('open')
  })
})

describe('notifications', () => {
  test('are the events of one channel, both ways', async () => {
    const { client, socket } = await openRpc()
    const heard: unknown[] = []
    client.channel('notifications').on('feedUpdated', (params) => heard.push(params))
    serverSays(socket, { jsonrpc: '2.0', method: 'feedUpdated', params: { id: 7 } })
    serverSays(socket, { jsonrpc: '2.0', method: 'feedUpdated' })
    client.channel('notifications').send('textDocument/didOpen', { uri: 'a' })
    client.channel('notifications').send('initialized')
    expect(heard).toEqual([{ id: 7 }, undefined])
    expect(sentBy(socket)).toEqual([
      { jsonrpc: '2.0', method: 'textDocument/didOpen', params: { uri: 'a' } },
      { jsonrpc: '2.0', method: 'initialized' },
    ])
  })

  test('of a prototype’s names are names like others', async () => {
    const { client, socket, environment } = await openRpc()
    const heard: unknown[] = []
    client.channel('notifications').on('__proto__', (params) => heard.push(params))
    serverSays(socket, { jsonrpc: '2.0', method: '__proto__', params: [1] })
    serverSays(socket, { jsonrpc: '2.0', method: 'constructor', params: [2] })
    serverSays(socket, { jsonrpc: '2.0', id: '__proto__', method: 'toString' })
    await environment.settle()
    expect(heard).toEqual([[1]])
    expect(sentBy(socket)).toMatchObject([{ id: '__proto__', error: { code: -32601 } }])
    expect(Object.hasOwn(Object.prototype, '1')).toBe(false)
  })

  test('there is no other channel', async () => {
    const { client } = await openRpc()
    expect(() => client.channel('chat').send('message', [1])).toThrow('channel: expected notifications')
  })

  test('nobody asked for reach `message`', async () => {
    const { client, socket } = await openRpc()
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    socket.serverSend('{"jsonrpc":"2.0","method":"hello"}')
    const bytes = new ArrayBuffer(1)
    socket.serverSend(bytes)
    expect(messages).toEqual(['{"jsonrpc":"2.0","method":"hello"}', bytes])
  })
})

describe('being asked', () => {
  test.each([7, 'seven', '7', null, 1.5, ''])('answers under the id of the request: %j', async (id) => {
    const { client, socket, environment } = await openRpc()
    client.handle('double', (params) => Number(Object(params)[0]) * 2)
    serverSays(socket, { jsonrpc: '2.0', id, method: 'double', params: [4] })
    await environment.settle()
    expect(sentBy(socket)).toEqual([{ jsonrpc: '2.0', id, result: 8 }])
  })

  test('a handler’s error keeps its code if that is a whole number, and else all of it is in data', async () => {
    const { client, socket, environment } = await openRpc()
    client.handle('whole', () => {
      throw new HoldfastError(404, 'Not here')
    })
    client.handle('text', () => {
      throw new HoldfastError('GONE', 'Not there')
    })
    serverSays(socket, { jsonrpc: '2.0', id: 1, method: 'whole' })
    serverSays(socket, { jsonrpc: '2.0', id: 2, method: 'text' })
    serverSays(socket, { jsonrpc: '2.0', id: 3, method: 'missing' })
    await environment.settle()
    expect(sentBy(socket)).toEqual([
      { jsonrpc: '2.0', id: 1, error: { code: 404, message: 'Not here' } },
      {
        jsonrpc: '2.0',
        id: 2,
        error: { code: -32000, message: 'Not there', data: { code: 'GONE', message: 'Not there' } },
      },
      { jsonrpc: '2.0', id: 3, error: { code: -32601, message: expect.any(String) } },
    ])
  })
})

describe('what is not JSON-RPC', () => {
  test('text that is no JSON is answered with -32700, counted and reported', async () => {
    const { client, socket, environment, errors } = await openRpc()
    socket.serverSend('{"jsonrpc": "2.0", "method": "foobar, "params": "bar", "baz]')
    await environment.settle()
    expect(sentBy(socket)).toEqual([refusal(-32700)])
    expect(client.stats.protocolErrors).toBe(1)
    expect(errors).toMatchObject([{ code: 'PROTOCOL' }])
    expect(client.status).toBe('open')
  })

  test.each([
    { jsonrpc: '2.0', method: 1, params: 'bar' },
    { jsonrpc: '2.0', method: 'm', params: 'bar' },
    { jsonrpc: '2.0', method: 'm', params: null, id: 1 },
    { jsonrpc: '2.0', method: 'm', id: {} },
    { jsonrpc: '2.0', method: 'm', id: true },
    { jsonrpc: '2.0', method: 'm', id: [1] },
    { jsonrpc: '2.0', id: 1 },
    { jsonrpc: 2, method: 'm', id: 1 },
    { method: 'm', id: 1 },
    { id: 1, cancel: true },
    { id: 1, item: 2 },
    { channel: 'notifications', event: 'm' },
    {},
    [],
    7,
    null,
    'text',
  ])('%j is no request, and is answered with -32600', async (message) => {
    const { client, socket, environment, errors } = await openRpc()
    client.handle('m', () => 'never')
    client.channel('notifications').on('m', () => expect.unreachable())
    serverSays(socket, message)
    await environment.settle()
    expect(sentBy(socket)).toEqual([refusal(-32600)])
    expect(client.stats.protocolErrors).toBe(1)
    expect(errors).toMatchObject([{ code: 'PROTOCOL', cause: [message] }])
  })

  test.each([
    { jsonrpc: '2.0', id: 1, result: 1, error: { code: 1, message: 'both' } },
    { jsonrpc: '2.0', id: 1, result: 1, error: null },
    { jsonrpc: '2.0', id: 1, error: null },
    { jsonrpc: '2.0', id: 1, error: 'text' },
    { jsonrpc: '2.0', id: 1, error: {} },
    { jsonrpc: '2.0', id: 1, error: { code: 1 } },
    { jsonrpc: '2.0', id: 99, result: 1 },
    { jsonrpc: '2.0', id: '1', result: 1 },
    { jsonrpc: '2.0', id: '1:0', result: 1 },
    { jsonrpc: '2.0', id: 1.5, result: 1 },
    { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Invalid Request' } },
    { jsonrpc: '2.0', id: '__proto__', result: 1 },
    { jsonrpc: '2.0', result: 1 },
    { id: 1, result: 1 },
    { jsonrpc: '1.0', id: 1, result: 1 },
  ])('%j answers nothing, is counted, and is not answered', async (message) => {
    const { client, socket, environment } = await openRpc()
    const fate = fateOf(client.request('m'))
    serverSays(socket, message)
    await environment.settle()
    expect(fate.state).toBe('pending')
    expect(client.stats.protocolErrors).toBe(1)
    expect(socket.sent).toHaveLength(1)
  })

  test('two ends that answer so do not go on for ever', async () => {
    const { socket, environment } = await openRpc()
    socket.serverSend('no JSON')
    await environment.settle()
    for (const answer of socket.sent.splice(0)) socket.serverSend(String(answer))
    await environment.settle()
    expect(socket.sent).toEqual([])
  })
})
