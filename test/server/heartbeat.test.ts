import { describe, expect, it, vi } from 'vitest'
import { FakeSocket, house, open, pass, start, upgrade, virtualTime } from './support.js'

describe('heartbeat', () => {
  virtualTime()

  it('P3.2 pings each client as soon as it is in, and says the interval', async () => {
    const { join } = house({ pingIntervalMs: 1_000 })
    const { socket } = join()
    expect(socket.pings).toEqual(['ping 1000'])
    for (let i = 0; i < 3; i++) {
      await pass(1_000)
      socket.receive('pong')
    }
    expect(socket.pings).toHaveLength(4)
  })

  it('P3.2 pings nobody who has not authenticated', async () => {
    const { join } = house({ pingIntervalMs: 1_000, auth: () => 'ada' })
    const { socket } = join()
    await pass(5_000)
    expect(socket.pings).toEqual([])
    socket.receive({ id: 0, method: 'auth' })
    await pass(0)
    expect(socket.texts).toEqual(['{"id":0,"result":null}'])
    expect(socket.pings).toEqual(['ping 1000'])
  })

  it('P3.1 P3.3 answers ping and ping N with pong, and nobody else hears of it', () => {
    const onMessage = vi.fn()
    const { join } = house({ onMessage })
    const { socket } = join()
    socket.receive('ping')
    socket.receive('ping 5000')
    socket.receive('pong')
    expect(socket.texts).toEqual(['pong', 'pong'])
    expect(onMessage).not.toHaveBeenCalled()
  })

  it('P3.5 cuts a client that was not heard for two intervals', async () => {
    const onDisconnect = vi.fn()
    const { join, hub } = house({ pingIntervalMs: 1_000, sessions: false, onDisconnect })
    const { socket, client } = join()
    await pass(1_999)
    expect(socket.terminated).toBe(false)
    await pass(1)
    expect(socket.terminated).toBe(true)
    expect(socket.pings).toHaveLength(2)
    expect(onDisconnect).toHaveBeenCalledExactlyOnceWith(client, 1006, 'no answer to pings')
    expect(hub.metrics()).toMatchObject({ timedOut: 1, connections: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('P3.5 cuts a client that never said anything, and was never in, when its time to come in is over', async () => {
    const onConnect = vi.fn()
    const { hub } = house({ pingIntervalMs: 1_000, authTimeoutMs: 5_000, onConnect })
    const socket = new FakeSocket()
    hub.accept(socket, upgrade())
    // A page that moves here says nothing before the last word of the other server (P12.4).
    await pass(4_999)
    expect(socket.terminated).toBe(false)
    await pass(1)
    expect(socket.terminated).toBe(true)
    expect(onConnect).not.toHaveBeenCalled()
    expect(hub.metrics()).toMatchObject({ timedOut: 1, connectionsTotal: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })

  it.each([
    ['an event', { channel: 'x', event: 'y' }],
    ['a text', 'hello'],
    ['bytes', new ArrayBuffer(1)],
    ['nonsense', { id: {}, method: 1 }],
  ])('P3.4 takes %s for proof of life', async (_what, message) => {
    const { join } = house({ pingIntervalMs: 1_000 })
    const { socket } = join()
    for (let i = 0; i < 5; i++) {
      await pass(1_500)
      socket.receive(message)
    }
    expect(socket.terminated).toBe(false)
  })

  it('P3.5 condemns nobody after a pause of its own process', async () => {
    const { join } = house({ pingIntervalMs: 1_000 })
    const { socket } = join()
    await pass(500)
    socket.receive('pong')
    // The process sleeps: the clock goes on, no timer fires, and what the page sent waits.
    const awakeAt = performance.now() + 60_000
    vi.spyOn(performance, 'now').mockImplementation(() => awakeAt)
    await pass(500)
    expect(socket.terminated).toBe(false)
    expect(socket.pings).toHaveLength(2)
  })

  it('pings every client in its own time, with one timer for all', async () => {
    const { join } = house({ pingIntervalMs: 1_000 })
    const first = join().socket
    await pass(400)
    const second = join().socket
    expect(vi.getTimerCount()).toBe(1)
    await pass(600)
    expect([first.pings.length, second.pings.length]).toEqual([2, 1])
    await pass(400)
    expect([first.pings.length, second.pings.length]).toEqual([2, 2])
    first.end()
    second.end()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('stops with a client that its own ping finds too slow', async () => {
    const { join, hub } = house({ pingIntervalMs: 1_000, limits: { maxBufferedBytes: 10 } })
    const { socket } = join()
    socket.receive('pong')
    socket.buffered = 11
    await pass(1_000)
    expect(socket.closed?.code).toBe(1013)
    socket.end()
    expect(hub.metrics()).toMatchObject({ tooSlow: 1, timedOut: 0 })
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('heartbeat over a socket', () => {
  it('P3.5 lets a page see the end of a connection that it does not answer on', async () => {
    const { url } = await start({ pingIntervalMs: 20, sessions: false })
    const page = await open(url)
    expect((await page.closed).code).toBe(1006)
    expect(page.pings).toEqual(['ping 20', 'ping 20'])
  })
})
