import { once } from 'node:events'
import { createConnection } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { FakeSocket, house, onEnd, open, pass, start, upgrade, virtualTime } from './support.js'

describe('messages of one client', () => {
  virtualTime()

  it('P8.1 pass as ten times their rate at once, and then at their rate; more closes with 4429', async () => {
    const onMessage = vi.fn()
    const { join, hub } = house({ onMessage, sessions: false, limits: { messagesPerSecond: 2 } })
    const { socket, client } = join()
    const send = (count: number) => {
      for (let i = 0; i < count; i++) socket.receive('x')
    }
    send(20)
    await pass(2_500)
    send(5)
    await pass(60_000)
    expect(socket.terminated).toBe(true)

    const next = join().socket
    for (let i = 0; i < 21; i++) next.receive('x')
    expect(onMessage).toHaveBeenCalledTimes(45)
    expect(next.closed).toEqual({ code: 4429, reason: 'too many messages retry=0-5000' })
    expect(client?.signal.aborted).toBe(true)
    expect(hub.metrics()).toMatchObject({ tooMany: 1, messagesIn: 46, bytesIn: 46 })
    next.receive('x')
    expect(onMessage).toHaveBeenCalledTimes(45)
  })

  it('P8.1 are limited before auth too', () => {
    const { join } = house({ auth: () => 1, limits: { messagesPerSecond: 1 } })
    const { socket } = join()
    for (let i = 0; i < 11; i++) socket.receive('ping')
    expect(socket.closed?.code).toBe(4429)
  })
})

describe('a message too large', () => {
  it('P8.1 closes with 1009, and the server goes on', async () => {
    const { url, server, log } = await start({ limits: { maxPayload: 100 } })
    const page = await open(url)
    page.send('x'.repeat(101))
    expect((await page.closed).code).toBe(1009)
    expect(server.metrics().protocolErrors).toBe(1)
    expect(log.warnings).toEqual(['holdfast: client 1 broke the protocol: Max payload size exceeded'])
    await (await open(url)).settle()
  })
})

describe('a slow reader', () => {
  it('P8.1 P7.1 is closed with 1013 and told when to come back, and the others are served', async () => {
    const { url, server } = await start({ channels: { news: {} }, limits: { maxBufferedBytes: 100_000 } })
    const [slow, quick] = [await open(url), await open(url)]
    for (const page of [slow, quick]) await page.ask({ id: 1, method: 'join', params: { channel: 'news' } })
    slow.stall()
    const headline = 'x'.repeat(100_000)
    let heard = 0
    // The kernel takes some megabytes before anything waits in the server.
    while (server.metrics().tooSlow === 0) {
      server.broadcast('news', 'headline', headline)
      await quick.next()
      heard += 1
    }
    expect(heard).toBeLessThan(1_000)
    expect([...server.clients].map((client) => client.id)).toEqual([2])
    slow.resume()
    expect(await slow.closed).toEqual({ code: 1013, reason: 'too slow retry=0-5000' })
    await quick.settle()
  })
})

describe('connections', () => {
  it('P1.3 P7.1 in excess are taken, and told 1013 and when to come back', async () => {
    const { url, server } = await start({ limits: { maxConnections: 1 } })
    const first = await open(url)
    await first.settle()
    const second = await open(url)
    expect(await second.closed).toEqual({ code: 1013, reason: 'too many connections retry=0-5000' })
    expect(server.metrics()).toMatchObject({ connections: 1, connectionsTotal: 1, refused: 1 })

    await first.close()
    await vi.waitFor(() => expect(server.clients.size).toBe(0))
    await (await open(url)).settle()
  })

  it('P1.3 in excess from one address are told so, others may come', async () => {
    const { url, server } = await start({
      limits: { maxConnectionsPerAddress: 2 },
      address: (request) => String(request.headers['x-real-ip']),
    })
    const from = (address: string) => open(url, { 'x-real-ip': address })
    const pages = [await from('a'), await from('a'), await from('b')]
    for (const page of pages) await page.settle()
    expect((await (await from('a')).closed).code).toBe(1013)

    await pages[0]?.close()
    await vi.waitFor(() => expect(server.clients.size).toBe(2))
    await (await from('a')).settle()
    expect((await (await from('a')).closed).code).toBe(1013)
  })

  it('are counted by the address of the socket, unless told otherwise', async () => {
    const { url, server } = await start({ limits: { maxConnectionsPerAddress: 1 } })
    const page = await open(url)
    await page.settle()
    expect([...server.clients].map((client) => client.address)).toEqual(['127.0.0.1'])
    expect((await (await open(url)).closed).code).toBe(1013)
  })

  it('are refused with 503 when even the refused are too many', async () => {
    const { url, server } = await start({ limits: { maxConnections: 1 } })
    await (await open(url)).settle()
    // Deaf: it never answers the close that refuses it, and so it stays.
    const deaf = createConnection(Number(new URL(url).port), '127.0.0.1')
    onEnd(() => deaf.destroy())
    deaf.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n')
    deaf.write('Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n')
    await once(deaf, 'data')
    await expect(open(url)).rejects.toThrow('503')
    expect(server.metrics().refused).toBe(1)
  })
})

describe('a socket that does not close', () => {
  virtualTime()

  it('is cut after a while, and gives its place back', async () => {
    const onDisconnect = vi.fn()
    const { join, hub } = house({ onDisconnect, limits: { maxConnections: 1 } })
    const { socket, client } = join()
    client?.close(4000, 'bye')
    expect(socket.closed).toEqual({ code: 4000, reason: 'bye' })
    const refused = join().socket
    expect(refused.closed?.code).toBe(1013)

    await pass(4_999)
    expect([socket.terminated, refused.terminated]).toEqual([false, false])
    await pass(1)
    expect([socket.terminated, refused.terminated]).toEqual([true, true])
    socket.end()
    refused.end()
    expect(onDisconnect).toHaveBeenCalledExactlyOnceWith(client, 4000, 'bye')
    expect(join().socket.closed).toBeUndefined()
    expect(join().socket.closed?.code).toBe(1013)
    expect(hub.clients.size).toBe(1)
  })

  it('is cut too after it broke WebSocket itself', async () => {
    const { join, hub } = house({ pingIntervalMs: 60_000 })
    const { socket } = join()
    socket.fail(new Error('invalid UTF-8'))
    await pass(5_000)
    expect(socket.terminated).toBe(true)
    expect(hub.metrics()).toMatchObject({ protocolErrors: 1, connections: 0 })
  })

  it('is heard no more, and told no more', () => {
    const onMessage = vi.fn()
    const { join, hub } = house({ onMessage, sessions: false, limits: { maxConnections: 1 } })
    const { socket, client } = join()
    const refused = join().socket
    client?.close()
    socket.receive('x')
    const sent = socket.sent.length
    client?.sendRaw('x')
    client?.send('chat', 'message', 'x')
    expect(socket.sent).toHaveLength(sent)
    refused.receive('x')
    refused.fail(new Error('invalid UTF-8'))
    expect(onMessage).not.toHaveBeenCalled()
    expect(hub.metrics()).toMatchObject({ messagesIn: 0, protocolErrors: 0 })
  })
})

describe('origins', () => {
  const refused = { code: 4403, reason: 'origin not allowed' }
  const closeFor = (origins: object, headers: Record<string, string>) => {
    const { hub, log } = house(origins)
    const socket = new FakeSocket()
    hub.accept(socket, upgrade(headers))
    return { closed: socket.closed, log }
  }

  it.each([
    [{ host: 'example.com' }, true],
    [{ host: 'example.com', origin: 'https://example.com' }, true],
    [{ host: 'example.com:8080', origin: 'http://example.com:8080' }, true],
    [{ host: 'example.com', origin: 'https://evil.example' }, false],
    [{ host: 'example.com', origin: 'https://example.com.evil.example' }, false],
    [{ host: 'example.com:8080', origin: 'https://example.com' }, false],
    [{ host: 'example.com', origin: 'null' }, false],
    [{ host: 'example.com', origin: '' }, false],
  ])('by default are those of the same host: %j', (headers, mayConnect) => {
    expect(closeFor({}, headers).closed).toEqual(mayConnect ? undefined : refused)
  })

  it('may be listed, chosen by a function, or all', () => {
    const headers = { host: 'api.example.com', origin: 'https://example.com' }
    expect(closeFor({ origins: ['https://example.com'] }, headers).closed).toBeUndefined()
    expect(closeFor({ origins: ['https://example.org'] }, headers).closed).toEqual(refused)
    expect(closeFor({ origins: '*' }, headers).closed).toBeUndefined()
    const ofCompany = (origin: string) => origin.endsWith('.com')
    expect(closeFor({ origins: ofCompany }, headers).closed).toBeUndefined()
    expect(closeFor({ origins: ofCompany }, { ...headers, origin: 'https://example.org' }).closed).toEqual(refused)
  })

  it('whose check throws let nobody in, and are logged', () => {
    const fail = () => {
      throw new Error('no list')
    }
    const { closed, log } = closeFor({ origins: fail }, { host: 'a', origin: 'https://a' })
    expect(closed).toEqual({ code: 1011, reason: 'internal error' })
    expect(log.errors).toEqual([['holdfast: origins or address threw', new Error('no list')]])
  })

  it('P1.3 are told to the page by a close, not by a refused upgrade', async () => {
    const { url, server } = await start()
    const page = await open(url, { origin: 'https://evil.example' })
    expect(await page.closed).toEqual(refused)
    expect(server.metrics()).toMatchObject({ refused: 1, connectionsTotal: 0 })
  })
})
