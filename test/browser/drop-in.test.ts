/** The drop-in beside the platform's own class, in the same page: what they do must be the same. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { createFaultProxy, type FaultProxy } from '../../src/testing/fault-proxy.js'
import type { Page } from './drivers/index.js'
import { BEHAVIOURS } from './drop-in-behaviours.js'
import { inEachBrowser } from './each-browser.js'
import { type Fixture, startFixture } from './fixture.js'
import { WITHIN } from './in-page.js'

inEachBrowser('the drop-in', ({ open }) => {
  let pages: Fixture
  let server: Server
  beforeAll(async () => {
    pages = await startFixture()
    server = await startServer()
  })
  afterAll(async () => {
    await server.close()
    await pages.close()
  })

  const openPage = async (): Promise<Page> => {
    const page = await open(`${pages.origin}/test/browser/pages/drop-in.html`)
    await expect.poll(() => page.evaluate(() => typeof window.Once), WITHIN).toBe('function')
    return page
  }

  describe('beside the platform', () => {
    it.each(Object.keys(BEHAVIOURS))('%s', async (title) => {
      const behaviour = BEHAVIOURS[title]
      if (!behaviour) throw new Error('no such behaviour')
      const page = await openPage()
      const platform = await page.evaluate(behaviour, 'WebSocket', server.direct)
      const ours = await page.evaluate(behaviour, 'Once', server.direct)
      expect(ours).toEqual(platform)
    })
  })

  it('comes back after a cut, tells of both, and sends what waited', async () => {
    const page = await openPage()
    await page.evaluate((url) => {
      const log: unknown[] = []
      const socket = new window.DropIn(url, [], { backoff: { firstWindowMs: 50, initialMs: 50, maxMs: 200 } })
      Object.assign(window, { log, socket })
      socket.send('before it was open')
      socket.onopen = () => log.push(`open ${socket.readyState}`)
      socket.onmessage = ({ data }) => log.push(data)
      socket.onclose = ({ code }) => {
        log.push(`close ${socket.readyState} ${code}`)
        socket.send('while it was away')
      }
    }, server.throughProxy)
    const log = (): Promise<unknown> => page.evaluate(() => window.log)
    await expect.poll(log, WITHIN).toEqual(['open 1', 'before it was open'])
    server.proxy.fault('restart', { ms: 500 })
    const cut = ['close 0 1006', 'open 1', 'while it was away']
    await expect.poll(log, WITHIN).toEqual(['open 1', 'before it was open', ...cut])
    expect(server.proxy.connections).toBe(1)
    await page.evaluate(() => window.socket.close())
    await expect.poll(log, WITHIN).toEqual(['open 1', 'before it was open', ...cut, 'close 3 1005'])
    await expect.poll(() => server.proxy.connections, WITHIN).toBe(0)
  })

  it.each([
    ['does not answer close()', {}, 1000],
    ['does not answer a ping', { heartbeat: { intervalMs: 200, timeoutMs: 1000, ping: 'hey' } }, 1000],
  ])('is told at once of a peer that %s', async (_what, options, limitMs) => {
    const page = await openPage()
    await page.evaluate(
      (url, options) => {
        window.log = []
        window.socket = new window.DropIn(url, [], { ...options, reconnect: false, closeTimeoutMs: 1000 })
        window.socket.onopen = () => window.log.push('open')
        window.socket.onmessage = ({ data }) => window.log.push(data)
        window.socket.onclose = ({ code, wasClean }) => window.log.push([code, wasClean, performance.now()])
      },
      server.throughProxy,
      options,
    )
    await expect.poll(() => page.evaluate(() => window.log), WITHIN).toEqual(['open'])
    const heal = server.proxy.fault('blackHole')
    const before = await page.evaluate(() => performance.now())
    if (!('heartbeat' in options)) await page.evaluate(() => window.socket.close())
    await expect.poll(() => page.evaluate(() => window.log.length), WITHIN).toBe(2)
    const [, end] = await page.evaluate(() => window.log)
    heal()
    expect(end).toEqual([1006, false, expect.any(Number)])
    // A busy machine may be slow; the platform takes 20 s and more.
    const tookMs = Array.isArray(end) ? end[2] - before : 0
    expect(tookMs).toBeGreaterThan(limitMs / 2)
    expect(tookMs).toBeLessThan(10_000)
  })

  it('is in the file for the script tag', async () => {
    const page = await open(`${pages.origin}/test/browser/pages/umd-min.html`)
    const echoed = page.evaluate(
      (url) =>
        new Promise((resolve) => {
          const socket = new window.Holdfast.WebSocket(url)
          socket.onopen = () => socket.send('hello')
          socket.onmessage = ({ data }) => resolve(data)
        }),
      server.direct,
    )
    expect(await echoed).toBe('hello')
  })
})

interface Server {
  /** Its address, and that behind the proxy. */
  readonly direct: string
  readonly throughProxy: string
  readonly proxy: FaultProxy
  close(): Promise<void>
}

/**
 * Sends back what it is sent, and does what it is told: `close`, `close 4000 reason`, `cut`. By its query it refuses, or
 * agrees on a subprotocol: the last one, or one that was not offered.
 */
async function startServer(): Promise<Server> {
  const sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered, { url }) => (url?.includes('wrong') ? 'unheard-of' : ([...offered].at(-1) ?? false)),
  })
  sockets.on('connection', (socket) => {
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => {
      const [command, code, ...reason] = String(data).split(' ')
      if (command === 'cut') socket.terminate()
      else if (command === 'close') code ? socket.close(Number(code), reason.join(' ')) : socket.close()
      else socket.send(data, { binary: isBinary })
    })
  })
  const http = createServer()
  const connections = new Set<Socket>()
  http.on('connection', (socket) => connections.add(socket))
  http.on('upgrade', (request, socket, head) => {
    if (request.url?.includes('refuse')) socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
    else sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const proxy = createFaultProxy({ target: { port } })
  return {
    direct: `ws://127.0.0.1:${port}/ws`,
    throughProxy: `ws://127.0.0.1:${await proxy.listening()}/ws`,
    proxy,
    async close() {
      await proxy.close()
      http.close()
      for (const socket of connections) socket.destroy()
    },
  }
}
