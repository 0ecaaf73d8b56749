import { describe, expect, test } from 'vitest'
import type { Frame, Wire, WireData } from '../../../src/index.js'
import { comeBack, fateOf, open, sentBy, serverSays } from '../support.js'

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

  test.each([null, 7, 'text', true])('that gives no object says: no frame: %j', async (value) => {
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

  test('that encodes an answer or a cancel as an empty text sends nothing for it', async () => {
    const encode = (frame: Frame): string => ('method' in frame ? JSON.stringify(frame) : '')
    const { client, socket, environment } = await open({ wire: { encode, decode: JSON.parse } })
    client.handle('hello', () => 'hi')
    const controller = new AbortController()
    const fate = fateOf(client.request('m', 1, { signal: controller.signal }))
    serverSays(socket, { id: 9, method: 'hello' })
    controller.abort('enough')
    await environment.settle()
    expect(fate.error).toBe('enough')
    expect(sentBy(socket)).toEqual([{ id: 1, method: 'm', params: 1 }])
  })

  test('leaves raw messages alone', async () => {
    const { client, socket } = await open({ wire: actions })
    client.send('raw')
    expect(socket.sent).toEqual(['raw'])
  })
})

describe('a wire that gives several frames', () => {
  const batches: Wire = { encode: JSON.stringify, decode: (data) => JSON.parse(String(data)) }

  test('has each of them taken, in order', async () => {
    const { client, socket } = await open({ wire: batches })
    const heard: unknown[] = []
    client.channel('chat').on('message', (data) => heard.push(data))
    const answer = client.request('sum')
    serverSays(socket, [
      { channel: 'chat', event: 'message', data: 1 },
      { id: 1, result: 3 },
      { channel: 'chat', event: 'message', data: 2 },
    ])
    await expect(answer).resolves.toBe(3)
    expect(heard).toEqual([1, 2])
    expect(client.stats.received).toBe(1)
  })

  test('P2.4 has what is no frame among them counted and reported, and the others taken', async () => {
    const { client, socket, errors } = await open({ wire: batches })
    const answer = client.request('sum')
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    serverSays(socket, ['what?', { id: [], result: 1 }, { id: 1, result: 3 }])
    await expect(answer).resolves.toBe(3)
    expect(client.stats.protocolErrors).toBe(2)
    expect(errors).toMatchObject([{ code: 'PROTOCOL', cause: 'what?' }])
    expect(messages).toEqual([])
  })

  test('may keep a message to itself', async () => {
    const { client, socket } = await open({ wire: batches })
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    socket.serverSend('[]')
    expect(messages).toEqual([])
    expect(client.stats).toMatchObject({ received: 1, protocolErrors: 0 })
  })
})

describe('a wire that takes its time', () => {
  /** Decodes at once, but for what begins with `later`: that when the test says so. */
  const slow = () => {
    const waiting: { resolve(): void; reject(error: unknown): void }[] = []
    const wire: Wire = {
      encode: JSON.stringify,
      decode: (data) => {
        const text = String(data)
        if (!text.startsWith('later')) return JSON.parse(text)
        return new Promise((resolve, reject) => {
          waiting.push({ resolve: () => resolve(JSON.parse(text.slice(5))), reject })
        })
      },
    }
    return { wire, waiting }
  }
  const event = (data: unknown): string => JSON.stringify({ channel: 'chat', event: 'message', data })

  test('keeps what came in its order, whatever is decoded first', async () => {
    const { wire, waiting } = slow()
    const { client, socket, environment } = await open({ wire })
    const heard: unknown[] = []
    client.channel('chat').on('message', (data) => heard.push(data))
    client.on('message', (data) => heard.push(data))
    for (const text of [event(1), `later${event(2)}`, event(3), `later${event(4)}`, '7', event(5)]) {
      socket.serverSend(text)
    }
    expect(heard).toEqual([1])
    waiting[1]?.resolve()
    await environment.settle()
    expect(heard).toEqual([1])
    waiting[0]?.resolve()
    await environment.settle()
    expect(heard).toEqual([1, 2, 3, 4, '7', 5])
    // Nothing waits any more, and so the next one does not either.
    socket.serverSend(event(6))
    expect(heard.at(-1)).toBe(6)
  })

  test('P2.4 and fails is a protocol error, in its turn, and holds nothing up', async () => {
    const { wire, waiting } = slow()
    const { client, socket, environment, errors } = await open({ wire })
    const heard: unknown[] = []
    client.channel('chat').on('message', (data) => heard.push(data))
    for (const text of [`later${event(1)}`, `later${event(2)}`, event(3)]) socket.serverSend(text)
    waiting[1]?.reject(new Error('no chat'))
    await environment.settle()
    expect(client.stats.protocolErrors).toBe(0)
    waiting[0]?.resolve()
    await environment.settle()
    expect(heard).toEqual([1, 3])
    expect(client.stats.protocolErrors).toBe(1)
    expect(errors).toMatchObject([{ code: 'PROTOCOL', cause: { message: 'no chat' } }])
  })

  test('has what was asked on a connection that is gone answered to nobody', async () => {
    const { wire, waiting } = slow()
    const world = await open({ wire })
    const { client, socket, environment } = world
    const handled: unknown[] = []
    client.handle('hello', (params) => handled.push(params))
    const heard: unknown[] = []
    client.channel('chat').on('message', (data) => heard.push(data))
    socket.serverSend(`later{"id":1,"method":"hello","params":"old"}`)
    socket.serverSend(event('was received'))
    await comeBack(world)
    waiting[0]?.resolve()
    await environment.settle()
    serverSays(world.socket, { id: 1, method: 'hello', params: 'new' })
    await environment.settle()
    expect(handled).toEqual(['new'])
    expect(sentBy(world.socket)).toEqual([{ id: 1, result: 1 }])
    expect(heard).toEqual(['was received'])
    expect(client.stats.protocolErrors).toBe(0)
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
