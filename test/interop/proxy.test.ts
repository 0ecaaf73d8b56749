/** docs/guide/proxies.md: its files, and what it says that pages see. */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { type Certificate, createCertificate } from '../../demo/server/tls.js'
import { findHaproxy, findNginx } from '../../scripts/machine.mjs'
import { resumable } from '../../src/addons/resume/index.js'
import { createServer, type ServerOptions } from '../../src/server/index.js'
import { type App, connectTo, next, tapped } from './client.js'
import { freePort, isMissing } from './program.js'
import { haproxy, nginx, TIMEOUT_S } from './proxy.js'

const SOON = { timeout: 20_000, interval: 20 }
const NEVER_MS = 3_600_000

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

let certificate: Certificate
beforeAll(async () => {
  certificate = await createCertificate()
})

describe.each([nginx(findNginx()), haproxy(findHaproxy())])('$name', (proxy) => {
  describe.skipIf(isMissing(proxy.name, proxy.file, proxy.name.toLowerCase()))(
    'that cuts idle connections, with TLS',
    () => {
      const trusting = () => ({ environment: { WebSocket: tapped(certificate.cert).WebSocket } })

      async function startProxy(...backends: number[]) {
        const running = await proxy.start(certificate, ...backends)
        toClose.push(running.kill)
        return { url: `wss://127.0.0.1:${running.port}/ws`, output: running.output }
      }

      /** A server of the kit, and the raw messages that reached it. */
      async function startServer(options: ServerOptions<App>) {
        const received: unknown[] = []
        const server = createServer<App>({
          host: '127.0.0.1',
          port: 0,
          auth: () => 'ada',
          requests: { echo: (params) => params },
          onMessage: (data) => void received.push(data),
          ...options,
        })
        toClose.push(() => server.close({ windowMs: 0, graceMs: 0 }))
        return { server, received, port: await server.listening() }
      }

      test('P3.2 without pings it cuts the client with 1006, which comes back and loses nothing that it queued', async () => {
        const { port, received } = await startServer({ pingIntervalMs: NEVER_MS })
        const { url, output } = await startProxy(port)
        const client = connectTo(url, trusting())
        client.send('before')
        await client.opened()
        const openedAt = Date.now()

        expect(await next(client, 'close')).toMatchObject({ code: 1006 })
        expect(Date.now() - openedAt).toBeGreaterThan(TIMEOUT_S * 900)
        expect(client.explain().why).toContain('Last close: 1006 (network)')
        client.send('meanwhile')
        const echo = client.request('echo', 3)
        client.send('last')

        expect(await echo).toBe(3)
        await expect.poll(() => received, SOON).toEqual(['before', 'meanwhile', 'last'])
        expect(client.stats).toMatchObject({ reconnects: 1, dropped: 0 })
        if (proxy.name === 'nginx') expect(output()).toContain('upstream timed out')
      })

      test('P3.2 with pings it leaves the connection alone', async () => {
        const { port } = await startServer({ pingIntervalMs: 500 })
        const { url } = await startProxy(port)
        const { WebSocket, heard } = tapped(certificate.cert)
        const client = connectTo(url, { environment: { WebSocket } })
        await expect.poll(() => heard.filter((text) => text === 'ping 500').length, SOON).toBe(TIMEOUT_S * 2 + 4)
        expect(client.stats.reconnects).toBe(0)
        expect(await client.request('echo', 3)).toBe(3)
      })

      test('a heartbeat of the page alone does the same for a server that does not ping', async () => {
        const server = new WebSocketServer({ host: '127.0.0.1', port: await freePort() })
        toClose.push(() => server.close())
        await once(server, 'listening')
        let pings = 0
        server.on('connection', (socket) =>
          socket.on('message', (data) => {
            if (`${data}` !== 'ping') return
            pings++
            socket.send('pong')
          }),
        )
        const { url } = await startProxy(server.options.port ?? 0)
        const client = connectTo(url, {
          ...trusting(),
          auth: () => undefined,
          heartbeat: { intervalMs: 500, ping: 'ping', pong: 'pong' },
        })
        await expect.poll(() => pings, SOON).toBe(TIMEOUT_S * 2 + 4)
        expect(client.stats.reconnects).toBe(0)
      })

      test('the server hears whose connection it is, whatever the client says, and the host that the page asked for', async () => {
        const { server, port } = await startServer({
          address: ({ headers }) => `${headers['x-forwarded-for']} at ${headers.host}`,
        })
        const { url } = await startProxy(port)
        const { host } = new URL(url)
        class Pretender extends WebSocket {
          constructor(address: string) {
            super(address, {
              ca: certificate.cert,
              headers: { 'X-Forwarded-For': '203.0.113.9' },
              origin: `https://${host}`,
            })
          }
        }
        await connectTo(url, { environment: { WebSocket: Pretender } }).opened()
        expect([...server.clients].map(({ address }) => address)).toEqual([`127.0.0.1 at ${host}`])
      })

      test('before two servers it brings a page back to the one that has its session', async () => {
        const servers = [await startServer({}), await startServer({})]
        const { url } = await startProxy(...servers.map(({ port }) => port))
        const client = connectTo(url, { ...trusting(), session: resumable() })
        for (let cuts = 0; cuts < 5; cuts++) {
          await client.opened()
          const resumed = next(client, 'resumed')
          client.reconnect()
          await resumed
        }
        expect(servers.map(({ server }) => server.clients.size).sort()).toEqual([0, 1])
      })

      test('a server that is away is 1006 for the page, which is there when it is back', async () => {
        const port = await freePort()
        const { url } = await startProxy(port)
        const client = connectTo(url, trusting())
        await next(client, 'error')
        expect(client.explain().lastClose).toMatchObject({ code: 1006, reason: '' })
        await startServer({ port })
        expect(await client.request('echo', 3)).toBe(3)
      })

      test('an answer that is no upgrade is 1006 for the page', async () => {
        const server = createHttpServer((_request, response) => response.writeHead(426).end()).listen(0, '127.0.0.1')
        toClose.push(() => server.close())
        await once(server, 'listening')
        const address = server.address()
        const { url } = await startProxy(typeof address === 'object' ? (address?.port ?? 0) : 0)
        const client = connectTo(url, { ...trusting(), backoff: { maxAttempts: 1 } })
        await expect(client.opened()).rejects.toMatchObject({ code: 'CLOSED' })
        expect(client.explain().lastClose).toMatchObject({ code: 1006, reason: '' })
      })

      test('a client that does not trust the certificate stays out', async () => {
        const { port } = await startServer({})
        const { url } = await startProxy(port)
        const client = connectTo(url, { environment: { WebSocket }, backoff: { maxAttempts: 1 } })
        await expect(client.opened()).rejects.toMatchObject({ code: 'CLOSED' })
      })
    },
  )
})
