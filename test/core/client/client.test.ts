import { describe, expect, test } from 'vitest'
import { type Explanation, InvalidOption, type Status } from '../../../src/index.js'
import { fateOf, open, serverSays, start } from '../support.js'

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

describe('stats', () => {
  test('count from zero', async () => {
    const { client } = await start()
    expect(client.stats).toEqual({
      roundTripMs: undefined,
      queuedMessages: 0,
      unacknowledged: 0,
      queuedBytes: 0,
      openRequests: 0,
      attempts: 0,
      reconnects: 0,
      sent: 0,
      received: 0,
      dropped: 0,
      protocolErrors: 0,
      duplicates: 0,
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

  test.each([1000, 3000, 4999])('takes the code %d', async (code) => {
    const { client, socket } = await open()
    client.close(code)
    expect(socket.closeRequest?.code).toBe(code)
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
