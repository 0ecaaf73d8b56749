import { describe, expect, test } from 'vitest'
import { fateOf, open, serverSays } from '../support.js'

/** Objects that claim to be frames, and are none. */
const MALFORMED = [
  '{"id":{},"method":"m"}',
  '{"id":null,"method":"m"}',
  '{"id":true,"method":"m"}',
  '{"id":[1],"method":"m"}',
  '{"id":1.5,"method":"m"}',
  '{"id":1e300,"method":"m"}',
  '{"id":9007199254740993,"method":"m"}',
  '{"id":1,"method":{}}',
  '{"id":1,"method":7}',
  '{"id":1,"method":["m"]}',
  '{"id":1,"error":"text"}',
  '{"id":1,"error":7}',
  '{"id":1,"error":{}}',
  '{"id":1,"error":{"code":1}}',
  '{"id":1,"error":{"message":"m"}}',
  '{"id":1,"error":{"code":{},"message":"m"}}',
  '{"id":1,"error":{"code":null,"message":"m"}}',
  '{"id":1,"error":{"code":1,"message":{}}}',
  '{"id":1,"error":[]}',
  '{"id":1,"cancel":1}',
  '{"id":1,"cancel":"true"}',
  '{"id":1,"cancel":false}',
  '{"id":{},"result":1}',
  '{"id":null,"item":1}',
  '{"id":-0.5,"cancel":true}',
  '{"channel":1,"event":"e"}',
  '{"channel":"c","event":{}}',
  '{"channel":{},"event":[]}',
  '{"channel":["c"],"event":"e"}',
]

/** Answers to what was never asked. */
const UNASKED = [
  '{"id":99,"result":1}',
  '{"id":99,"item":1}',
  '{"id":99,"error":{"code":1,"message":"m"}}',
  '{"id":"abc","result":1}',
  '{"id":"__proto__","result":1}',
  '{"id":"constructor","item":1}',
  '{"id":-1,"result":1}',
  '{"id":"","result":1}',
  '{"id":0,"result":1}',
  '{"id":0,"error":{"code":1,"message":"m"}}',
]

/** What is the app's own, however odd. */
const MESSAGES = [
  '',
  'text',
  '{',
  '{"id":1',
  '{}',
  '{"a":1}',
  '{"id":1}',
  '{"method":"m"}',
  '{"result":1}',
  '{"channel":"c"}',
  '{"event":"e"}',
  '{"jsonrpc":"2.0"}',
  '[]',
  '[{"id":1,"method":"m"}]',
  'null',
  '{"__proto__":{"id":1,"method":"m"}}',
  ' {"id":1,"method":"m"}',
]

describe('a hostile frame', () => {
  test.each(MALFORMED)('P2.4 with the wrong types is counted and ignored: %s', async (text) => {
    const { client, socket, errors } = await open()
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    const fate = fateOf(client.request('m'))
    socket.serverSend(text)
    expect(client.stats.protocolErrors).toBe(1)
    expect(errors).toMatchObject([{ code: 'PROTOCOL' }])
    expect(messages).toEqual([])
    expect(fate.state).toBe('pending')
    expect(client.status).toBe('open')
  })

  test.each(UNASKED)('P2.4 for an id that was never used is counted and ignored: %s', async (text) => {
    const { client, socket, errors } = await open()
    fateOf(client.request('m'))
    socket.serverSend(text)
    expect(client.stats.protocolErrors).toBe(1)
    expect(errors).toMatchObject([{ code: 'PROTOCOL' }])
  })

  test.each(MESSAGES)('P2.3 that is none is a message of the app: %j', async (text) => {
    const { client, socket } = await open()
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    socket.serverSend(text)
    expect(messages).toEqual([text])
    expect(client.stats.protocolErrors).toBe(0)
  })

  test('P2.4 is counted each time, and reported once for each connection', async () => {
    const { client, socket, environment, errors } = await open()
    for (let i = 0; i < 1000; i++) socket.serverSend('{"id":{},"method":"m"}')
    expect(client.stats.protocolErrors).toBe(1000)
    expect(errors).toHaveLength(1)
    client.reconnect()
    await environment.settle()
    environment.sockets[1]?.accept()
    environment.sockets[1]?.serverSend('{"id":{},"method":"m"}')
    expect(errors).toHaveLength(2)
    expect(client.stats.protocolErrors).toBe(1001)
  })

  test('leaves Object.prototype as it is', async () => {
    const { client, socket, environment } = await open()
    client.handle('echo', (params) => params)
    client.channel('chat').on('message', (data) => Object.assign({}, data))
    const answer = fateOf(client.request('m'))
    const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'
    for (const text of [
      `{"id":1,"result":${poison}}`,
      `{"channel":"chat","event":"message","data":${poison}}`,
      `{"channel":"__proto__","event":"polluted","data":1}`,
      `{"channel":"chat","event":"__proto__","data":${poison}}`,
      `{"id":"__proto__","method":"echo","params":${poison}}`,
      `{"id":7,"method":"__proto__","params":${poison}}`,
      `{"id":8,"error":{"code":"__proto__","message":"m","data":${poison}},"__proto__":{"polluted":1}}`,
    ]) {
      socket.serverSend(text)
    }
    await environment.settle()
    expect(answer.state).toBe('resolved')
    expect('polluted' in {}).toBe(false)
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  test('with members of Object.prototype for its fields is no frame', async () => {
    const { client, socket } = await open()
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    socket.serverSend('{"toString":1,"valueOf":2,"hasOwnProperty":3}')
    expect(messages).toHaveLength(1)
  })

  test('that is a giant, or nested deep, does no harm', async () => {
    const { client, socket } = await open()
    const heard: unknown[] = []
    client.channel('chat').on('message', (data) => heard.push(data))
    const depth = 50_000
    const nested = '['.repeat(depth) + ']'.repeat(depth)
    socket.serverSend(`{"channel":"chat","event":"message","data":${nested}}`)
    socket.serverSend(`{"channel":"chat","event":"message","data":"${'x'.repeat(5_000_000)}"}`)
    socket.serverSend(`{"id":1,"method":"${'m'.repeat(1_000_000)}"}`)
    socket.serverSend('{"channel":"chat","event":"message","data":"after"}')
    expect(heard.at(-1)).toBe('after')
    expect(client.status).toBe('open')
  })

  test('does not reach an app that has been closed', async () => {
    const { client, socket } = await open()
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    client.close()
    socket.readyState = 1
    socket.serverSend('{"id":{},"method":"m"}')
    socket.serverSend('text')
    expect(messages).toEqual([])
    expect(client.stats.protocolErrors).toBe(0)
  })
})

describe('a good frame', () => {
  test('P2.2 may hold members that nobody knows', async () => {
    const { client, socket, environment } = await open()
    const fate = fateOf(client.request('m'))
    serverSays(socket, { id: 1, result: 'good', trace: 'x', v: 2, jsonrpc: '2.0' })
    await environment.settle()
    expect(fate.value).toBe('good')
  })

  test('P2.2 may hold a channel and no event', async () => {
    const { client, socket, environment } = await open()
    client.handle('m', () => 'answer')
    const fate = fateOf(client.request('m'))
    serverSays(socket, { id: 1, result: 'good', channel: 'x' })
    serverSays(socket, { id: 2, method: 'm', channel: 'x' })
    await environment.settle()
    expect(fate.value).toBe('good')
    expect(socket.sent.at(-1)).toBe('{"id":2,"result":"answer"}')
  })

  test('P2.5 is handled in its turn', async () => {
    const { client, socket } = await open()
    const order: unknown[] = []
    client.on('message', (data) => order.push(data))
    client.channel('chat').on('message', (data) => order.push(data))
    client.handle('m', (params) => order.push(params))
    socket.serverSend('a')
    serverSays(socket, { channel: 'chat', event: 'message', data: 'b' })
    serverSays(socket, { id: 1, method: 'm', params: 'c' })
    socket.serverSend('d')
    expect(order).toEqual(['a', 'b', 'c', 'd'])
  })

  test('P1.2 is text: bytes are a message of the app, whatever they spell', async () => {
    const { client, socket } = await open()
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    const bytes = new TextEncoder().encode('{"id":{},"method":"m"}').buffer
    socket.serverSend(bytes)
    expect(messages).toEqual([bytes])
    expect(client.stats.protocolErrors).toBe(0)
  })
})
