import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer, type Server } from '../../src/server/index.js'
import { createFaultProxy, type FaultProxy } from '../../src/testing/fault-proxy.js'

/** What the pages of these tests and their server say to each other. */
export interface App {
  requests: {
    sum: { params: [number, number]; result: number }
    countdown: { params: number; item: number }
  }
  channels: {
    room: { line: string }
  }
}

/** A server for pages and sockets in this process, with a fault proxy in front of its sockets. */
export interface Fixture {
  readonly server: Server<App>
  readonly proxy: FaultProxy
  /** Where the pages are, without a slash at the end. */
  readonly origin: string
  /** Address of the WebSocket. */
  readonly direct: string
  /** Its address behind the proxy. */
  readonly throughProxy: string
  /** TCP connections of WebSockets, as the server has seen them. */
  readonly sockets: { readonly opened: number; readonly live: number; readonly bytesRead: number }
  /** Raw messages that arrived, in order; bytes as an array of numbers. Each was sent back. */
  readonly received: readonly (string | number[])[]
  /** How WebSockets ended, as the server heard it. */
  readonly closes: readonly { code: number; reason: string }[]
  close(): Promise<void>
}

export async function startFixture(port = 0): Promise<Fixture> {
  const http = createHttpServer(serveFile)
  const sockets: Socket[] = []
  http.on('upgrade', (request) => sockets.push(request.socket))
  const received: (string | number[])[] = []
  const closes: { code: number; reason: string }[] = []
  const server = createServer<App>({
    server: http,
    path: '/ws',
    // Behind the proxy the address of the socket is not that of the page.
    origins: '*',
    requests: {
      sum: ([a, b]) => a + b,
      async *countdown(from) {
        for (let number = from; number > 0; number--) yield number
      },
    },
    channels: { room: {} },
    onMessage(data, { client }) {
      received.push(typeof data === 'string' ? data : [...data])
      client.sendRaw(data)
    },
    onDisconnect: (_client, code, reason) => closes.push({ code, reason }),
  })
  http.listen(port, '127.0.0.1')
  await once(http, 'listening')
  const listeningOn = portOf(http.address())
  const proxy = createFaultProxy({ target: { port: listeningOn } })
  const proxyPort = await proxy.listening()
  return {
    server,
    proxy,
    origin: `http://127.0.0.1:${listeningOn}`,
    direct: `ws://127.0.0.1:${listeningOn}/ws`,
    throughProxy: `ws://127.0.0.1:${proxyPort}/ws`,
    sockets: {
      get opened() {
        return sockets.length
      },
      get live() {
        return sockets.filter((socket) => !socket.closed).length
      },
      get bytesRead() {
        return sockets.reduce((sum, socket) => sum + socket.bytesRead, 0)
      },
    },
    received,
    closes,
    async close() {
      await proxy.close()
      await server.close({ graceMs: 0 })
      http.close()
      http.closeAllConnections()
      // Those that asked for another path than that of the server.
      for (const socket of sockets) socket.destroy()
      await once(http, 'close')
    },
  }
}

const portOf = (address: string | { port: number } | null): number => {
  if (typeof address !== 'object' || !address) throw new Error('The server listens on no port.')
  return address.port
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FOLDERS = [
  'dist',
  'node_modules/eventemitter3/dist',
  'test/browser/pages',
  'node_modules/@msgpack/msgpack/dist.esm',
]
const TYPES: { readonly [extension: string]: string } = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
}

/** Gives the built package and the pages, each under its path in the project. */
const serveFile: RequestListener = async (request, response) => {
  const file = path.posix.normalize(new URL(request.url ?? '/', 'http://localhost').pathname).slice(1)
  const type = TYPES[path.extname(file)]
  const content = FOLDERS.some((folder) => file.startsWith(`${folder}/`))
    ? await readFile(path.join(ROOT, file)).catch(() => undefined)
    : undefined
  if (type && content) response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(content)
  else response.writeHead(404).end()
}
