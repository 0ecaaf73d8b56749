import { describe, expect, test } from 'vitest'
import type { CloseInfo } from '../../../src/index.js'
import { FakeWebSocket } from '../../../src/testing/fake-web-socket.js'
import { open, type Setup, start } from '../support.js'

const SLOW = { backoff: { firstWindowMs: 100_000, initialMs: 100_000, maxMs: 100_000 } } satisfies Setup

describe('an attempt', () => {
  test('P1.1 uses a new socket each time, and nothing said on the old one counts', async () => {
    const { client, environment, socket: old } = await open()
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    client.reconnect()
    await environment.settle()
    const [first, second] = environment.sockets
    expect(first).toBe(old)
    expect(second).not.toBe(old)
    second?.accept()
    old.readyState = 1
    old.serverSend('from the past')
    old.cut()
    expect(messages).toEqual([])
    expect(client.status).toBe('open')
  })

  test('hands on the address and the subprotocols', async () => {
    const one = await start({ protocols: 'chat' })
    expect(one.socket).toMatchObject({ url: 'wss://server.test/ws', protocols: ['chat'] })
    const two = await start({ protocols: ['a', 'b'] })
    expect(two.socket.protocols).toEqual(['a', 'b'])
  })

  test('has binaryType arraybuffer, on each socket', async () => {
    const { client, environment } = await open()
    client.reconnect()
    await environment.settle()
    expect(environment.sockets.map(({ binaryType }) => binaryType)).toEqual(['arraybuffer', 'arraybuffer'])
  })

  test('that does not open in time fails, and its socket is let go', async () => {
    const { client, environment, errors, socket } = await start({ openTimeoutMs: 3000, ...SLOW })
    await environment.advance(2999)
    expect(client.explain()).toMatchObject({ status: 'connecting', waitingFor: 'socket' })
    await environment.advance(1)
    expect(client.explain()).toMatchObject({ status: 'waiting', lastClose: { code: 1006 } })
    expect(errors).toMatchObject([{ code: 'CONNECT_FAILED' }])
    expect(socket.readyState).toBe(2)
  })

  test('whose late socket opens after all changes nothing', async () => {
    const { client, environment, socket } = await start({ openTimeoutMs: 3000, ...SLOW })
    await environment.advance(3000)
    socket.readyState = 0
    socket.accept()
    expect(client.status).toBe('waiting')
    expect(socket.sent).toEqual([])
  })

  test('for which there is no class of sockets fails', async () => {
    const { client, errors } = await start({
      parts: {
        WebSocket: class extends FakeWebSocket {
          constructor(url: string) {
            super(url)
            throw new SyntaxError('no')
          }
        },
      },
    })
    expect(client.status).toBe('waiting')
    expect(errors).toMatchObject([{ code: 'CONNECT_FAILED', cause: { message: 'no' } }])
  })

  test('begins only after connect has returned, so that no event is missed', async () => {
    const { client, environment } = await start({ autoConnect: false })
    const states: string[] = []
    client.on('status', ({ status, waitingFor }) => states.push(waitingFor ?? status))
    client.reconnect()
    expect(environment.sockets).toHaveLength(0)
    await environment.settle()
    environment.sockets[0]?.accept()
    expect(states).toEqual(['address', 'socket', 'auth', 'open'])
  })
})

describe('an address that is asked for', () => {
  test('may be late, and is asked for again on each attempt with the close before it', async () => {
    const asked: unknown[] = []
    const { client, environment } = await open({
      url: async (lastClose) => {
        asked.push(lastClose?.code)
        return `wss://server.test/${asked.length}`
      },
    })
    environment.sockets[0]?.serverClose(1011)
    client.reconnect()
    await environment.settle()
    expect(asked).toEqual([undefined, 1011])
    expect(environment.sockets.map(({ url }) => url)).toEqual(['wss://server.test/1', 'wss://server.test/2'])
  })

  test('may be a URL, and may be http', async () => {
    const { socket } = await start({ url: () => new URL('https://server.test/path?q=1') })
    expect(socket.url).toBe('wss://server.test/path?q=1')
  })

  test.each([
    ['rejects', async () => Promise.reject(new Error('offline'))],
    [
      'throws',
      () => {
        throw new Error('offline')
      },
    ],
  ])('%s once, and the client goes on', async (_, failOnce) => {
    let calls = 0
    const { client, environment, errors } = await start({
      url: () => (calls++ ? 'wss://server.test/' : failOnce()),
    })
    expect(client.status).toBe('waiting')
    expect(errors).toMatchObject([{ code: 'CONNECT_FAILED', cause: { message: 'offline' } }])
    await environment.advance(1000)
    environment.sockets[0]?.accept()
    expect(client.status).toBe('open')
  })

  test('that makes no sense is a failed attempt', async () => {
    const { client, errors, environment } = await start({ url: () => 'ftp://server.test/' })
    expect(client.status).toBe('waiting')
    expect(errors).toHaveLength(1)
    expect(environment.sockets).toEqual([])
  })

  test('has a time limit, and its late answer is ignored', async () => {
    const answers: ((url: string) => void)[] = []
    const { client, environment } = await start({
      url: () => new Promise((resolve) => answers.push(resolve)),
      openTimeoutMs: 2000,
      ...SLOW,
    })
    expect(client.explain()).toMatchObject({ waitingFor: 'address', until: environment.now() + 2000 })
    await environment.advance(2000)
    expect(client.explain()).toMatchObject({ waitingFor: 'retry', attempts: 1 })
    answers[0]?.('wss://server.test/late')
    await environment.advance(1000)
    expect(environment.sockets).toEqual([])
  })

  test('that fails while auth throws is one failed attempt, and leaves no rejection unheard', async () => {
    const unheard: unknown[] = []
    const listener = (reason: unknown) => unheard.push(reason)
    process.on('unhandledRejection', listener)
    try {
      const { client, errors, environment } = await start({
        url: async () => {
          throw new Error('no address')
        },
        auth: () => {
          throw new Error('no token')
        },
      })
      expect(errors).toMatchObject([{ code: 'CONNECT_FAILED', cause: { message: expect.stringMatching(/^no /) } }])
      expect(client.status).toBe('waiting')
      // Node tells of them after the microtasks of a task.
      await environment.settle()
      await new Promise((resolve) => setImmediate(resolve))
      expect(unheard).toEqual([])
    } finally {
      process.off('unhandledRejection', listener)
    }
  })

  test('by five reconnect() is used once, and it is the last', async () => {
    let calls = 0
    const { client, environment } = await start({ url: () => `wss://server.test/${++calls}`, autoConnect: false })
    for (let i = 0; i < 5; i++) client.reconnect()
    await environment.settle()
    expect(environment.sockets).toHaveLength(1)
    expect(environment.sockets[0]?.url).toBe(`wss://server.test/${calls}`)
  })
})

describe('what came over the network', () => {
  test('reaches message as it came, text and bytes', async () => {
    const { client, socket } = await open()
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    const bytes = new Uint8Array([1, 2]).buffer
    for (const data of ['text', '', bytes, '[1]', '"x"', '7', 'null', '{broken', '{}']) socket.serverSend(data)
    expect(messages).toEqual(['text', '', bytes, '[1]', '"x"', '7', 'null', '{broken', '{}'])
    expect(client.stats).toMatchObject({ received: 9, protocolErrors: 0 })
  })

  test('a close is told as it was', async () => {
    const { client, socket } = await open()
    const closes: CloseInfo[] = []
    client.on('close', (close) => closes.push(close))
    client.send('a')
    client.send('b')
    socket.serverClose(4999, 'why')
    expect(closes).toEqual([{ code: 4999, reason: 'why', wasClean: true, policy: 'retry', unconfirmed: 2 }])
    expect(client.explain().lastClose).toEqual(closes[0])
  })

  test('a refusal is 1006', async () => {
    const { client, socket } = await start()
    socket.refuse()
    expect(client.explain().lastClose).toEqual({
      code: 1006,
      reason: '',
      wasClean: false,
      policy: 'retry',
      unconfirmed: 0,
    })
  })
})
