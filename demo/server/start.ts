import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { createFaultProxy } from '../../src/testing/fault-proxy.js'
import { type AskEnvironment, createAnswerer } from './ask.js'
import { Backend } from './backend.js'
import { createSite } from './site.js'
import type { Certificate } from './tls.js'
import { Trouble } from './trouble.js'
import { Visitors } from './visitors.js'

export interface DemoOptions {
  /** Port to listen on; 0 for any. */
  port: number
  /** Address to listen on. Default `localhost`. */
  host?: string
  /** Serves https and wss with it. */
  certificate?: Certificate
  /** Where the key for DeepSeek is looked up. Default: the environment of the process. */
  environment?: AskEnvironment
}

export interface Demo {
  /** Address of the page. */
  url: string
  close(): Promise<void>
}

/**
 * Starts the demo on one port: page and switches by HTTP, and the WebSocket through the fault proxy. Rejects if it
 * cannot listen.
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const host = options.host ?? 'localhost'
  const visitors = new Visitors()
  const backend = new Backend(visitors, await createAnswerer(options.environment ?? process.env))
  const proxy = createFaultProxy({
    target: {
      // Asked for with each connection: every server has its own.
      get path() {
        return backend.path
      },
    },
  })
  const trouble = new Trouble(proxy, backend, visitors)
  const site = createSite(trouble, visitors)
  const server = options.certificate ? createHttpsServer(options.certificate, site) : createHttpServer(site)

  // Only the WebSocket meets trouble, so that the page can always be loaded and the trouble ended.
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    proxy.connect(socket, Buffer.concat([headOf(request), head]))
  })

  const port = await listen(server, options.port, host)
  await backend.start()

  return {
    url: `${options.certificate ? 'https' : 'http'}://${host}:${port}/`,
    async close() {
      await proxy.close()
      await trouble.stop()
      await backend.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

/** The head of a request as it came in, for the server behind the proxy to read again. */
function headOf({ method, url, rawHeaders }: IncomingMessage): Buffer {
  let head = `${method} ${url} HTTP/1.1\r\n`
  for (let i = 0; i < rawHeaders.length; i += 2) head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`
  return Buffer.from(`${head}\r\n`, 'latin1')
}
