/** Servers that refuse the upgrade, send the page elsewhere, or drip: with real sockets, since that is below a fake one. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { resumable } from '../../src/addons/resume/index.js'
import { type Client, connect, type SocketClass } from '../../src/index.js'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function listen(server: Server | TcpServer): Promise<string> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => server.close())
  const { port } = server.address() as AddressInfo
  return `ws://127.0.0.1:${port}`
}

/** A client that tries again at once, and gives up after the third attempt. */
function dial(url: string): Client {
  // The class of ws is not typed as that of a browser, but behaves as it.
  const environment = { WebSocket: WebSocket as unknown as SocketClass }
  const client = connect(url, {
    session: resumable(),
    openTimeoutMs: 300,
    backoff: { initialMs: 1, maxMs: 1, firstWindowMs: 1, maxAttempts: 3 },
    environment,
  })
  ends.push(() => client.close())
  return client
}

describe('an upgrade that is refused', () => {
  test.each([
    [301, { location: 'ws://127.0.0.1:9/elsewhere' }],
    [401, {}],
    [403, {}],
    [429, { 'retry-after': '120' }],
    [503, { 'retry-after': '120' }],
    [200, {}],
  ])('with %i is a failed attempt, told once, and tried again', async (status, headers) => {
    let requests = 0
    const server = createServer((_request, response) => response.writeHead(404).end())
    server.on('upgrade', (_request, socket) => {
      requests += 1
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
      socket.end(`HTTP/1.1 ${status} No\r\nConnection: close\r\nContent-Length: 0\r\n${lines.join('')}\r\n`)
    })
    const client = dial(await listen(server))
    const errors: (string | number)[] = []
    client.on('error', ({ code }) => errors.push(code))
    await expect(client.opened()).rejects.toMatchObject({ code: 'CLOSED' })
    expect(requests).toBe(3)
    expect(errors).toEqual(['CONNECT_FAILED', 'CONNECT_FAILED', 'CONNECT_FAILED'])
    expect(client.explain()).toMatchObject({ status: 'closed', lastClose: { code: 1006 } })
  })

  test.each([
    ['a byte a time', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: '],
    ['nothing at all', ''],
  ])('by a server that says %s ends with the time for a step', async (_what, drip) => {
    const server = createTcpServer((socket) => {
      let at = 0
      const timer = setInterval(() => socket.write(drip[at++ % drip.length] ?? ''), 20)
      socket.on('error', () => {})
      socket.on('close', () => clearInterval(timer))
      ends.push(() => socket.destroy())
    })
    const client = dial(await listen(server))
    const messages: string[] = []
    client.on('error', ({ message }) => messages.push(message))
    await expect(client.opened()).rejects.toMatchObject({ code: 'CLOSED' })
    expect(messages).toEqual(Array.from({ length: 3 }, () => 'Connection failed: 1006 no socket in 300 ms'))
  })
})
