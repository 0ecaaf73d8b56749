import { describe, expect, it, vi } from 'vitest'
import { jsonWire } from '../../src/protocol/wire.js'
import { RemoteError } from '../../src/server/index.js'
import type { ServerContext } from '../../src/server/public.js'
import { deferred, house, open, pass, start, virtualTime } from './support.js'

const join = (id: number, channel: unknown, params?: unknown) => ({ id, method: 'join', params: { channel, params } })
const leave = (id: number, channel: string) => ({ id, method: 'leave', params: { channel } })
const event = (channel: string, data: unknown, name = 'message') => ({ channel, event: name, data })

describe('join and leave', () => {
  it('P6.2 let a client in with the answer of the hook, and out again', async () => {
    const left = vi.fn()
    const { server, url } = await start({
      channels: {
        chat: {
          join: (params, { client }) => ({ params, client: client.id }),
          leave: ({ client }) => left(client.id),
        },
      },
    })
    const page = await open(url)
    expect(await page.ask(join(1, 'chat', { as: 'ada' }))).toEqual({
      id: 1,
      result: { params: { as: 'ada' }, client: 1 },
    })
    const [client] = server.clients
    expect([...server.members('chat')]).toEqual([client])
    expect([...(client?.channels ?? [])]).toEqual(['chat'])
    expect(server.metrics().channels).toBe(1)

    expect(await page.ask(leave(2, 'chat'))).toEqual({ id: 2, result: null })
    expect(server.members('chat').size).toBe(0)
    expect(server.metrics().channels).toBe(0)
    expect(left).toHaveBeenCalledExactlyOnceWith(1)
    expect(await page.ask(leave(3, 'chat'))).toEqual({ id: 3, result: null })
    expect(left).toHaveBeenCalledOnce()
  })

  it('P6.2 let everybody in without a hook', async () => {
    const { server, url } = await start({ channels: { chat: {} } })
    const page = await open(url)
    expect(await page.ask(join(1, 'chat'))).toEqual({ id: 1, result: null })
    expect(await page.ask({ id: 2, method: 'join', params: { channel: 'chat' } })).toEqual({ id: 2, result: null })
    expect(server.members('chat').size).toBe(1)
  })

  it('P6.2 refuse with the words of the hook', async () => {
    const { server, url } = await start({
      channels: {
        chat: {
          join: () => {
            throw new RemoteError({ code: 'members_only', message: 'Ask for an invitation.' })
          },
        },
      },
    })
    const page = await open(url)
    expect(await page.ask(join(1, 'chat'))).toEqual({
      id: 1,
      error: { code: 'members_only', message: 'Ask for an invitation.' },
    })
    expect(server.members('chat').size).toBe(0)
  })

  it('P6.2 let out a member whom a second join refuses', async () => {
    let open_ = true
    const leave = vi.fn()
    const { server, url } = await start({
      channels: {
        chat: {
          join: () => {
            if (!open_) throw new RemoteError({ code: 'full', message: 'Full.' })
          },
          leave,
        },
      },
    })
    const page = await open(url)
    await page.ask(join(1, 'chat'))
    open_ = false
    expect(await page.ask(join(2, 'chat'))).toMatchObject({ error: { code: 'full' } })
    await page.settle()
    expect(server.members('chat').size).toBe(0)
    expect(leave).toHaveBeenCalledTimes(1)
  })

  it.each(['lobby', '__proto__', 'constructor'])('refuse the unknown channel %s', async (channel) => {
    const { server, url } = await start({ channels: { chat: {} } })
    const page = await open(url)
    expect(await page.ask(join(1, channel))).toMatchObject({ id: 1, error: { code: 'NO_SUCH_CHANNEL' } })
    page.send(event(channel, 1))
    await page.settle()
    expect(server.metrics().channels).toBe(0)
  })

  it.each([[{ channel: 5 }], [{}], [null], ['chat'], [undefined]])('refuse the params %j', async (params) => {
    const { url } = await start({ channels: { chat: {} } })
    const page = await open(url)
    for (const method of ['join', 'leave']) {
      expect(await page.ask({ id: 1, method, params })).toEqual({
        id: 1,
        error: { code: -32602, message: 'channel: expected a string' },
      })
    }
  })

  it('P8.1 refuse one channel more than maxChannels, joins under way included', async () => {
    const decided = deferred()
    const { url } = await start({
      channels: { a: {}, b: { join: () => decided.promise }, c: {} },
      limits: { maxChannels: 2 },
    })
    const page = await open(url)
    await page.ask(join(1, 'a'))
    page.send(join(2, 'b'))
    expect(await page.ask(join(3, 'c'))).toMatchObject({ id: 3, error: { code: 'TOO_MANY_CHANNELS' } })
    decided.resolve()
    expect(await page.next()).toEqual({ id: 2, result: null })
    await page.ask(leave(4, 'a'))
    expect(await page.ask(join(5, 'c'))).toEqual({ id: 5, result: null })
  })

  it('P8.1 take no place for a join that was refused', async () => {
    const no = () => {
      throw new RemoteError({ code: 'no', message: 'No.' })
    }
    const { url } = await start({ channels: { a: { join: no }, b: {} }, limits: { maxChannels: 1 } })
    const page = await open(url)
    expect(await page.ask(join(1, 'a'))).toMatchObject({ error: { code: 'no' } })
    expect(await page.ask(join(2, 'b'))).toEqual({ id: 2, result: null })
  })

  it('take the members out when their connection is gone, and tell the app in order', async () => {
    const told: string[] = []
    const { server, url } = await start({
      channels: {
        chat: {
          leave: ({ client, signal }) => {
            told.push(`leave ${client.channels.size} ${server.members('chat').size} ${signal.aborted}`)
          },
        },
      },
      onDisconnect: (client, code, reason) => told.push(`gone ${client.id} ${code} ${reason}`),
    })
    const page = await open(url)
    await page.ask(join(1, 'chat'))
    await page.close()
    await vi.waitFor(() => expect(told).toEqual(['leave 0 0 true', 'gone 1 1005 ']))
    expect(server.clients.size).toBe(0)
  })

  it.each([
    ['cancels', (socket: { receive(frame: object): void }) => socket.receive({ id: 1, cancel: true })],
    ['goes', (socket: { end(): void }) => socket.end()],
  ])('show the leaving of a client that was let in after it %s', async (_what, change) => {
    const decided = deferred()
    const left = vi.fn()
    const { hub, join: enter } = house({ channels: { chat: { join: () => decided.promise, leave: left } } })
    const { socket } = enter()
    socket.receive(join(1, 'chat'))
    change(socket)
    expect(left).not.toHaveBeenCalled()
    decided.resolve()
    await vi.waitFor(() => expect(left).toHaveBeenCalledOnce())
    expect(hub.book.members('chat').size).toBe(0)
    expect(socket.frames).toEqual([])
  })

  it('P4.5 ask no hook for a join that was cancelled while it waited for another', async () => {
    const decided = deferred()
    const hook = vi.fn(() => decided.promise)
    const { hub, join: enter } = house({ channels: { chat: { join: hook } } })
    const { socket } = enter()
    socket.receive(join(1, 'chat', 'first'))
    socket.receive(join(2, 'chat', 'second'))
    socket.receive(join(3, 'chat', 'third'))
    socket.receive({ id: 2, cancel: true })
    decided.resolve()
    await vi.waitFor(() =>
      expect(socket.frames).toEqual([
        { id: 1, result: null },
        { id: 3, result: null },
      ]),
    )
    expect(hook.mock.calls.map(([params]: unknown[]) => params)).toEqual(['first', 'third'])
    expect(hub.metrics().protocolErrors).toBe(0)
  })

  it('keep a member that cancels a second join', async () => {
    const decided = deferred()
    let joins = 0
    const left = vi.fn()
    const { hub, join: enter } = house({
      channels: { chat: { join: () => (++joins > 1 ? decided.promise : undefined), leave: left } },
    })
    const { socket } = enter()
    socket.receive(join(1, 'chat'))
    socket.receive(join(2, 'chat'))
    await new Promise(setImmediate)
    socket.receive({ id: 2, cancel: true })
    decided.resolve()
    await new Promise(setImmediate)
    expect(hub.book.members('chat').size).toBe(1)
    expect(left).not.toHaveBeenCalled()
  })
})

describe('events of clients', () => {
  it('reach the handler with their data and context; others are passed to no one', async () => {
    const heard: [unknown, ServerContext][] = []
    const { server, url, log } = await start({
      channels: {
        chat: { on: { message: (data, context) => void heard.push([data, context]) } },
        quiet: {},
      },
    })
    const page = await open(url)
    await page.ask(join(1, 'chat'))
    await page.ask(join(2, 'quiet'))
    page.send(event('chat', { text: 'hi' }))
    page.send({ channel: 'chat', event: 'message' })
    page.send(event('chat', 1, 'unknown'))
    page.send(event('chat', 1, '__defineGetter__'))
    page.send(event('quiet', 1))
    await page.settle()
    expect(heard.map(([data]) => data)).toEqual([{ text: 'hi' }, undefined])
    expect(heard[0]?.[1].client).toBe([...server.clients][0])
    expect(log.errors).toEqual([])
    expect(server.metrics().protocolErrors).toBe(0)
  })

  it('P6.4 are ignored on a channel that the client is not in', async () => {
    const message = vi.fn()
    const { url } = await start({
      channels: {
        chat: {
          on: { message },
          join: () => {
            throw new RemoteError({ code: 'no', message: 'No.' })
          },
        },
      },
    })
    const page = await open(url)
    page.send(event('chat', 'before'))
    await page.ask(join(1, 'chat'))
    page.send(event('chat', 'after'))
    await page.settle()
    expect(message).not.toHaveBeenCalled()
  })

  it('P2.5 P6.4 wait for the answer to the join, while everything else goes on', async () => {
    const decided = deferred<string>()
    const order: unknown[] = []
    const { url } = await start({
      channels: {
        slow: { join: () => decided.promise, on: { message: (data) => void order.push(data) } },
        fast: { on: { message: (data) => void order.push(data) } },
      },
      requests: { now: () => order.push('request') },
    })
    const page = await open(url)
    await page.ask(join(1, 'fast'))
    page.send(join(2, 'slow'))
    page.send(event('slow', 'slow 1'))
    page.send(event('slow', 'slow 2'))
    page.send(event('fast', 'fast'))
    expect(await page.ask({ id: 3, method: 'now' })).toEqual({ id: 3, result: 2 })
    expect(order).toEqual(['fast', 'request'])
    decided.resolve('welcome')
    expect(await page.next()).toEqual({ id: 2, result: 'welcome' })
    await page.settle()
    expect(order).toEqual(['fast', 'request', 'slow 1', 'slow 2'])
  })

  it('P2.5 are handled one after another by a slow handler, and their leaving last', async () => {
    const steps: (() => void)[] = []
    const order: string[] = []
    const { url } = await start({
      channels: {
        chat: {
          on: {
            message: async (data) => {
              order.push(`begin ${data}`)
              await new Promise<void>((resolve) => steps.push(resolve))
              order.push(`end ${data}`)
            },
            note: (data) => void order.push(`note ${data}`),
          },
          leave: () => void order.push('leave'),
        },
      },
    })
    const page = await open(url)
    await page.ask(join(1, 'chat'))
    page.send(event('chat', 1))
    page.send(event('chat', 2, 'note'))
    page.send(event('chat', 3))
    await page.settle()
    await page.close()
    await vi.waitFor(() => expect(steps).toHaveLength(1))
    steps.shift()?.()
    await vi.waitFor(() => expect(steps).toHaveLength(1))
    steps.shift()?.()
    await vi.waitFor(() => expect(order).toEqual(['begin 1', 'end 1', 'note 2', 'begin 3', 'end 3', 'leave']))
  })

  it('go on after a handler that threw, now or later; both are logged', async () => {
    const { url, log } = await start({
      channels: {
        chat: {
          on: {
            now: () => {
              throw new Error('now')
            },
            later: () => Promise.reject(new Error('later')),
          },
        },
      },
    })
    const page = await open(url)
    await page.ask(join(1, 'chat'))
    page.send(event('chat', 1, 'now'))
    page.send(event('chat', 1, 'later'))
    await page.settle()
    await vi.waitFor(() =>
      expect(log.errors).toEqual([
        ['holdfast: chat.on.now threw', new Error('now')],
        ['holdfast: chat.on.later threw', new Error('later')],
      ]),
    )
  })

  it('P8.1 may not wait in any number: the client is closed with 4429', () => {
    const { hub, join: enter } = house({
      channels: { chat: { join: () => new Promise(() => {}), on: { message: () => {} } } },
      limits: { maxBufferedBytes: 1_000 },
    })
    const { socket } = enter()
    socket.receive(join(1, 'chat'))
    socket.receive(event('chat', 'x'.repeat(900)))
    expect(socket.closed).toBeUndefined()
    socket.receive(event('chat', 'x'.repeat(100)))
    expect(socket.closed).toEqual({ code: 4429, reason: 'too many messages waiting retry=0-5000' })
    expect(hub.metrics().tooMany).toBe(1)
  })
})

describe('events that wait', () => {
  virtualTime()

  it('P8.1 count no more once they were handled', async () => {
    const { join: enter } = house({
      channels: { chat: { on: { message: () => new Promise((resolve) => setTimeout(resolve, 10)) } } },
      limits: { maxBufferedBytes: 1_000 },
    })
    const { socket } = enter()
    socket.receive(join(1, 'chat'))
    for (let i = 0; i < 20; i++) {
      socket.receive(event('chat', 'x'.repeat(400)))
      socket.receive(event('chat', 'x'.repeat(400)))
      await pass(20)
    }
    expect(socket.closed).toBeUndefined()
  })
})

describe('raw messages', () => {
  it('P1.2 P2.3 reach onMessage as they came, one after another', async () => {
    const heard: unknown[] = []
    const first = deferred()
    const { url, server } = await start({
      onMessage: async (data, { client, signal }) => {
        if (heard.length === 0) await first.promise
        heard.push([data, client.id, signal.aborted])
      },
    })
    const page = await open(url)
    page.send('hello')
    page.send({ some: 'object' })
    page.send('{broken')
    page.send('[1]')
    page.send(new Uint8Array([1, 2, 3]))
    await page.settle()
    expect(heard).toEqual([])
    first.resolve()
    await vi.waitFor(() => expect(heard).toHaveLength(5))
    expect(heard).toEqual(
      ['hello', '{"some":"object"}', '{broken', '[1]', new Uint8Array([1, 2, 3])].map((data) => [data, 1, false]),
    )
    expect(server.metrics().protocolErrors).toBe(0)
  })

  it('P2.3 are no error without onMessage', async () => {
    const { url } = await start()
    const page = await open(url)
    page.send('hello')
    await page.settle()
  })

  it('P1.2 go out as text and as bytes', async () => {
    const { url, server } = await start()
    const page = await open(url)
    await page.settle()
    const [client] = server.clients
    client?.sendRaw('hello')
    expect(await page.next()).toBe('hello')
    client?.sendRaw(new Uint8Array([1, 2, 3]))
    expect(await page.next()).toEqual(Buffer.from([1, 2, 3]))
  })
})

describe('events of the server', () => {
  it('P6.1 reach every member but the excepted one, in order', async () => {
    const { server, url } = await start({
      channels: {
        chat: {
          on: {
            message: (data, { client }) => {
              server.broadcast('chat', 'message', data, { except: client })
              server.broadcast('chat', 'seen', data)
            },
          },
        },
      },
    })
    const [ada, grace, other] = [await open(url), await open(url), await open(url)]
    await ada.ask(join(1, 'chat'))
    await grace.ask(join(1, 'chat'))
    ada.send(event('chat', 'hi'))
    expect(await grace.next()).toEqual(event('chat', 'hi'))
    expect(await grace.next()).toEqual(event('chat', 'hi', 'seen'))
    expect(await ada.next()).toEqual(event('chat', 'hi', 'seen'))
    await other.settle()
    expect(server.broadcast('chat', 'message', 'all')).toBe(2)
    expect(server.broadcast('empty', 'message', 'all')).toBe(0)
  })

  it('P6.1 reach one client alone, joined or not', async () => {
    const { server, url } = await start({ channels: { chat: {} } })
    const page = await open(url)
    await page.settle()
    const [client] = server.clients
    client?.send('chat', 'message', 'only you')
    expect(await page.next()).toEqual(event('chat', 'only you'))
    await page.close()
    await vi.waitFor(() => expect(client?.signal.aborted).toBe(true))
    client?.send('chat', 'message', 'nobody')
  })

  it('are encoded once for all members', async () => {
    const encode = vi.fn(jsonWire.encode)
    const { hub, join: enter } = house({ channels: { chat: {} }, wire: { ...jsonWire, encode } })
    const sockets = Array.from({ length: 5 }, () => enter().socket)
    for (const socket of sockets) socket.receive(join(1, 'chat'))
    await new Promise(setImmediate)
    encode.mockClear()
    expect(hub.broadcast('chat', 'message', 'hi')).toBe(5)
    expect(encode).toHaveBeenCalledOnce()
    const last = sockets.map((socket) => socket.sent.at(-1))
    expect(new Set(last.map((message) => message?.bytes)).size).toBe(1)
    expect(last.every((message) => message?.binary === false)).toBe(true)
  })

  it('travel as text, though they were encoded before', async () => {
    const { server, url } = await start({ channels: { chat: {} } })
    const page = await open(url)
    await page.ask(join(1, 'chat'))
    server.broadcast('chat', 'message', 'grüß dich 👋')
    // A binary message would arrive as a Buffer.
    expect(await page.next()).toEqual(event('chat', 'grüß dich 👋'))
  })

  it('throw what the wire throws, at the caller', async () => {
    const { server, url } = await start({ channels: { chat: {} } })
    const page = await open(url)
    await page.ask(join(1, 'chat'))
    expect(() => server.broadcast('chat', 'message', 1n)).toThrow(TypeError)
    const [client] = server.clients
    expect(() => client?.send('chat', 'message', 1n)).toThrow(TypeError)
    await page.settle()
  })
})

describe('a broadcast that meets a slow reader', () => {
  virtualTime()

  it('P8.1 closes it with 1013 and reaches the others before what its leaving causes', async () => {
    const { hub, join: enter } = house({
      channels: { chat: { leave: () => void hub.broadcast('chat', 'left', 1) } },
      limits: { maxBufferedBytes: 1_000 },
    })
    const slow = enter().socket
    const others = [enter().socket, enter().socket]
    for (const socket of [slow, ...others]) socket.receive(join(1, 'chat'))
    await pass(0)

    slow.buffered = 1_001
    expect(hub.broadcast('chat', 'message', 'hi')).toBe(2)
    expect(slow.closed).toEqual({ code: 1013, reason: 'too slow retry=0-5000' })
    expect(hub.metrics()).toMatchObject({ tooSlow: 1, connections: 2 })
    await pass(0)
    for (const socket of others) {
      expect(socket.frames.slice(1)).toEqual([event('chat', 'hi'), event('chat', 1, 'left')])
    }
    expect(slow.frames).toHaveLength(1)
  })
})
