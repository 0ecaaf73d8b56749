/** A client of the app that the servers here serve, in Node. */
import { afterEach } from 'vitest'
import { WebSocket } from 'ws'
import { type Client, type ClientEvents, type ConnectOptions, connect, type SocketClass } from '../../src/index.js'

export interface App {
  requests: {
    echo: { params: unknown; result: unknown }
    fail: { result: null }
    crash: { result: null }
    slow: { params: number; result: null }
    /** A number that nobody else gets, counted up from 1. */
    ticket: { result: number }
    count: { params: number; item: number; result: null }
    /** How many requests of all clients the server is answering, this one apart. */
    running: { result: number }
    /** Asks back with `confirm`. */
    ask: { params: string; result: boolean }
    /** Closes this connection, unanswered. */
    disconnect: { params: { code: number; reason: string }; result: null }
  }
  serverRequests: { confirm: { params: string; result: boolean } }
  channels: { chat: { message: { text: string; from?: string } } }
}

const clients: Client<App>[] = []
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})

/** A client that ends with its test, and does not let it wait for long. */
export function connectTo(url: string, options: ConnectOptions = {}): Client<App> {
  const client = connect<App>(url, {
    auth: () => 's3cret',
    environment: { WebSocket },
    backoff: { initialMs: 100, maxMs: 200, firstWindowMs: 100 },
    ...options,
  })
  clients.push(client)
  return client
}

/** A WebSocket that shows which texts came in, heartbeats included. `ca`: the certificate that it trusts. */
export function tapped(ca?: string): { WebSocket: SocketClass; heard: string[] } {
  const heard: string[] = []
  class TappedWebSocket extends WebSocket {
    constructor(url: string, protocols: string[] = []) {
      super(url, protocols, ca === undefined ? {} : { ca })
      this.on('message', (data, isBinary) => {
        if (!isBinary) heard.push(data.toString())
      })
    }
  }
  return { WebSocket: TappedWebSocket, heard }
}

/** Resolves at the next event of this kind. */
export const next = <E extends keyof ClientEvents>(client: Client<App>, event: E): Promise<ClientEvents[E]> =>
  new Promise((resolve) => {
    const off = client.on(event, (data) => {
      off()
      resolve(data)
    })
  })
