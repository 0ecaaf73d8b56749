import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { type Certificate, createCertificate } from '../../demo/server/tls.js'
import { findNginx } from '../../scripts/machine.mjs'
import { createServer } from '../../src/server/index.js'
import { type App, connectTo, next, tapped } from './client.js'
import { startNginx } from './nginx.js'
import { isMissing } from './program.js'

const SOON = { timeout: 20_000, interval: 20 }
const found = findNginx()

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

let certificate: Certificate
beforeAll(async () => {
  certificate = await createCertificate()
})

/** A server behind nginx, and the raw messages that reached it. */
async function startServer(pingIntervalMs: number): Promise<{ url: string; received: unknown[] }> {
  const received: unknown[] = []
  const server = createServer<App>({
    host: '127.0.0.1',
    port: 0,
    pingIntervalMs,
    auth: () => 'ada',
    requests: { sum: (numbers) => numbers.reduce((sum, number) => sum + number, 0) },
    onMessage: (data) => void received.push(data),
  })
  toClose.push(() => server.close({ graceMs: 0 }))
  const nginx = await startNginx(found ?? '', await server.listening(), certificate)
  toClose.push(nginx.kill)
  return { url: `wss://127.0.0.1:${nginx.port}`, received }
}

describe.skipIf(isMissing('nginx', found, 'nginx'))('nginx that cuts idle connections after 5 s, with TLS', () => {
  test('P3.2 without pings it cuts the client, which comes back and loses nothing that it queued', async () => {
    const { url, received } = await startServer(3_600_000)
    const client = connectTo(url, { environment: { WebSocket: tapped(certificate.cert).WebSocket } })
    client.send('before')
    await client.opened()
    const openedAt = Date.now()

    expect(await next(client, 'close')).toMatchObject({ code: 1006 })
    expect(Date.now() - openedAt).toBeGreaterThan(4000)
    client.send('meanwhile')
    const sum = client.request('sum', [1, 2])
    client.send('last')

    expect(await sum).toBe(3)
    await expect.poll(() => received, SOON).toEqual(['before', 'meanwhile', 'last'])
    expect(client.stats).toMatchObject({ reconnects: 1, dropped: 0 })
  })

  test('P3.2 with a ping every 2 s it leaves the connection alone', async () => {
    const { url } = await startServer(2000)
    const { WebSocket, heard } = tapped(certificate.cert)
    const client = connectTo(url, { environment: { WebSocket } })
    await expect.poll(() => heard.filter((text) => text === 'ping 2000').length, SOON).toBe(5)
    expect(client.stats.reconnects).toBe(0)
    expect(await client.request('sum', [1, 2])).toBe(3)
  })

  test('a client that does not trust the certificate stays out', async () => {
    const { url } = await startServer(3_600_000)
    const client = connectTo(url, { environment: { WebSocket }, backoff: { maxAttempts: 1 } })
    await expect(client.opened()).rejects.toMatchObject({ code: 'CLOSED' })
  })
})
