/** `jsonRpc()` with the other ends of others: the server of rpc-websockets, and vscode-jsonrpc over ws. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Server } from 'rpc-websockets'
import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  CancellationTokenSource,
  createMessageConnection,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageConnection,
} from 'vscode-jsonrpc'
import 'vscode-jsonrpc/node'
import { WebSocket, WebSocketServer } from 'ws'
import { batch, jsonRpc } from '../../src/addons/json-rpc/index.js'
import { type Client, type ConnectOptions, connect } from '../../src/index.js'
import { cancellable } from './wires/cancellable.js'
import { rpcWebsockets } from './wires/rpc-websockets-events.js'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

interface App {
  requests: {
    sum: { params: number[]; result: number }
    fail: { result: null }
    slow: { result: string }
    'rpc.on': { params: string[]; result: { [event: string]: string } }
  }
  serverRequests: {
    double: { params: [number]; result: number }
    wait: { params: []; result: string }
  }
  channels: {
    notifications: { feedUpdated: { id: number }; log: [text: string] }
  }
}

function connectTo(port: number, options: ConnectOptions): Client<App> {
  const client = connect<App>(`ws://127.0.0.1:${port}/`, {
    environment: { WebSocket },
    backoff: { initialMs: 50, maxMs: 100, firstWindowMs: 50 },
    ...options,
  })
  endings.push(() => client.close())
  return client
}

const add = (numbers: unknown[]): number => numbers.reduce((sum: number, next) => sum + Number(next), 0)

const portOf = (server: WebSocketServer): number => (server.address() as AddressInfo).port

describe('rpc-websockets', () => {
  const serve = async (): Promise<{ server: Server; port: number; logged: unknown[] }> => {
    const server = new Server({ host: '127.0.0.1', port: 0 })
    await once(server.wss, 'listening')
    const logged: unknown[] = []
    server.register('sum', (numbers) => add(Object.values(numbers)))
    server.register('log', (params) => void logged.push(params))
    server.register('fail', () => {
      throw server.createError(-32050, 'No', 'because')
    })
    server.event('feedUpdated')
    endings.push(async () => {
      for (const socket of server.wss.clients) socket.terminate()
      await server.close()
    })
    return { server, port: portOf(server.wss), logged }
  }

  test('answers requests, refuses, and takes notifications', async () => {
    const { port, logged } = await serve()
    const client = connectTo(port, { wire: jsonRpc() })
    await expect(client.request('sum', [1, 2, 3])).resolves.toBe(6)
    await expect(client.request('fail')).rejects.toMatchObject({ code: -32050, message: 'No', data: 'because' })
    await expect(client.request('slow')).rejects.toMatchObject({ code: -32601 })
    client.channel('notifications').send('log', ['hello'])
    await vi.waitFor(() => expect(logged).toEqual([['hello']]))
    expect(client.stats.protocolErrors).toBe(0)
  })

  test('answers a batch', async () => {
    const { port, logged } = await serve()
    const client = connectTo(port, { wire: jsonRpc() })
    const [sum, log, failed] = await batch(client, [
      { method: 'sum', params: [1, 2] },
      { event: 'log', data: ['in a batch'] },
      { method: 'fail' },
    ])
    expect(sum).toEqual({ result: 3 })
    expect(log).toBeUndefined()
    expect(failed?.error).toMatchObject({ code: -32050, message: 'No' })
    await expect(batch(client, [{ event: 'log', data: ['alone'] }])).resolves.toEqual([undefined])
    await vi.waitFor(() => expect(logged).toEqual([['in a batch'], ['alone']]))
    expect(client.stats.protocolErrors).toBe(0)
  })

  test('goes on after a cut, and a batch that may run twice with it', async () => {
    const { server, port } = await serve()
    const client = connectTo(port, { wire: jsonRpc() })
    await client.opened()
    let cuts = 0
    server.register('slow', () => {
      if (!cuts++) for (const socket of server.wss.clients) socket.terminate()
      return 'after all'
    })
    await expect(batch(client, [{ method: 'slow' }], { idempotent: true })).resolves.toEqual([{ result: 'after all' }])
    expect(client.stats.reconnects).toBe(1)
  })

  test('its events come by a recipe, after each new connection too', async () => {
    const { server, port } = await serve()
    const client = connectTo(port, { wire: rpcWebsockets() })
    const heard: unknown[] = []
    client.channel('notifications').on('feedUpdated', (data) => heard.push(data))
    const subscribed: unknown[] = []
    client.on('open', async () => subscribed.push(await client.request('rpc.on', ['feedUpdated'])))
    await vi.waitFor(() => expect(subscribed).toEqual([{ feedUpdated: 'ok' }]))
    server.emit('feedUpdated', { id: 1 })
    await vi.waitFor(() => expect(heard).toEqual([{ id: 1 }]))
    for (const socket of server.wss.clients) socket.terminate()
    await vi.waitFor(() => expect(subscribed).toHaveLength(2), 5000)
    server.emit('feedUpdated', { id: 2 })
    await vi.waitFor(() => expect(heard).toEqual([{ id: 1 }, { id: 2 }]))
    expect(client.stats.protocolErrors).toBe(0)
  })
})

class Reader extends AbstractMessageReader {
  constructor(readonly socket: WebSocket) {
    super()
  }
  listen(callback: DataCallback): Disposable {
    const hear = (data: unknown): void => callback(JSON.parse(`${data}`))
    this.socket.on('message', hear).on('close', () => this.fireClose())
    return { dispose: () => this.socket.off('message', hear) }
  }
}

class Writer extends AbstractMessageWriter {
  constructor(readonly socket: WebSocket) {
    super()
  }
  async write(message: Message): Promise<void> {
    this.socket.send(JSON.stringify(message))
  }
  end(): void {}
}

describe('vscode-jsonrpc', () => {
  const serve = async (): Promise<{ port: number; connected: Promise<MessageConnection> }> => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    await once(server, 'listening')
    endings.push(() => {
      for (const socket of server.clients) socket.terminate()
      server.close()
    })
    const connected = once(server, 'connection').then(([socket]) => {
      const connection = createMessageConnection(new Reader(socket), new Writer(socket))
      // After the params, vscode-jsonrpc gives a token.
      connection.onRequest('sum', (...given: unknown[]) => add(given.slice(0, -1)))
      connection.listen()
      endings.push(() => connection.dispose())
      return connection
    })
    return { port: portOf(server), connected }
  }

  test('answers, asks and notifies, and is answered and notified', async () => {
    const { port, connected } = await serve()
    const client = connectTo(port, { wire: jsonRpc() })
    const heard: unknown[] = []
    client.channel('notifications').on('feedUpdated', (data) => heard.push(data))
    client.handle('double', ([number]) => 2 * number)
    const connection = await connected
    const logged: unknown[] = []
    connection.onNotification('log', (text) => void logged.push(text))
    await expect(client.request('sum', [1, 2])).resolves.toBe(3)
    await expect(client.request('fail')).rejects.toMatchObject({ code: -32601 })
    await expect(connection.sendRequest('double', 21)).resolves.toBe(42)
    await expect(connection.sendRequest('missing')).rejects.toMatchObject({ code: -32601 })
    await connection.sendNotification('feedUpdated', { id: 7 })
    client.channel('notifications').send('log', ['hello'])
    await vi.waitFor(() => expect([heard, logged]).toEqual([[{ id: 7 }], ['hello']]))
    expect(client.stats.protocolErrors).toBe(0)
  })

  test('cancels and is cancelled, by a recipe', async () => {
    const { port, connected } = await serve()
    const client: Client<App> = connectTo(port, { wire: cancellable((text) => client.send(text)) })
    let stopped = false
    client.handle('wait', (_, { signal }) => {
      signal.addEventListener('abort', () => (stopped = true))
      return new Promise(() => {})
    })
    const connection = await connected
    const serverStopped = new Promise((resolve) => {
      connection.onRequest('slow', (token) => new Promise(() => token.onCancellationRequested(resolve)))
    })

    const controller = new AbortController()
    const slow = client.request('slow', undefined, { signal: controller.signal })
    await expect(client.request('sum', [1])).resolves.toBe(1)
    controller.abort(new Error('enough'))
    await expect(slow).rejects.toThrow('enough')
    await serverStopped

    const source = new CancellationTokenSource()
    const waiting = connection.sendRequest('wait', source.token)
    await expect(client.request('sum', [2])).resolves.toBe(2)
    source.cancel()
    await expect(waiting).rejects.toMatchObject({ code: -32800 })
    expect(stopped).toBe(true)
    expect(client.stats.protocolErrors).toBe(0)
  })
})
