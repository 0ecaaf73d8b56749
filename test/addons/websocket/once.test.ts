/** For libraries: ends at its first `close`, and no later than it can be known. */
import { describe, expect, test } from 'vitest'
import { HoldfastWebSocket } from '../../../src/addons/websocket/index.js'
import { fakeEnvironment } from '../../../src/testing/fake-environment.js'
import { ADDRESS, open, start } from './support.js'

const ONCE = { reconnect: false } as const
const PINGS = { ...ONCE, heartbeat: { intervalMs: 30_000, timeoutMs: 5000, ping: '{"type":"ping"}' } } as const

describe('it ends', () => {
  test.each([
    ['an attempt fails', false],
    ['a connection is cut', true],
  ])('when %s', async (_when, opened) => {
    const { ws, heard, socket, environment } = await (opened ? open(ONCE) : start(ONCE))
    socket.cut()
    expect(heard).toEqual(['error 3', 'close 3 1006'])
    for (const hint of ['online', 'focus', 'visible', 'resume'] as const) environment.hint(hint)
    await environment.advance(600_000)
    expect(environment.sockets).toHaveLength(1)
    expect(environment).toMatchObject({ timers: 0, listeners: 0 })
    ws.close()
    ws.send('12')
    await environment.advance(600_000)
    expect(heard).toHaveLength(2)
    expect(ws.bufferedAmount).toBe(2)
  })

  test('when it does not open in time', async () => {
    const { heard, environment } = await start({ ...ONCE, openTimeoutMs: 4000 })
    await environment.advance(4000)
    expect(heard).toEqual(['error 3', 'close 3 1006 no socket in 4000 ms'])
  })

  test('at once when the server does not answer close()', async () => {
    const { ws, socket, heard, environment } = await open({ ...ONCE, closeTimeoutMs: 2000 })
    ws.close(1000)
    await environment.advance(1999)
    expect(heard).toEqual([])
    await environment.advance(1)
    expect(heard).toEqual(['close 3 1006'])
    socket.serverClose()
    expect(heard).toHaveLength(1)
  })

  test('later, while what was sent before still goes out', async () => {
    const { ws, socket, heard, environment } = await open(ONCE)
    socket.bufferedAmount = 1000
    ws.close()
    await environment.advance(2000)
    socket.bufferedAmount = 500
    await environment.advance(2000)
    socket.bufferedAmount = 0
    await environment.advance(3000)
    expect(heard).toEqual([])
    socket.serverClose(1000)
    expect(heard).toEqual(['close 3 1000'])
  })

  test('when what was sent before does not go out', async () => {
    const { ws, socket, heard, environment } = await open(ONCE)
    socket.bufferedAmount = 1000
    ws.close()
    await environment.advance(5000)
    expect(heard).toEqual(['close 3 1006'])
    expect(ws.bufferedAmount).toBe(1000)
  })
})

describe('send', () => {
  test('throws an InvalidStateError while it connects', async () => {
    const { ws, socket } = await start(ONCE)
    expect(() => ws.send('early')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }))
    socket.accept()
    expect(socket.sent).toEqual([])
  })

  test('hands all to the socket at once, whatever is in its buffer', async () => {
    const { ws, socket } = await open(ONCE)
    socket.bufferedAmount = 50_000_000
    ws.send('more')
    expect(socket.sent).toEqual(['more'])
    expect(ws.bufferedAmount).toBe(50_000_000)
  })

  test('is discarded, and counted, when the server has begun to close', async () => {
    const { ws, socket } = await open(ONCE)
    socket.readyState = 2
    ws.send('1234')
    expect(ws.bufferedAmount).toBe(4)
  })
})

describe('a peer that is dead', () => {
  test('is given up after a ping without an answer', async () => {
    const { socket, heard, environment } = await open(PINGS)
    expect(socket.sent).toEqual(['{"type":"ping"}'])
    socket.serverSend('{"type":"pong"}')
    expect(heard).toEqual(['message 1 {"type":"pong"}'])
    await environment.advance(30_000)
    expect(socket.sent).toHaveLength(2)
    await environment.advance(4999)
    expect(heard).toHaveLength(1)
    await environment.advance(1)
    expect(heard.slice(1)).toEqual(['close 3 1006 nothing heard for 5000 ms'])
  })

  test('is not one that says something else', async () => {
    const { socket, heard, environment } = await open(PINGS)
    for (let i = 0; i < 20; i++) {
      await environment.advance(4000)
      socket.serverSend('data')
    }
    expect(heard).toEqual(Array(20).fill('message 1 data'))
  })

  test('is asked when the page comes back', async () => {
    const { socket, heard, environment } = await open(PINGS)
    socket.serverSend('{"type":"pong"}')
    environment.hint('visible')
    expect(socket.sent).toHaveLength(2)
    await environment.advance(2500)
    expect(heard.at(-1)).toBe('close 3 1006 nothing heard for 2500 ms')
  })

  test('is asked before a message after a sleep', async () => {
    const { ws, socket, environment } = await open(PINGS)
    socket.serverSend('{"type":"pong"}')
    environment.sleep(3_600_000)
    ws.send('hello')
    expect(socket.sent.slice(1)).toEqual(['{"type":"ping"}', 'hello'])
  })
})

describe('a ping', () => {
  test('may be bytes, and its answer kept back', async () => {
    const ping = new Uint8Array([0xc0, 0])
    const heartbeat = { intervalMs: 1000, ping, pong: new Uint8Array([0xd0, 0]) }
    const { ws, socket, heard } = await open({ ...ONCE, heartbeat })
    ws.binaryType = 'arraybuffer'
    expect(socket.sent).toEqual([ping])
    socket.serverSend(new Uint8Array([0xd0, 0]).buffer)
    expect(heard).toEqual([])
    socket.serverSend(new Uint8Array([0xd0, 1]).buffer)
    socket.serverSend(new Uint8Array([0xd0]).buffer)
    expect(heard).toHaveLength(2)
  })

  test('has an answer that is kept back, if it is named or the same', async () => {
    const { socket, heard } = await open({ ...ONCE, heartbeat: { intervalMs: 1000, ping: 'hey', pong: 'ho' } })
    socket.serverSend('ho')
    socket.serverSend('ping')
    expect(heard).toEqual(['message 1 ping'])
    const same = await open({ ...ONCE, heartbeat: { intervalMs: 1000, ping: '\n' } })
    same.socket.serverSend('\n')
    expect(same.heard).toEqual([])
    expect(same.socket.sent).toEqual(['\n'])
  })

  test('is left to the server of holdfast by auto', async () => {
    const { socket, heard, environment } = await open({ ...ONCE, heartbeat: 'auto' })
    expect(socket.sent).toEqual([])
    socket.serverSend('ping 1000')
    expect(socket.sent[0]).toBe('pong')
    await environment.advance(10_000)
    expect(heard.at(-1)).toMatch(/^close 3 1006/)
  })

  test('is sent to nobody without the option', async () => {
    const { socket, heard, environment } = await open(ONCE)
    environment.hint('visible')
    socket.serverSend('ping')
    await environment.advance(3_600_000)
    expect(socket.sent).toEqual([])
    expect(heard).toEqual(['message 1 ping'])
  })
})

test('the page that is frozen or put aside ends nothing, as with the platform', async () => {
  const { ws, socket, environment } = await open(ONCE)
  environment.hint('pagehide')
  environment.freeze()
  environment.resume()
  expect(socket.closeRequest).toBeUndefined()
  expect(ws.readyState).toBe(1)
})

describe('HoldfastWebSocket.once', () => {
  test('is a class for a library, with its options in it', async () => {
    const environment = fakeEnvironment()
    const Once = HoldfastWebSocket.once({ environment, openTimeoutMs: 1000 })
    // @ts-expect-error: some libraries pass options of their own
    const ws = new Once(ADDRESS, 'mqtt', { reconnect: true, headers: {} }, 'more')
    expect(ws).toBeInstanceOf(HoldfastWebSocket)
    expect(Once.OPEN).toBe(1)
    await environment.settle()
    expect(environment.sockets[0]?.protocols).toEqual(['mqtt'])
    await environment.advance(1000)
    expect(ws.readyState).toBe(3)
    expect(environment.sockets).toHaveLength(1)
  })

  test.each([
    [{ openTimeout: 1 }, 'openTimeout'],
    [{ openTimeoutMs: 0 }, 'openTimeoutMs'],
    [{ heartbeat: true }, 'heartbeat.ping'],
    [{ heartbeat: { intervalMs: 1, ping: 5 } }, 'heartbeat.ping'],
    [{ heartbeat: { intervalMs: 1, ping: 'a', pong: {} } }, 'heartbeat.pong'],
    [{ heartbeat: { ping: 'a' } }, 'heartbeat.intervalMs'],
    [{ heartbeat: { intervalMs: 1, ping: 'a', every: 1 } }, 'heartbeat.every'],
    [{ queue: { overflow: 'all' } }, 'queue.overflow'],
    [{ backoff: { factor: 0 } }, 'backoff.factor'],
    [{ auth: () => 1 }, 'auth'],
    [{ closeTimeoutMs: '5' }, 'closeTimeoutMs'],
  ])('refuses %j at once, and names %s', (options, field) => {
    // @ts-expect-error: not all of these are wrong by their type
    expect(() => HoldfastWebSocket.once(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION', field }))
  })
})
