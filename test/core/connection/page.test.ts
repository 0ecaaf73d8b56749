import { describe, expect, test } from 'vitest'
import type { CloseInfo, Hint } from '../../../src/index.js'
import { open, type Setup, start } from '../support.js'

const SLOW = { backoff: { firstWindowMs: 100_000, initialMs: 100_000, maxMs: 100_000 } } satisfies Setup

describe('a wake hint', () => {
  const wakes = ['visible', 'pageshow', 'resume'] satisfies Hint[]
  const hurries = ['online', 'focus'] satisfies Hint[]

  test.each(wakes)('%s ends a wait at once', async (hint) => {
    const { environment, socket } = await open(SLOW)
    socket.cut()
    environment.hint(hint)
    await environment.settle()
    expect(environment.sockets).toHaveLength(2)
  })

  test.each(hurries)('%s ends it soon, at a random moment', async (hint) => {
    const { environment, socket, client } = await open({
      backoff: { firstWindowMs: 800, initialMs: 90_000, maxMs: 90_000 },
    })
    socket.cut()
    environment.hint(hint)
    expect(client.explain().until).toBe(environment.now() + 400)
    await environment.advance(399)
    expect(environment.sockets).toHaveLength(1)
    await environment.advance(1)
    expect(environment.sockets).toHaveLength(2)
  })

  test.each([...wakes, ...hurries] satisfies Hint[])('%s does not cut the window of the server short', async (hint) => {
    const { environment, socket, client } = await open()
    socket.serverClose(1013, 'retry=60000-60000')
    environment.hint(hint)
    await environment.advance(59_999)
    expect(environment.sockets).toHaveLength(1)
    expect(client.explain().waitingFor).toBe('server-window')
    await environment.advance(1)
    expect(environment.sockets).toHaveLength(2)
  })

  test('offline alone neither closes nor dials', async () => {
    const { client, environment, socket } = await open()
    environment.hint('offline')
    await environment.advance(60_000)
    expect(client.status).toBe('open')
    expect(socket.closeRequest).toBeUndefined()
  })

  test.each(wakes)('%s during an attempt leaves it alone', async (hint) => {
    const { environment, socket, client } = await start()
    environment.hint(hint)
    await environment.settle()
    expect(environment.sockets).toHaveLength(1)
    socket.accept()
    expect(client.status).toBe('open')
  })
})

describe('a hidden page', () => {
  const MINUTE = 60_000

  test('makes attempts for a while', async () => {
    const { environment, socket } = await open()
    environment.hint('hidden')
    await environment.advance(4 * MINUTE)
    socket.cut()
    await environment.advance(1000)
    expect(environment.sockets).toHaveLength(2)
  })

  test('makes none after a long while, until somebody looks', async () => {
    const { client, environment, socket } = await open()
    environment.hint('hidden')
    await environment.advance(6 * MINUTE)
    socket.cut()
    await environment.advance(60 * MINUTE)
    expect(environment.sockets).toHaveLength(1)
    expect(client.explain()).toMatchObject({ status: 'waiting', waitingFor: 'page' })
    expect(client.explain().until).toBeUndefined()
    environment.hint('visible')
    await environment.settle()
    expect(environment.sockets).toHaveLength(2)
  })

  test('keeps the connection that it has', async () => {
    const { client, environment } = await open()
    environment.hint('hidden')
    await environment.advance(600 * MINUTE)
    expect(client.status).toBe('open')
  })

  test('makes attempts for a while, though it was hidden from the start', async () => {
    const { environment, socket } = await start({ parts: { isHidden: () => true } })
    socket.accept()
    await environment.advance(4 * MINUTE)
    socket.cut()
    await environment.advance(1000)
    expect(environment.sockets).toHaveLength(2)
  })

  test('is counted as hidden from the start, if it began so', async () => {
    const { client, environment, socket } = await start({ parts: { isHidden: () => true } })
    socket.accept()
    await environment.advance(6 * MINUTE)
    socket.cut()
    await environment.advance(MINUTE)
    expect(client.explain().waitingFor).toBe('page')
  })

  test('is forgotten when it is seen again, though the client had ended in between', async () => {
    const { client, environment, socket } = await open()
    environment.hint('hidden')
    socket.serverClose(4403)
    environment.hint('visible')
    await environment.advance(60 * MINUTE)
    client.reconnect()
    await environment.settle()
    environment.sockets[1]?.accept()
    environment.sockets[1]?.cut()
    await environment.advance(5000)
    expect(environment.sockets).toHaveLength(3)
  })

  test('is forgotten after a resume without visibilitychange', async () => {
    const { environment } = await open()
    environment.hint('hidden')
    environment.hint('freeze')
    await environment.advance(60 * MINUTE)
    environment.hidden = false
    environment.hint('resume')
    await environment.settle()
    environment.sockets[1]?.accept()
    environment.sockets[1]?.cut()
    await environment.advance(5000)
    expect(environment.sockets).toHaveLength(3)
  })
})

describe('a page that is put aside', () => {
  test.each([
    ['pagehide', 'pageshow'],
    ['freeze', 'resume'],
  ] satisfies [Hint, Hint][])('P7.4 closes politely on %s, and comes back on %s', async (away, back) => {
    const { client, environment, socket } = await open()
    const closes: CloseInfo[] = []
    client.on('close', (close) => closes.push(close))
    environment.hint(away)
    expect(socket.closeRequest).toEqual({ code: 1000, reason: 'page hidden' })
    expect(closes).toMatchObject([{ code: 1000, reason: 'page hidden', wasClean: true }])
    expect(client.explain()).toMatchObject({ status: 'waiting', waitingFor: 'page' })
    expect(environment.timers).toBe(0)
    await environment.advance(3_600_000)
    expect(environment.sockets).toHaveLength(1)
    environment.hint(back)
    await environment.settle()
    environment.sockets[1]?.accept()
    expect(client.status).toBe('open')
  })

  test('lets an attempt go, and a wait', async () => {
    const attempt = await start()
    attempt.environment.hint('freeze')
    expect(attempt.socket.readyState).toBe(2)
    expect(attempt.client.explain().waitingFor).toBe('page')
    const wait = await open()
    wait.socket.cut()
    wait.environment.hint('freeze')
    await wait.environment.advance(3_600_000)
    expect(wait.environment.sockets).toHaveLength(1)
    expect(wait.client.explain().waitingFor).toBe('page')
  })

  test('comes back no earlier than the server asked for', async () => {
    const { client, environment, socket } = await open()
    socket.serverClose(1012, 'retry=20000-30000')
    environment.hint('freeze')
    await environment.advance(10_000)
    environment.hint('resume')
    expect(client.explain().waitingFor).toBe('server-window')
    await environment.advance(14_999)
    expect(environment.sockets).toHaveLength(1)
    await environment.advance(1)
    expect(environment.sockets).toHaveLength(2)
  })

  test('comes back at once after the window of the server', async () => {
    const { environment, socket } = await open()
    socket.serverClose(1012, 'retry=20000-30000')
    environment.hint('freeze')
    await environment.advance(60_000)
    environment.hint('resume')
    await environment.settle()
    expect(environment.sockets).toHaveLength(2)
  })

  test('does not wake a client that has ended', async () => {
    const { client, environment } = await open()
    client.close()
    for (const hint of ['freeze', 'resume', 'pagehide', 'pageshow', 'visible', 'online'] satisfies Hint[]) {
      environment.hint(hint)
    }
    await environment.advance(60_000)
    expect(client.status).toBe('closed')
    expect(environment.sockets).toHaveLength(1)
  })

  test('keeps what is queued', async () => {
    const { client, environment } = await open()
    environment.hint('freeze')
    client.send('later')
    environment.hint('resume')
    await environment.settle()
    environment.sockets[1]?.accept()
    expect(environment.sockets[1]?.sent).toEqual(['later'])
  })
})
