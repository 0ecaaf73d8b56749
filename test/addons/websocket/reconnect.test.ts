/** For app code: each cut is a `close`, each return an `open`, and what is sent in between waits. */
import { describe, expect, test, vi } from 'vitest'
import type { HoldfastWebSocket } from '../../../src/addons/websocket/index.js'
import type { CloseInfo } from '../../../src/index.js'
import { comeBack, make, open, start } from './support.js'

const dropsOf = (ws: HoldfastWebSocket): string[] => {
  const drops: string[] = []
  ws.addEventListener('holdfast:drop', (event) => {
    event.preventDefault()
    drops.push(`${event.detail.why} ${event.detail.data}`)
  })
  return drops
}

describe('a cut', () => {
  test('is a close with its real code, and the return is an open', async () => {
    const world = await open()
    const { heard, socket, environment } = world
    socket.serverClose(4000, 'restart')
    expect(heard).toEqual(['close 0 4000 restart'])
    await comeBack(world)
    expect(environment.sockets).toHaveLength(2)
    world.socket.cut()
    expect(heard.slice(1)).toEqual(['open 1', 'error 0', 'close 0 1006'])
    await comeBack(world)
    expect(world.ws.readyState).toBe(1)
  })

  test('that the server has begun shows in readyState, and what is sent then is not lost', async () => {
    const world = await open()
    world.socket.readyState = 2
    expect(world.ws.readyState).toBe(2)
    world.ws.send('late')
    world.socket.serverClose(1001)
    await comeBack(world)
    expect(world.socket.sent).toEqual(['late'])
  })

  test('keeps binaryType, subprotocols and listeners', async () => {
    const world = await open({ protocols: ['chat'] })
    world.ws.binaryType = 'arraybuffer'
    world.socket.cut()
    await comeBack(world)
    world.heard.length = 0
    world.socket.serverSend(new Uint8Array([1]).buffer)
    expect(world.heard).toEqual(['message 1 [object ArrayBuffer]'])
    expect(world.socket.protocols).toEqual(['chat'])
  })

  test('by a code that asks to stay away ends it', async () => {
    const { ws, heard, socket, environment } = await open()
    socket.serverClose(4403, 'banned')
    expect(heard).toEqual(['close 3 4403 banned'])
    await environment.advance(600_000)
    expect(environment.sockets).toHaveLength(1)
    expect(ws.readyState).toBe(3)
  })

  test('ends it if shouldReconnect says so, and a throw of that is logged', async () => {
    const ended = await open({ shouldReconnect: ({ code }) => code !== 4000 })
    ended.socket.serverClose(4000)
    expect(ended.ws.readyState).toBe(3)
    const throws = await open({
      shouldReconnect() {
        throw new Error('oops')
      },
    })
    throws.socket.serverClose(4000)
    expect(throws.ws.readyState).toBe(0)
    expect(throws.environment.logged).toMatchObject([{ level: 'error', message: expect.stringContaining('shouldRec') }])
  })
})

describe('a failed attempt', () => {
  test('is an error, and no close', async () => {
    const world = await start()
    world.socket.refuse()
    expect(world.heard).toEqual(['error 0'])
    await comeBack(world)
    expect(world.heard).toEqual(['error 0', 'open 1'])
  })

  test('is an error and a close if it was the last', async () => {
    const world = await start({ backoff: { maxAttempts: 2 } })
    world.socket.refuse()
    await world.environment.advance(1000)
    world.socket.refuse()
    expect(world.heard).toEqual(['error 0', 'error 3', 'close 3 1006'])
  })

  test('is one that takes too long', async () => {
    const { environment, heard } = await start({ openTimeoutMs: 3000 })
    await environment.advance(3000)
    expect(heard).toEqual(['error 0'])
    expect(environment.sockets[0]?.readyState).toBe(2)
  })
})

describe('the URL', () => {
  test('may be a function, asked for each attempt with the end of the last', async () => {
    const told: (CloseInfo | undefined)[] = []
    const world = make({
      url: async (lastClose) => {
        told.push(lastClose)
        return `wss://server.test/${told.length}`
      },
    })
    expect(world.ws.url).toBe('')
    await world.environment.settle()
    expect(world.ws.url).toBe('wss://server.test/1')
    world.socket.accept()
    // A server that refuses a token says so by such a code; now there is another one to try.
    world.socket.serverClose(4401, 'expired')
    await comeBack(world)
    expect(world.ws.url).toBe('wss://server.test/2')
    expect(told).toMatchObject([undefined, { code: 4401 }])
  })

  test('that cannot be had is a failed attempt', async () => {
    const url = vi.fn(() => 'wss://server.test/').mockRejectedValueOnce(new Error('no token'))
    const world = await start({ url })
    expect(world.heard).toEqual(['error 0'])
    await comeBack(world)
    expect(world.heard).toEqual(['error 0', 'open 1'])
  })
})

describe('what is sent without a connection', () => {
  test('waits, before the first open too, and goes out in order, behind what open listeners send', async () => {
    const world = await start()
    const { ws, socket } = world
    ws.onopen = () => ws.send('login')
    ws.send('a')
    ws.send('b')
    socket.accept()
    expect(socket.sent).toEqual(['login', 'a', 'b'])
    ws.onclose = () => ws.send('c')
    socket.cut()
    ws.send('d')
    await comeBack(world)
    expect(world.socket.sent).toEqual(['login', 'c', 'd'])
  })

  test('counts in bufferedAmount, in UTF-8', async () => {
    const world = await start()
    const { ws, socket } = world
    ws.send('ä€😀')
    ws.send(new Uint8Array(5))
    ws.send(new Blob(['123']))
    expect(ws.bufferedAmount).toBe(2 + 3 + 4 + 5 + 3)
    socket.accept()
    expect(ws.bufferedAmount).toBe(0)
    socket.bufferedAmount = 7
    expect(ws.bufferedAmount).toBe(7)
    socket.cut()
    expect(ws.bufferedAmount).toBe(0)
  })

  test('is as it was when it was sent', async () => {
    const { ws, socket } = await start()
    const bytes = new Uint8Array([1, 2])
    ws.send(bytes)
    bytes.fill(9)
    socket.accept()
    expect(socket.sent).toEqual([new Uint8Array([1, 2]).buffer])
  })

  test('waits also behind a socket that takes no more, and goes on when it does', async () => {
    const { ws, socket, environment } = await open()
    socket.bufferedAmount = 300_000
    ws.send('a')
    ws.send('b')
    expect(socket.sent).toEqual([])
    expect(ws.bufferedAmount).toBe(300_002)
    socket.bufferedAmount = 0
    await environment.advance(4)
    expect(socket.sent).toEqual(['a', 'b'])
    // In a hidden page timers are slow, and what arrives is not.
    socket.bufferedAmount = 300_000
    ws.send('c')
    socket.bufferedAmount = 0
    socket.serverSend('anything')
    expect(socket.sent).toEqual(['a', 'b', 'c'])
  })

  test('is refused when it is too much, or dropped with an event', async () => {
    const rejects = await start({ queue: { maxMessages: 1 } })
    rejects.ws.send('a')
    expect(() => rejects.ws.send('b')).toThrow(expect.objectContaining({ code: 'QUEUE_FULL' }))
    const { ws, socket } = await start({ queue: { maxBytes: 2, overflow: 'drop-oldest' } })
    const drops = dropsOf(ws)
    for (const text of ['a', 'b', 'c']) ws.send(text)
    expect(drops).toEqual(['overflow a'])
    socket.accept()
    expect(socket.sent).toEqual(['b', 'c'])
  })

  test('is dropped with an event when it is too old', async () => {
    const { ws, environment } = await start({ queue: { ttlMs: 5000 } })
    const drops = dropsOf(ws)
    ws.send('a')
    await environment.advance(5001)
    expect(drops).toEqual(['expired a'])
  })

  test('is logged if it was dropped and nobody took note', async () => {
    const { ws, environment } = await start()
    ws.send('a')
    ws.close()
    await environment.advance(0)
    expect(environment.logged).toMatchObject([{ level: 'warn', details: [{ why: 'closed', data: 'a' }] }])
  })

  test('may be a hundred thousand messages', async () => {
    const { ws, socket } = await start({ queue: { maxMessages: Infinity } })
    for (let i = 0; i < 100_000; i++) ws.send(`${i}`)
    socket.accept()
    expect(socket.sent).toHaveLength(100_000)
    expect(socket.sent.every((text, i) => text === `${i}`)).toBe(true)
  })

  test('is not lost by a socket that throws', async () => {
    const world = await start()
    world.ws.send('a')
    world.socket.throwOnSend()
    world.socket.accept()
    expect(world.heard).toEqual(['open 1', 'error 0', 'close 0 1006 the socket threw'])
    await comeBack(world)
    expect(world.socket.sent).toEqual(['a'])
    world.socket.throwOnSend(new TypeError('not this'))
    expect(() => world.ws.send('b')).toThrow('not this')
  })
})

describe('close()', () => {
  test('sends what waits, and ends with the close of the server', async () => {
    const { ws, socket, heard, environment } = await open()
    socket.bufferedAmount = 300_000
    ws.send('last')
    ws.close(3001, 'bye')
    expect(ws.readyState).toBe(2)
    expect(socket.sent).toEqual(['last'])
    socket.serverSend('too late')
    expect(heard).toEqual([])
    socket.serverClose()
    expect(heard).toEqual(['close 3 3001 bye'])
    await environment.advance(600_000)
    expect(environment.sockets).toHaveLength(1)
    expect(ws.bufferedAmount).toBe(300_000)
  })

  test('during a wait opens nothing more, and ends with one close', async () => {
    const { ws, socket, heard, environment } = await open()
    const drops = dropsOf(ws)
    socket.cut()
    ws.send('never')
    heard.length = 0
    ws.close()
    expect(ws.readyState).toBe(2)
    expect(heard).toEqual([])
    await environment.advance(600_000)
    expect(heard).toEqual(['error 3', 'close 3 1006'])
    expect(drops).toEqual(['closed never'])
    expect(ws.bufferedAmount).toBe(5)
    expect(environment.sockets).toHaveLength(1)
  })

  test.each(['before', 'after'])('%s the socket was made is not undone by it', async (when) => {
    const { ws, heard, environment } = when === 'before' ? make() : await start()
    ws.close()
    ws.close()
    await environment.advance(600_000)
    expect(heard).toEqual(['error 3', 'close 3 1006'])
    expect(environment.sockets).toHaveLength(when === 'before' ? 0 : 1)
  })

  test('while the server closes is heard too', async () => {
    const { ws, socket, heard, environment } = await open()
    socket.readyState = 2
    ws.close()
    socket.serverClose(1001, 'going')
    expect(heard).toEqual(['close 3 1001 going'])
    await environment.advance(600_000)
    expect(environment.sockets).toHaveLength(1)
  })

  test.each(['open', 'close', 'error', 'message', 'holdfast:status'])('in a listener of %s ends it', async (type) => {
    const { ws, socket, heard, environment } = await start()
    ws.addEventListener(type, () => ws.close(), { once: true })
    ws.send('said before')
    socket.accept()
    if (socket.readyState === 1) socket.serverSend('x')
    if (socket.readyState === 1) socket.cut()
    else if (socket.readyState === 2) socket.serverClose()
    await environment.advance(600_000)
    expect(heard.at(-1)).toMatch(/^close 3 1/)
    expect(environment.sockets).toHaveLength(1)
    expect(socket.sent).toEqual(type === 'holdfast:status' ? [] : ['said before'])
  })

  test('discards what is sent after it, and counts it', async () => {
    const { ws, socket } = await open()
    ws.close()
    ws.send('1234')
    socket.serverClose()
    ws.send('56')
    expect(ws.bufferedAmount).toBe(6)
    expect(socket.sent).toEqual([])
  })
})

describe('the page', () => {
  test('that is frozen is a close, and it comes back with it', async () => {
    const world = await open()
    const { socket, environment, heard } = world
    environment.freeze()
    expect(socket.closeRequest).toEqual({ code: 1000, reason: 'page hidden' })
    expect(heard).toEqual(['close 0 1000 page hidden'])
    environment.resume()
    await environment.advance(0)
    world.socket.accept()
    expect(heard.at(-1)).toBe('open 1')
  })

  test('that is put aside while it closes has no more to say', async () => {
    const { ws, environment, heard } = await open()
    ws.close()
    environment.hint('pagehide')
    environment.hint('pageshow')
    await environment.advance(600_000)
    expect(heard).toEqual(['close 3 1006'])
    expect(environment.sockets).toHaveLength(1)
  })
})

test('holdfast:status tells each change, and why', async () => {
  const world = await start()
  const seen: string[] = []
  world.ws.addEventListener('holdfast:status', ({ detail }) => {
    seen.push(`${detail.waitingFor ?? detail.status}`)
    if (detail.status === 'waiting') expect(detail).toMatchObject({ attempts: 1, lastClose: { code: 1006 } })
    if (detail.status === 'closed') expect(detail.why).toBe('Closed. Last close: 3000 done')
  })
  world.socket.accept()
  world.socket.cut()
  await comeBack(world)
  world.ws.close(3000, 'done')
  world.socket.serverClose()
  const attempt = ['socket', 'auth', 'open']
  expect(seen).toEqual([...attempt.slice(1), 'retry', 'address', ...attempt, 'closed'])
})
