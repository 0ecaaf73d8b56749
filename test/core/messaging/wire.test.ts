import { describe, expect, test } from 'vitest'
import type { Frame, Wire, WireData } from '../../../src/index.js'
import { fateOf, open, sentBy, serverSays } from '../support.js'

/** A server that speaks in `{ action, data }`, and answers with `{ reply, data }`. */
const actions: Wire = {
  encode(frame: Frame) {
    if ('channel' in frame) return JSON.stringify({ action: `${frame.channel}.${frame.event}`, data: frame.data })
    if ('method' in frame) return JSON.stringify({ action: frame.method, data: frame.params, n: frame.id })
    throw new Error('this server takes no such thing')
  },
  decode(data: WireData) {
    if (typeof data !== 'string') return undefined
    const message: { action?: string; reply?: number; data?: unknown } = JSON.parse(data)
    if (message.reply) return { id: message.reply, result: message.data }
    const [channel, event] = message.action?.split('.') ?? []
    return event ? { channel, event, data: message.data } : undefined
  },
}

/** A server that speaks in bytes. */
const bytes: Wire = {
  encode: (frame) => new TextEncoder().encode(JSON.stringify(frame)),
  decode: (data) => (typeof data === 'string' ? undefined : JSON.parse(new TextDecoder().decode(data))),
}

describe('a wire of the app', () => {
  test('translates in both directions', async () => {
    const { client, socket } = await open({ wire: actions })
    const heard: unknown[] = []
    client.channel('chat').on('message', (data) => heard.push(data))
    client.channel('chat').send('message', 'hi')
    const answer = client.request('sum', [1, 2])
    expect(sentBy(socket)).toEqual([
      { action: 'chat.message', data: 'hi' },
      { action: 'sum', data: [1, 2], n: 1 },
    ])
    serverSays(socket, { action: 'chat.message', data: 'hello' })
    serverSays(socket, { reply: 1, data: 3 })
    await expect(answer).resolves.toBe(3)
    expect(heard).toEqual(['hello'])
  })

  test('may speak in bytes', async () => {
    const { client, socket, environment } = await open({ wire: bytes })
    const fate = fateOf(client.request('m'))
    expect(socket.sent[0]).toBeInstanceOf(Uint8Array)
    socket.serverSend(new TextEncoder().encode('{"id":1,"result":"ok"}').buffer)
    await environment.settle()
    expect(fate.value).toBe('ok')
  })

  test('lets through what it does not know', async () => {
    const { client, socket } = await open({ wire: actions })
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    socket.serverSend('{"action":"odd"}')
    const data = new ArrayBuffer(1)
    socket.serverSend(data)
    expect(messages).toEqual(['{"action":"odd"}', data])
  })

  test('never sees the heartbeat', async () => {
    const seen: unknown[] = []
    const { socket } = await open({
      wire: { encode: JSON.stringify, decode: (data) => void seen.push(data) },
    })
    for (const text of ['ping 1000', 'pong', 'ping', 'other']) socket.serverSend(text)
    expect(seen).toEqual(['other'])
  })

  test('P2.4 that throws on what arrives is a protocol error, counted and reported', async () => {
    const { client, socket, errors } = await open({ wire: actions })
    socket.serverSend('not json')
    expect(client.stats.protocolErrors).toBe(1)
    expect(errors).toMatchObject([{ code: 'PROTOCOL', cause: expect.any(SyntaxError) }])
    expect(client.status).toBe('open')
  })

  test.each([
    { id: {}, result: 1 },
    { channel: 1, event: 2 },
  ])('P2.4 that gives nonsense is a protocol error: %j', async (nonsense) => {
    const { client, socket } = await open({ wire: { encode: JSON.stringify, decode: () => nonsense } })
    socket.serverSend('x')
    expect(client.stats.protocolErrors).toBe(1)
  })

  test.each([null, 7, 'text', true, []])('that gives no object says: no frame: %j', async (value) => {
    const { client, socket } = await open({ wire: { encode: JSON.stringify, decode: () => value } })
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    socket.serverSend('x')
    expect(messages).toEqual(['x'])
  })

  test('that cannot encode rejects the request, and throws out of send', async () => {
    const encode = (): string => {
      throw new Error('cannot')
    }
    const { client, environment } = await open({ wire: { encode, decode: () => undefined } })
    await expect(client.request('m')).rejects.toThrow('cannot')
    expect(() => client.channel('chat').send('message')).toThrow('cannot')
    expect(client.stats.openRequests).toBe(0)
    expect(environment.timers).toBe(0)
  })

  test('that cannot encode a cancel still ends the request, and reports', async () => {
    const { client, environment, errors } = await open({ wire: actions })
    const controller = new AbortController()
    const fate = fateOf(client.request('m', 1, { signal: controller.signal }))
    controller.abort('enough')
    await environment.settle()
    expect(fate.error).toBe('enough')
    expect(errors).toMatchObject([{ code: 'LISTENER' }])
  })

  test('that cannot encode auth makes a failed attempt, and no crash', async () => {
    const { client, environment, errors } = await open({
      auth: () => 1n,
      openTimeoutMs: 1000,
      backoff: { initialMs: 1e6, maxMs: 1e6 },
    })
    await environment.advance(1000)
    expect(client.status).toBe('waiting')
    expect(errors.length).toBeGreaterThan(0)
  })

  test('leaves raw messages alone', async () => {
    const { client, socket } = await open({ wire: actions })
    client.send('raw')
    expect(socket.sent).toEqual(['raw'])
  })
})

describe('jsonrpc', () => {
  test('P2.2 sends the member in requests and answers, and not in events', async () => {
    const { client, socket, environment } = await open({ wire: 'jsonrpc' })
    client.handle('hello', () => 'hi')
    fateOf(client.request('sum', [1, 2]))
    client.channel('chat').send('message', 1)
    serverSays(socket, { jsonrpc: '2.0', id: 9, method: 'hello' })
    await environment.settle()
    expect(sentBy(socket)).toEqual([
      { jsonrpc: '2.0', id: 1, method: 'sum', params: [1, 2] },
      { channel: 'chat', event: 'message', data: 1 },
      { jsonrpc: '2.0', id: 9, result: 'hi' },
    ])
  })
})
