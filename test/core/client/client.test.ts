import { describe, expect, test } from 'vitest'
import {
  ClientClosed,
  connect,
  type Explanation,
  type HoldfastError,
  InvalidOption,
  type Status,
} from '../../../src/index.js'
import { fakeEnvironment } from '../../../src/testing/fake-environment.js'
import { ADDRESS, fateOf, open, serverSays, start } from '../support.js'

describe('explain()', () => {
  test('says where the client is, why, what it waits for and until when', async () => {
    const { client, environment, socket } = await start({ auth: () => 't', openTimeoutMs: 3000 })
    const now = environment.now()
    const seen = [client.explain()]
    socket.accept()
    seen.push(client.explain())
    serverSays(socket, { id: 0, result: null })
    seen.push(client.explain())
    socket.serverClose(1013, 'full retry=2000-2000')
    seen.push(client.explain())
    client.close()
    seen.push(client.explain())
    expect(seen).toMatchObject([
      { status: 'connecting', waitingFor: 'socket', until: now + 3000, attempts: 0 },
      { status: 'connecting', waitingFor: 'auth', until: now + 3000 },
      { status: 'open' },
      { status: 'waiting', waitingFor: 'server-window', until: now + 2000, lastClose: { code: 1013 } },
      { status: 'closed' },
    ])
    for (const { why } of seen) expect(why).toMatch(/^[A-Z].*/)
    expect(new Set(seen.map(({ why }) => why)).size).toBe(seen.length)
    expect(seen[3]?.why).toContain('1013 full')
  })

  test('of a client that was not started says how to', async () => {
    const { client } = await start({ autoConnect: false })
    expect(client.explain()).toEqual({
      status: 'idle',
      waitingFor: 'start',
      attempts: 0,
      why: expect.stringContaining('reconnect()'),
    })
  })

  test('stays the same object until something changes', async () => {
    const { client, socket, environment } = await start()
    const before = client.getSnapshot()
    expect(client.getSnapshot()).toBe(before)
    expect(client.explain()).toBe(before)
    socket.accept()
    const after = client.getSnapshot()
    expect(after).not.toBe(before)
    client.send('x')
    socket.serverSend('y')
    await environment.advance(60_000)
    expect(client.getSnapshot()).toBe(after)
  })

  test('changes before the event that tells of it', async () => {
    const { client, socket } = await start()
    const seen: Status[] = []
    client.on('open', () => seen.push(client.explain().status, client.status))
    client.on('close', () => seen.push(client.explain().status, client.status))
    socket.accept()
    socket.cut()
    expect(seen).toEqual(['open', 'open', 'waiting', 'waiting'])
  })
})

describe('subscribe()', () => {
  test('calls back after each change, until it is ended', async () => {
    const { client, socket } = await start()
    const seen: Explanation[] = []
    const end = client.subscribe(() => seen.push(client.getSnapshot()))
    socket.accept()
    socket.cut()
    expect(seen.map(({ status }) => status)).toEqual(['connecting', 'open', 'waiting'])
    end()
    client.close()
    expect(seen).toHaveLength(3)
  })

  test('does not stop when a listener throws', async () => {
    const { client, socket, errors } = await start()
    let calls = 0
    client.subscribe(() => {
      throw new Error('oops')
    })
    client.subscribe(() => calls++)
    socket.accept()
    expect(calls).toBe(2)
    expect(errors).toMatchObject([{ code: 'LISTENER' }, { code: 'LISTENER' }])
  })
})

describe('events', () => {
  test('tell the whole story, in order', async () => {
    const { client, environment } = await start()
    const story: unknown[] = []
    client.on('status', ({ status, waitingFor }) => story.push(waitingFor ?? status))
    client.on('open', (event) => story.push(event))
    client.on('close', ({ code }) => story.push(code))
    client.on('end', ({ code }) => story.push(code))
    environment.sockets[0]?.accept()
    environment.sockets[0]?.cut()
    await environment.advance(5000)
    environment.sockets[1]?.accept()
    client.close(4000)
    expect(story).toEqual([
      'auth',
      { reconnected: false },
      'open',
      1006,
      'retry',
      'address',
      'socket',
      'auth',
      { reconnected: true },
      'open',
      4000,
      'CLOSED',
      'closed',
    ])
  })

  test('are no longer told to a listener that was taken off', async () => {
    const { client, socket } = await open()
    const heard: unknown[] = []
    const off = client.on('message', (data) => heard.push(data))
    socket.serverSend('a')
    off()
    socket.serverSend('b')
    expect(heard).toEqual(['a'])
  })

  test.each(['open', 'close', 'message', 'status', 'end'] as const)(
    'of %s go on when a listener throws, and so does the client',
    async (event) => {
      const { client, socket, errors } = await start()
      let others = 0
      client.on(event, () => {
        throw new Error('oops')
      })
      client.on(event, () => others++)
      socket.accept()
      socket.serverSend('x')
      expect(client.status).toBe('open')
      client.close()
      expect(client.status).toBe('closed')
      expect(others).toBeGreaterThan(0)
      expect(errors).toHaveLength(others)
      expect(errors[0]).toMatchObject({
        code: 'LISTENER',
        message: expect.stringContaining(event),
        cause: { message: 'oops' },
      })
    },
  )

  test('of error that throw are told to the logger, and not to themselves', async () => {
    const { client, environment, socket } = await start()
    let calls = 0
    client.on('error', () => {
      calls++
      throw new Error('oops')
    })
    socket.refuse()
    expect(calls).toBe(1)
    expect(environment.logged).toMatchObject([{ level: 'error', details: [{ code: 'LISTENER' }] }])
    expect(client.status).toBe('waiting')
  })

  test('of end say how it came to it', async () => {
    const { client, socket } = await open()
    const ends: HoldfastError[] = []
    client.on('end', (error) => ends.push(error))
    socket.serverClose(4403, 'banned')
    expect(ends).toEqual([expect.any(ClientClosed)])
    expect(ends[0]?.message).toContain('4403 banned')
  })
})

describe('what no listener takes', () => {
  const quiet = async (options: object = {}) => {
    const environment = fakeEnvironment()
    const client = connect(ADDRESS, { environment, ...options })
    await environment.settle()
    const socket = environment.sockets[0]
    if (!socket) throw new Error('no socket was made')
    return { client, environment, socket }
  }

  test('goes to the logger: a failed attempt for debugging, other errors as errors', async () => {
    const { client, environment, socket } = await quiet()
    client.on('open', () => {
      throw new Error('oops')
    })
    socket.accept()
    socket.serverSend('{"id":{},"result":1}')
    socket.cut()
    await environment.advance(1000)
    environment.sockets[1]?.refuse()
    expect(environment.logged.map(({ level, details }) => [level, details])).toMatchObject([
      ['error', [{ code: 'LISTENER' }]],
      ['error', [{ code: 'PROTOCOL' }]],
      ['debug', [{ code: 'CONNECT_FAILED' }]],
    ])
    client.close()
  })

  test('goes to the logger that is given', async () => {
    const heard: string[] = []
    const { client, environment, socket } = await quiet({
      logger: { debug: (message: string) => heard.push(message), warn() {}, error() {} },
    })
    socket.refuse()
    expect(heard).toEqual([expect.stringContaining('1006')])
    expect(environment.logged).toEqual([])
    client.close()
  })
})

describe('stats', () => {
  test('count from zero', async () => {
    const { client } = await start()
    expect(client.stats).toEqual({
      roundTripMs: undefined,
      queuedMessages: 0,
      queuedBytes: 0,
      openRequests: 0,
      attempts: 0,
      reconnects: 0,
      sent: 0,
      received: 0,
      dropped: 0,
      protocolErrors: 0,
    })
  })

  test('count messages in both directions, heartbeats apart, over all connections', async () => {
    const { client, environment, socket } = await open()
    client.send('a')
    fateOf(client.request('m'))
    socket.serverSend('ping 1000')
    socket.serverSend('pong')
    socket.serverSend('x')
    serverSays(socket, { id: 1, result: 1 })
    expect(client.stats).toMatchObject({ sent: 2, received: 2, reconnects: 0 })
    client.reconnect()
    await environment.settle()
    environment.sockets[1]?.accept()
    client.send('b')
    expect(client.stats).toMatchObject({ sent: 3, received: 2, reconnects: 1 })
  })
})

describe('close()', () => {
  test.each([0, 999, 1001, 1005, 1006, 2999, 5000, Number.NaN])('refuses the code %d', async (code) => {
    const { client } = await open()
    expect(() => client.close(code)).toThrow(InvalidOption)
    expect(client.status).toBe('open')
  })

  test('refuses a reason of more than 123 bytes', async () => {
    const { client, socket } = await open()
    expect(() => client.close(1000, 'é'.repeat(62))).toThrow(InvalidOption)
    expect(client.status).toBe('open')
    client.close(1000, `${'é'.repeat(61)}x`)
    expect(socket.closeRequest?.reason).toHaveLength(62)
  })

  test('settles every promise there is', async () => {
    for (const world of [await start(), await open()]) {
      const { client, environment } = world
      const stream = client.stream('tokens')[Symbol.asyncIterator]()
      const fates = [
        fateOf(client.request('a')),
        fateOf(client.request('b', 1, { idempotent: true, timeoutMs: Number.POSITIVE_INFINITY })),
        fateOf(stream.next()),
        fateOf(client.channel('chat').join()),
        fateOf(client.channel('chat').leave()),
        fateOf(client.channel('news').join()),
        fateOf(client.opened()),
      ]
      await environment.settle()
      client.close()
      await environment.settle()
      expect(fates.filter(({ state }) => state === 'pending')).toEqual([])
      expect(client.stats).toMatchObject({ openRequests: 0, queuedMessages: 0 })
    }
  })
})

describe('where there is no WebSocket', () => {
  test('the client stays idle, and takes what it is given', async () => {
    const { client, environment } = await start({ parts: { WebSocket: undefined } })
    expect(client.explain()).toMatchObject({ status: 'idle', waitingFor: 'start' })
    client.send('x')
    client.channel('chat').on('message', () => {})
    expect(environment.timers).toBe(0)
    expect(environment.listeners).toBe(0)
  })

  test('reconnect() says what is missing, one way or the other', async () => {
    const { client, environment, errors } = await start({ parts: { WebSocket: undefined } })
    let thrown: unknown
    try {
      client.reconnect()
    } catch (error) {
      thrown = error
    }
    await environment.settle()
    expect(`${thrown ?? ''} ${errors.map(({ cause }) => String(cause))}`).toContain('WebSocket')
  })
})
