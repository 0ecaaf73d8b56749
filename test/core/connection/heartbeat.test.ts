import { describe, expect, test } from 'vitest'
import type { Hint } from '../../../src/index.js'
import { closesOf, open, type Setup, sentBy, start, type World } from '../support.js'

const STRICT = { heartbeat: { intervalMs: 10_000, timeoutMs: 4000 } } satisfies Setup
/** A wait so long that no reconnect comes in between. */
const SLOW = { backoff: { firstWindowMs: 1e6, initialMs: 1e6, maxMs: 1e6 } } satisfies Setup

const pingsOf = ({ socket }: World): number => socket.sent.filter((data) => data === 'ping').length

/** A server that has said `ping <intervalMs>`, and heard the answer. */
const announced = async (intervalMs: number, setup?: Setup): Promise<World> => {
  const world = await open(setup)
  world.socket.serverSend(`ping ${intervalMs}`)
  world.socket.serverSend('pong')
  return world
}

describe('auto', () => {
  test('P3.2 sends no heartbeat before the server has pinged', async () => {
    const world = await open()
    for (const hint of ['visible', 'online', 'offline', 'focus'] satisfies Hint[]) world.environment.hint(hint)
    await world.environment.advance(24 * 3_600_000)
    expect(world.socket.sent).toEqual([])
    expect(world.client.status).toBe('open')
  })

  test('P3.1 answers ping with pong, and shows neither to the app', async () => {
    const { client, socket, environment } = await open()
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    socket.serverSend('ping')
    expect(socket.sent).toEqual(['pong'])
    await environment.advance(60_000)
    expect(socket.sent).toEqual(['pong'])
    expect(messages).toEqual([])
    expect(client.stats.received).toBe(0)
  })

  test('P3.2 answers the ping that announces an interval, and asks from then on', async () => {
    const { socket, environment, client } = await open()
    socket.serverSend('ping 8000')
    expect(socket.sent).toEqual(['pong', 'ping'])
    socket.serverSend('pong')
    // 1.2 times the interval.
    await environment.advance(9599)
    expect(socket.sent).toHaveLength(2)
    await environment.advance(1)
    expect(socket.sent).toEqual(['pong', 'ping', 'ping'])
    expect(client.status).toBe('open')
  })

  test('P3.4 gives up a connection that stays silent after the ping, within 5 s', async () => {
    const world = await announced(8000, SLOW)
    const closes = closesOf(world)
    await world.environment.advance(9600 + 4999)
    expect(closes).toEqual([])
    await world.environment.advance(1)
    expect(closes).toMatchObject([{ code: 1006, reason: expect.stringMatching(/ 5000 ms/) }])
    expect(world.client.explain().why).toContain('nothing heard')
  })

  test('P3.3 counts the ping that answers the announcement as its first', async () => {
    const world = await open(SLOW)
    const closes = closesOf(world)
    world.socket.serverSend('ping 8000')
    await world.environment.advance(5000)
    expect(closes).toMatchObject([{ code: 1006 }])
  })

  test('P3.4 takes any message as a proof of life', async () => {
    const world = await announced(8000)
    for (const data of ['text', '{"id":"none"}', new ArrayBuffer(1), 'pong', 'ping']) {
      await world.environment.advance(9600 + 4000)
      expect(world.client.status).toBe('open')
      world.socket.serverSend(data)
    }
    expect(world.environment.sockets).toHaveLength(1)
  })

  test('answers each ping of the server from its message, which hidden pages do not slow down', async () => {
    const world = await announced(8000)
    world.environment.hint('hidden')
    for (let minute = 0; minute < 5; minute++) {
      // No timer fires in all that time.
      for (let i = 0; i < 7; i++) {
        world.environment.sleep(8000)
        world.socket.serverSend('ping 8000')
        world.socket.serverSend('pong')
      }
      await world.environment.advance(0)
    }
    expect(world.socket.sent.filter((data) => data === 'pong')).toHaveLength(36)
    expect(world.client.status).toBe('open')
    expect(world.environment.sockets).toHaveLength(1)
  })

  test('is not made to ping more often than ten times a second', async () => {
    const world = await announced(1)
    for (let i = 0; i < 10; i++) {
      await world.environment.advance(100)
      if (world.client.status === 'open') world.socket.serverSend('pong')
    }
    expect(pingsOf(world)).toBeLessThanOrEqual(11)
  })

  test.each(['ping -1', 'ping 1e9', 'ping 999999999', 'ping 10 ', 'PING', 'ping x'])(
    'takes %j for a message of the app',
    async (text) => {
      const { client, socket } = await open()
      const messages: unknown[] = []
      client.on('message', (data) => messages.push(data))
      socket.serverSend(text)
      expect(messages).toEqual([text])
      expect(socket.sent).toEqual([])
    },
  )

  test('forgets the interval with the connection', async () => {
    const { client, environment } = await announced(8000)
    client.reconnect()
    await environment.settle()
    environment.sockets[1]?.accept()
    await environment.advance(3_600_000)
    expect(environment.sockets[1]?.sent).toEqual([])
    expect(client.status).toBe('open')
  })
})

describe('an object', () => {
  test('P3.2 pings from the start, for it was told to', async () => {
    const world = await open(STRICT)
    expect(world.socket.sent).toEqual(['ping'])
    world.socket.serverSend('pong')
    await world.environment.advance(10_000)
    expect(pingsOf(world)).toBe(2)
  })

  test('notices a dead connection within interval and timeout, and has a new socket though the old one never closes', async () => {
    const world = await open({ ...STRICT, backoff: { firstWindowMs: 0, initialMs: 0 } })
    const dead = world.socket
    dead.serverSend('pong')
    await world.environment.advance(13_999)
    expect(world.environment.sockets).toHaveLength(1)
    await world.environment.advance(1)
    expect(world.environment.sockets).toHaveLength(2)
    expect(dead.readyState).toBe(2)
    world.socket.accept()
    expect(world.client.status).toBe('open')
    // A minute later the browser gives the old one up.
    await world.environment.advance(3000)
    dead.cut()
    expect(world.client.status).toBe('open')
    expect(world.client.stats.reconnects).toBe(1)
  })

  test('is strict from the first ping on', async () => {
    const world = await open({ ...STRICT, ...SLOW })
    const closes = closesOf(world)
    await world.environment.advance(4000)
    expect(closes).toMatchObject([{ code: 1006 }])
  })

  test('speaks the words of the server', async () => {
    const { client, socket } = await open({ heartbeat: { intervalMs: 1000, ping: 'PING', pong: 'PONG' } })
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    expect(socket.sent).toEqual(['PING'])
    socket.serverSend('PONG')
    socket.serverSend('PING')
    expect(socket.sent).toEqual(['PING', 'PONG'])
    for (const text of ['ping', 'pong', 'ping 100']) socket.serverSend(text)
    expect(messages).toEqual(['ping', 'pong', 'ping 100'])
  })

  test('P3.2 answers a ping that announces an interval, and keeps its own', async () => {
    const { client, socket, environment } = await open(STRICT)
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    socket.serverSend('ping 200')
    expect(socket.sent).toEqual(['ping', 'pong'])
    await environment.advance(9599)
    expect(socket.sent).toHaveLength(2)
    expect(messages).toEqual([])
  })

  test('P5.1 says nothing before auth', async () => {
    const { socket } = await open({ ...STRICT, auth: () => 's3cret' })
    expect(sentBy(socket)[0]).toMatchObject({ method: 'auth' })
    socket.serverSend('{"id":0,"result":null}')
    expect(sentBy(socket)).toEqual([{ id: 0, method: 'auth', params: { token: 's3cret' } }, 'ping'])
  })

  test('leaves no timer with a connection that is lost', async () => {
    const world = await open({ ...STRICT, shouldReconnect: () => false })
    world.socket.cut()
    expect(world.environment.timers).toBe(0)
  })

  test('does nothing while there is no connection', async () => {
    const world = await start({ ...STRICT, openTimeoutMs: 60_000 })
    for (const hint of ['visible', 'online', 'offline', 'focus'] satisfies Hint[]) world.environment.hint(hint)
    await world.environment.advance(30_000)
    expect(world.errors).toEqual([])
    world.socket.accept()
    expect(world.socket.sent).toEqual(['ping'])
    world.socket.cut()
    world.environment.hint('offline')
    expect(world.client.status).toBe('waiting')
    expect(world.errors).toEqual([])
  })
})

describe('false', () => {
  test('neither asks nor answers', async () => {
    const { client, socket, environment } = await open({ heartbeat: false })
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    socket.serverSend('ping 1000')
    await environment.advance(3_600_000)
    expect(socket.sent).toEqual([])
    expect(messages).toEqual(['ping 1000'])
    expect(client.status).toBe('open')
  })
})

describe('the round trip', () => {
  test('is measured from ping to pong', async () => {
    const { client, socket, environment } = await open(STRICT)
    expect(client.stats.roundTripMs).toBeUndefined()
    await environment.advance(120)
    socket.serverSend('pong')
    expect(client.stats.roundTripMs).toBe(120)
  })

  test('is not measured from a pong to the wrong ping', async () => {
    const world = await announced(60_000)
    await world.environment.advance(10_000)
    world.environment.hint('focus')
    await world.environment.advance(600)
    world.environment.hint('focus')
    await world.environment.advance(50)
    world.socket.serverSend('pong')
    world.socket.serverSend('pong')
    expect(world.client.stats.roundTripMs).toBe(650)
  })

  test('is not disturbed by a pong that nobody asked for', async () => {
    const { client, socket, environment } = await open(STRICT)
    await environment.advance(120)
    socket.serverSend('pong')
    await environment.advance(1000)
    socket.serverSend('pong')
    expect(client.stats.roundTripMs).toBe(120)
    await environment.advance(9000)
    await environment.advance(70)
    socket.serverSend('pong')
    expect(client.stats.roundTripMs).toBe(70)
  })

  test('is never negative, though the clock be set back', async () => {
    const { client, socket, environment } = await open(STRICT)
    environment.sleep(-5000)
    socket.serverSend('pong')
    expect(client.stats.roundTripMs).toBe(0)
  })

  test('confirms what was written before the ping, and no more', async () => {
    const world = await announced(8000)
    const closes = closesOf(world)
    world.client.send('a')
    world.client.send('b')
    await world.environment.advance(10_000)
    world.client.send('c')
    world.socket.serverSend('pong')
    world.socket.cut()
    expect(closes).toMatchObject([{ unconfirmed: 1 }])
  })
})
