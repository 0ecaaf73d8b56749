import { describe, expect, test } from 'vitest'
import { batch, jsonRpc } from '../../../src/addons/json-rpc/index.js'
import { DeliveryUnknown, RemoteError, RequestTimeout } from '../../../src/index.js'
import { comeBack, fateOf, open, sentBy, serverSays } from '../../core/support.js'

const openRpc = () => open({ wire: jsonRpc() })

describe('a batch of the page', () => {
  test('travels as one array, and each call is settled by itself, in whatever order the answers are', async () => {
    const { client, socket } = await openRpc()
    const results = batch(client, [
      { method: 'sum', params: [1, 2] },
      { event: 'log', data: ['started'] },
      { method: 'fail' },
      { method: 'forgotten' },
    ])
    expect(sentBy(socket)).toEqual([
      '[' +
        JSON.stringify({ jsonrpc: '2.0', id: '1:0', method: 'sum', params: [1, 2] }) +
        ',{"jsonrpc":"2.0","method":"log","params":["started"]},{"jsonrpc":"2.0","id":"1:2","method":"fail"},' +
        '{"jsonrpc":"2.0","id":"1:3","method":"forgotten"}]',
    ])
    serverSays(socket, [
      { jsonrpc: '2.0', id: '1:2', error: { code: -32601, message: 'Method not found' } },
      { jsonrpc: '2.0', id: '1:0', result: 3 },
    ])
    await expect(results).resolves.toEqual([
      { result: 3 },
      undefined,
      { error: expect.any(RemoteError) },
      { error: expect.any(DeliveryUnknown) },
    ])
    await expect(results).resolves.toMatchObject([{}, undefined, { error: { code: -32601 } }, {}])
  })

  test('of notifications alone has no answer to wait for, and one of nothing does not travel', async () => {
    const { client, socket } = await openRpc()
    await expect(batch(client, [{ event: 'a' }, { event: 'b', data: [1] }])).resolves.toEqual([undefined, undefined])
    await expect(batch(client, [])).resolves.toEqual([])
    expect(socket.sent).toEqual(['[{"jsonrpc":"2.0","method":"a"},{"jsonrpc":"2.0","method":"b","params":[1]}]'])
  })

  test('has timeout, abort and fate of a request', async () => {
    const world = await openRpc()
    const { client, environment } = world
    const late = fateOf(batch(client, [{ method: 'm' }], { timeoutMs: 1000 }))
    const controller = new AbortController()
    const aborted = fateOf(batch(client, [{ method: 'm' }], { signal: controller.signal }))
    controller.abort('enough')
    await environment.advance(1000)
    const cut = fateOf(batch(client, [{ method: 'm' }]))
    const again = batch(client, [{ method: 'm' }], { idempotent: true })
    await comeBack(world)
    expect(late.error).toBeInstanceOf(RequestTimeout)
    expect(aborted.error).toBe('enough')
    expect(cut.error).toBeInstanceOf(DeliveryUnknown)
    expect(world.socket.sent).toEqual(['[{"jsonrpc":"2.0","id":"4:0","method":"m"}]'])
    serverSays(world.socket, [{ jsonrpc: '2.0', id: '4:0', result: 'now' }])
    await expect(again).resolves.toEqual([{ result: 'now' }])
  })

  test('with params that JSON-RPC does not know rejects, and nothing travels', async () => {
    const { client, socket } = await openRpc()
    await expect(batch(client, [{ method: 'm' }, { method: 'n', params: 5 }])).rejects.toThrow('params')
    expect(socket.sent).toEqual([])
  })

  test('is not confused by answers to two batches, a request and rubbish in one array', async () => {
    const { client, socket, environment } = await openRpc()
    client.handle('hello', () => 'hi')
    const one = batch(client, [{ method: 'a' }])
    const two = batch(client, [{ method: 'a' }])
    serverSays(socket, [
      { jsonrpc: '2.0', id: '2:0', result: 'two' },
      7,
      { jsonrpc: '2.0', id: '1:0', result: 'one' },
      { jsonrpc: '2.0', id: 'x', method: 'hello' },
      { jsonrpc: '2.0', id: '1:999999999999', result: 'far' },
      { jsonrpc: '2.0', id: '1:__proto__', result: 'far' },
    ])
    await environment.settle()
    await expect(one).resolves.toEqual([{ result: 'one' }])
    await expect(two).resolves.toEqual([{ result: 'two' }])
    expect(client.stats.protocolErrors).toBe(2)
    expect(JSON.parse(String(socket.sent.at(-1)))).toEqual([
      { jsonrpc: '2.0', id: null, error: { code: -32600, message: expect.any(String) } },
      { jsonrpc: '2.0', id: 'x', result: 'hi' },
    ])
  })

  test('whose answer is no list of answers ends as unknown', async () => {
    const { client, socket } = await openRpc()
    const results = batch(client, [{ method: 'a' }])
    serverSays(socket, { jsonrpc: '2.0', id: 1, result: null })
    await expect(results).resolves.toEqual([{ error: expect.any(DeliveryUnknown) }])
  })
})

describe('a batch of the server', () => {
  test('is answered by one array, once all answers are there, as in the example of the specification', async () => {
    const { client, socket, environment } = await openRpc()
    let subtract = (_result: number): void => {}
    client.handle('sum', (params) => Object.values(Object(params)).reduce((a, b) => Number(a) + Number(b)))
    client.handle(
      'subtract',
      () =>
        new Promise((resolve) => {
          subtract = resolve
        }),
    )
    client.handle('get_data', () => ['hello', 5])
    const heard: unknown[] = []
    client.channel('notifications').on('notify_hello', (params) => heard.push(params))
    serverSays(socket, [
      { jsonrpc: '2.0', method: 'sum', params: [1, 2, 4], id: '1' },
      { jsonrpc: '2.0', method: 'notify_hello', params: [7] },
      { jsonrpc: '2.0', method: 'subtract', params: [42, 23], id: '2' },
      { foo: 'boo' },
      { jsonrpc: '2.0', method: 'foo.get', params: { name: 'myself' }, id: '5' },
      { jsonrpc: '2.0', method: 'get_data', id: '9' },
    ])
    await environment.settle()
    expect(heard).toEqual([[7]])
    expect(socket.sent).toEqual([])
    subtract(19)
    await environment.settle()
    expect(socket.sent).toHaveLength(1)
    const answers: unknown[] = JSON.parse(String(socket.sent[0]))
    expect(answers).toHaveLength(5)
    expect(answers).toEqual(
      expect.arrayContaining([
        { jsonrpc: '2.0', result: 7, id: '1' },
        { jsonrpc: '2.0', result: 19, id: '2' },
        { jsonrpc: '2.0', error: { code: -32600, message: expect.any(String) }, id: null },
        { jsonrpc: '2.0', error: { code: -32601, message: expect.any(String) }, id: '5' },
        { jsonrpc: '2.0', result: ['hello', 5], id: '9' },
      ]),
    )
  })

  test('of rubbish is answered for each', async () => {
    const { client, socket, environment } = await openRpc()
    serverSays(socket, [1, 2, 3])
    await environment.settle()
    expect(JSON.parse(String(socket.sent[0]))).toMatchObject([
      { id: null, error: { code: -32600 } },
      { id: null, error: { code: -32600 } },
      { id: null, error: { code: -32600 } },
    ])
    expect(socket.sent).toHaveLength(1)
    expect(client.stats.protocolErrors).toBe(3)
  })

  test('of notifications alone is not answered', async () => {
    const { client, socket, environment } = await openRpc()
    client.channel('notifications').on('a', () => {})
    serverSays(socket, [
      { jsonrpc: '2.0', method: 'a' },
      { jsonrpc: '2.0', method: 'a', params: [1] },
    ])
    await environment.settle()
    expect(socket.sent).toEqual([])
    expect(client.stats.protocolErrors).toBe(0)
  })

  test('may use an id twice, and methods without a name', async () => {
    const { client, socket, environment } = await openRpc()
    client.handle('echo', (params) => Promise.resolve(params))
    client.handle('', () => 'nameless')
    serverSays(socket, [
      { jsonrpc: '2.0', id: 1, method: 'echo', params: ['a'] },
      { jsonrpc: '2.0', id: 1, method: 'echo', params: ['b'] },
      { jsonrpc: '2.0', id: 1, method: '' },
    ])
    await environment.settle()
    expect(JSON.parse(String(socket.sent[0]))).toHaveLength(3)
    expect(client.stats.protocolErrors).toBe(0)
  })

  test('has an answer that cannot be encoded as an error among the others', async () => {
    const { client, socket, environment } = await openRpc()
    client.handle('big', () => 1n)
    client.handle('small', () => 1)
    serverSays(socket, [
      { jsonrpc: '2.0', id: 1, method: 'big' },
      { jsonrpc: '2.0', id: 2, method: 'small' },
    ])
    await environment.settle()
    expect(JSON.parse(String(socket.sent[0]))).toMatchObject([
      { id: 1, error: { code: -32603 } },
      { id: 2, result: 1 },
    ])
  })

  test('is forgotten when a hundred others came after it: what was left is answered by itself', async () => {
    const { client, socket, environment } = await openRpc()
    let finish = (_: string): void => {}
    client.handle(
      'slow',
      () =>
        new Promise((resolve) => {
          finish = resolve
        }),
    )
    serverSays(socket, [
      { jsonrpc: '2.0', id: 'old', method: 'slow' },
      { jsonrpc: '2.0', id: 'x', method: 'none' },
    ])
    await environment.settle()
    const last = finish
    for (let i = 0; i < 100; i++) serverSays(socket, [{ jsonrpc: '2.0', id: i, method: 'none' }])
    await environment.settle()
    last('late')
    await environment.settle()
    expect(socket.sent.at(-1)).toBe('{"jsonrpc":"2.0","id":"old","result":"late"}')
  })
})
