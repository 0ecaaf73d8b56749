import { once } from 'node:events'
import { createServer as createHttpServer, get, type Server as HttpServer } from 'node:http'
import { createConnection, Server as NetServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createServer } from '../../src/server/index.js'
import { deferred, house, Log, onEnd, open, pass, start, virtualTime } from './support.js'

async function listen(http: HttpServer): Promise<number> {
  http.listen(0, '127.0.0.1')
  onEnd(() => {
    http.close()
    http.closeAllConnections()
  })
  await once(http, 'listening')
  const address = http.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

const statusOf = (url: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    get(url.replace('ws:', 'http:'), (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })

describe('a server with a port of its own', () => {
  it('says its port, and tells plain requests to upgrade', async () => {
    const { url, server } = await start()
    expect(await server.listening()).toBeGreaterThan(0)
    expect(await statusOf(url)).toBe(426)
    await (await open(url)).settle()
  })

  it('takes upgrades on its path alone', async () => {
    const { url } = await start({ path: '/ws' })
    await (await open(`${url}/ws`)).settle()
    await (await open(`${url}/ws?x=1`)).settle()
    await expect(open(`${url}/other`)).rejects.toThrow('404')
    await expect(open(`${url}/ws/`)).rejects.toThrow('404')
  })

  it('rejects and logs when it cannot listen, and can be closed all the same', async () => {
    const { server: first } = await start()
    const log = new Log()
    const port = await first.listening()
    const second = createServer({ port, host: '127.0.0.1', logger: log })
    await expect(second.listening()).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(log.errors).toMatchObject([['holdfast: the HTTP server failed', { code: 'EADDRINUSE' }]])
    await second.close()
  })

  it('logs a failure of the server that listens, and goes on', async () => {
    const listen = vi.spyOn(NetServer.prototype, 'listen')
    const { url, log } = await start()
    const failure = new Error('EMFILE: too many open files')
    const http: unknown = listen.mock.contexts[0]
    listen.mockRestore()
    if (!(http instanceof NetServer)) throw new Error('no server listens')
    http.emit('error', failure)
    expect(log.errors).toEqual([['holdfast: the HTTP server failed', failure]])
    await (await open(url)).settle()
  })

  it('survives a client that resets its connection in the midst of a refusal', async () => {
    const { url, server } = await start({ path: '/ws' })
    const socket = createConnection(await server.listening(), '127.0.0.1')
    socket.write('GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    socket.resetAndDestroy()
    await once(socket, 'close')
    await (await open(`${url}/ws`)).settle()
  })

  it('reports through console unless told otherwise', async () => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue()
    const error = vi.spyOn(console, 'error').mockReturnValue()
    const failure = new Error('x')
    const server = createServer({ port: 0, requests: { fail: () => Promise.reject(failure) } })
    onEnd(() => server.close())
    const page = await open(`ws://127.0.0.1:${await server.listening()}`)
    page.send('{"id":{},"method":"x"}')
    await page.ask({ id: 1, method: 'fail' })
    expect(warn).toHaveBeenCalledExactlyOnceWith('holdfast: client 1 broke the protocol: a malformed frame')
    expect(error).toHaveBeenCalledExactlyOnceWith('holdfast: the request fail failed', failure)
    vi.restoreAllMocks()
  })
})

describe('a server on the HTTP server of an app', () => {
  it('leaves requests and upgrades of other paths alone, and the server open at its end', async () => {
    const http = createHttpServer((_request, response) => response.end('mine'))
    const other = new WebSocketServer({ noServer: true })
    http.on('upgrade', (request, socket, head) => {
      if (request.url === '/other')
        other.handleUpgrade(request, socket, head, (ws) => ws.on('message', () => ws.send('other')))
    })
    const port = await listen(http)
    const server = createServer({ server: http, path: '/ws', logger: new Log() })
    expect(await server.listening()).toBe(port)
    const url = `ws://127.0.0.1:${port}`
    await (await open(`${url}/ws`)).settle()
    const page = await open(`${url}/other`)
    expect(await page.ask('hello')).toBe('other')
    expect(await statusOf(url)).toBe(200)

    await server.close({ graceMs: 0 })
    expect(http.listenerCount('upgrade')).toBe(1)
    expect(await statusOf(url)).toBe(200)
    expect(await page.ask('hello')).toBe('other')
  })

  it('answers 404 for other paths where nobody else would', async () => {
    const http = createHttpServer()
    const port = await listen(http)
    const server = createServer({ server: http, path: '/ws' })
    onEnd(() => server.close())
    await expect(open(`ws://127.0.0.1:${port}/other`)).rejects.toThrow('404')
  })

  it('waits until that listens, and stops waiting when it is closed', async () => {
    const http = createHttpServer()
    const log = new Log()
    const early = createServer({ server: http, logger: log })
    const never = createServer({ server: createHttpServer(), logger: log })
    const listening = early.listening()
    expect(await listen(http)).toBe(await listening)
    await early.close()
    await never.close()
    await expect(never.listening()).rejects.toMatchObject({ name: 'AbortError' })
    expect(log.errors).toEqual([])
  })

  it('works on a pipe, which has no port', async () => {
    const http = createHttpServer()
    const path = join(tmpdir(), `holdfast-${process.pid}-${Date.now()}.sock`)
    http.listen(path)
    onEnd(() => http.close())
    await once(http, 'listening')
    const server = createServer({ server: http })
    onEnd(() => server.close({ graceMs: 0 }))
    expect(await server.listening()).toBe(0)
    await (await open(`ws+unix:${path}:/`)).settle()
  })
})

describe('close', () => {
  it('P7.1 tells each client when to come back, aborts what runs, and frees the port', async () => {
    const aborted = deferred<unknown>()
    const left: unknown[] = []
    const { url, server } = await start({
      requests: {
        wait: (_params, { signal }) => {
          signal.addEventListener('abort', () => aborted.resolve(signal.reason.name))
          return new Promise(() => {})
        },
      },
      onDisconnect: (client, code, reason) => left.push([client.id, code, reason]),
    })
    const pages = [await open(url), await open(url)]
    pages[0]?.send({ id: 1, method: 'wait' })
    for (const page of pages) await page.settle()

    await server.close({ windowMs: 30_000 })
    const goodbye = { code: 1012, reason: 'restart retry=0-30000' }
    expect(await Promise.all(pages.map((page) => page.closed))).toEqual([goodbye, goodbye])
    expect(await aborted.promise).toBe('AbortError')
    expect(left).toEqual([
      [1, 1012, 'restart retry=0-30000'],
      [2, 1012, 'restart retry=0-30000'],
    ])
    expect(server.metrics()).toMatchObject({ connections: 0, openRequests: 0, connectionsTotal: 2 })
    await expect(open(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('gives the promise of the first call to the second, and refuses nonsense', async () => {
    const { server } = await start()
    expect(() => server.close({ windowMs: -1 })).toThrow('windowMs')
    expect(() => server.close({ graceMs: Number.NaN })).toThrow('graceMs')
    const first = server.close()
    expect(server.close({ windowMs: 1 })).toBe(first)
    await first
  })

  it('P7.1 sends away who comes while it waits for the others, and cuts them all in the end', async () => {
    const http = createHttpServer()
    const url = `ws://127.0.0.1:${await listen(http)}`
    const server = createServer({ server: http, logger: new Log() })
    const deaf = new WebSocket(url)
    onEnd(() => deaf.terminate())
    await once(deaf, 'open')
    // It answers no close: the closing handshake of ws needs a socket that reads.
    deaf.pause()
    const closed = server.close({ windowMs: 100, graceMs: 300, reason: 'new version' })
    const late = await open(url)
    expect(await late.closed).toEqual({ code: 1012, reason: 'new version retry=0-100' })
    expect(server.metrics().refused).toBe(1)
    await closed
  })

  it('stops listening at once, so that a successor can take the port while clients go', async () => {
    const { url, server } = await start()
    const deaf = new WebSocket(url)
    onEnd(() => deaf.terminate())
    await once(deaf, 'open')
    deaf.pause()
    const port = await server.listening()
    const closed = vi.fn()
    void server.close({ windowMs: 0, graceMs: 1_000 }).then(closed)
    const successor = createServer({ port, host: '127.0.0.1', logger: new Log() })
    onEnd(() => successor.close({ windowMs: 0, graceMs: 0 }))
    await successor.listening()
    await (await open(url)).settle()
    expect(closed).not.toHaveBeenCalled()
    expect(successor.metrics().connectionsTotal).toBe(1)
  })

  it('waits neither for a request that never ends, nor for a refused client that does not hang up', async () => {
    const { server } = await start({ path: '/ws' })
    const port = await server.listening()
    const slow = createConnection(port, '127.0.0.1')
    slow.write('GET / HTTP/1.1\r\n')
    const refused = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true })
    onEnd(() => refused.destroy())
    refused.write('GET /other HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    const [answer] = await once(refused, 'data')
    expect(String(answer)).toContain('404')
    const cut = once(slow, 'close')
    await server.close()
    await cut
  })

  it('comes after the listening that it interrupts', async () => {
    const server = createServer({ port: 0, host: 'localhost' })
    const closed = server.close()
    const port = await server.listening()
    await closed
    await expect(open(`ws://localhost:${port}`)).rejects.toThrow('ECONNREFUSED')
  })
})

describe('close without a network', () => {
  virtualTime()

  it('waits no longer than graceMs, and leaves no timer', async () => {
    const { hub, join } = house({ auth: () => new Promise(() => {}), pingIntervalMs: 1_000 })
    const greeting = join().socket
    const goodbye = { windowMs: 5_000, graceMs: 2_000, reason: 'restart' }
    const done = vi.fn()
    void hub.close(goodbye).then(done)
    expect(greeting.closed).toEqual({ code: 1012, reason: 'restart retry=0-5000' })
    await pass(1_999)
    expect(done).not.toHaveBeenCalled()
    await pass(1)
    expect(done).toHaveBeenCalledOnce()
    expect(greeting.terminated).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends as soon as the last socket has closed', async () => {
    const { hub, join } = house()
    const sockets = [join().socket, join().socket]
    const done = vi.fn()
    void hub.close({ windowMs: 0, graceMs: 2_000, reason: 'restart' }).then(done)
    sockets[0]?.end(1012)
    await pass(0)
    expect(done).not.toHaveBeenCalled()
    sockets[1]?.end(1012)
    await pass(0)
    expect(done).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('clients', () => {
  it('come and go with onConnect and onDisconnect, whose throws are logged', async () => {
    const told: unknown[] = []
    const { url, log, server } = await start({
      onConnect: (client) => {
        told.push(['in', client.id, server.clients.has(client)])
        client.sendRaw('welcome')
        throw new Error('connect')
      },
      onDisconnect: (client, code, reason) => {
        told.push(['out', client.id, code, reason, server.clients.has(client)])
        throw new Error('disconnect')
      },
    })
    const page = await open(url)
    expect(await page.ask('pong')).toBe('welcome')
    await page.close()
    await vi.waitFor(() => expect(log.errors).toHaveLength(2))
    expect(told).toEqual([
      ['in', 1, true],
      ['out', 1, 1005, '', false],
    ])
    expect(log.errors).toEqual([
      ['holdfast: onConnect threw', new Error('connect')],
      ['holdfast: onDisconnect threw', new Error('disconnect')],
    ])
  })

  it('P7.1 are closed with a code, a reason that fits, and a window', async () => {
    const { url, server } = await start({
      onConnect: (client) => client.close(1013, 'é'.repeat(100), { minMs: 1, maxMs: 9 }),
    })
    const page = await open(url)
    page.send('pong')
    expect(await page.closed).toEqual({ code: 1013, reason: `${'é'.repeat(56)} retry=1-9` })
    expect(server.clients.size).toBe(0)
  })

  it('are closed with 1000 unless told otherwise, once', () => {
    const { join } = house()
    const { socket, client } = join()
    client?.close()
    client?.close(4000)
    expect(socket.closed).toEqual({ code: 1000, reason: '' })
  })

  it.each([999, 1004, 1005, 1006, 1015, 2999, 5000, 1000.5, Number.NaN])('refuse to be closed with %d', (code) => {
    const { join } = house()
    const { socket, client } = join()
    expect(() => client?.close(code)).toThrow('code: expected')
    expect(socket.closed).toBeUndefined()
  })
})

describe('metrics', () => {
  it('are plain numbers', async () => {
    const { url, server } = await start({ requests: { sum: () => 3 } })
    expect(Object.values(server.metrics()).every((value) => value === 0)).toBe(true)
    const page = await open(url)
    await page.ask({ id: 1, method: 'sum' })
    expect(server.metrics()).toEqual({
      connections: 1,
      connectionsTotal: 1,
      contractSkews: 0,
      refused: 0,
      messagesIn: 1,
      messagesOut: 2,
      bytesIn: '{"id":1,"method":"sum"}'.length,
      bytesOut: 'ping 15000{"id":1,"result":3}'.length,
      openRequests: 0,
      requests: 1,
      errors: 0,
      protocolErrors: 0,
      tooMany: 0,
      tooSlow: 0,
      timedOut: 0,
      channels: 0,
      sessions: 0,
      sessionsDetached: 0,
      sessionsTotal: 0,
      sessionsResumed: 0,
      sessionsExpired: 0,
      sessionsOverflowed: 0,
      sessionsEvicted: 0,
      sessionsRevoked: 0,
      sessionBytes: 0,
      messagesReplayed: 0,
      duplicates: 0,
    })
  })
})
