/** What code that knows the standard may rely on. `test/browser/drop-in.test.ts` compares it with the platform's class. */
import { describe, expect, test, vi } from 'vitest'
import { HoldfastWebSocket } from '../../../src/addons/websocket/index.js'
import { make, open, start } from './support.js'

describe('the constructor', () => {
  test.each([
    ['ws://a.test/x?y=1', 'ws://a.test/x?y=1'],
    ['http://a.test', 'ws://a.test/'],
    ['HTTPS://A.test/B', 'wss://a.test/B'],
    [new URL('wss://a.test/ä'), 'wss://a.test/%C3%A4'],
  ])('takes %s', async (url, dialled) => {
    const { ws, socket } = await start({ url })
    expect(ws.url).toBe(dialled)
    expect(socket.url).toBe(dialled)
  })

  test('takes an object that is a URL when it is a text', () => {
    const url = { toString: () => 'ws://a.test' }
    // @ts-expect-error: TypeScript wants a URL, the standard anything that has a text
    expect(make({ url }).ws.url).toBe('ws://a.test/')
  })

  test.each(['ftp://a.test', 'ws://a.test/#', 'ws://a.test/#b', 'ws://', 'no base to be relative to'])(
    'throws a SyntaxError for %s',
    (url) => {
      expect(() => new HoldfastWebSocket(url)).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    },
  )

  test.each([[''], ['a b'], ['ä'], [['a', 'b', 'a']], [['a,b']]])(
    'throws a SyntaxError for the subprotocols %j',
    (protocols) => {
      expect(() => make({ protocols })).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    },
  )

  test('offers the subprotocols', async () => {
    expect((await start({ protocols: 'chat.v1' })).socket.protocols).toEqual(['chat.v1'])
    expect((await start({ protocols: ['A', 'a'] })).socket.protocols).toEqual(['A', 'a'])
    // @ts-expect-error: what has a text
    expect((await start({ protocols: new Set([1, 'x']) })).socket.protocols).toEqual(['1', 'x'])
  })

  test('is a TypeError without new, and without a URL', () => {
    // @ts-expect-error: it is a class
    expect(() => HoldfastWebSocket('ws://a.test')).toThrow(TypeError)
    // @ts-expect-error: it needs a URL
    expect(() => new HoldfastWebSocket()).toThrow(TypeError)
  })

  test('says so where there is no WebSocket', () => {
    expect(() => make({ environment: { WebSocket: undefined } })).toThrow('environment.WebSocket')
  })

  test('opens nothing before the task is over, so that no event is missed', async () => {
    const { ws, environment } = make()
    const onopen = vi.fn()
    expect(environment.sockets).toHaveLength(0)
    ws.onopen = onopen
    await environment.settle()
    environment.sockets[0]?.accept()
    expect(onopen).toHaveBeenCalledOnce()
  })

  test('can be extended', async () => {
    class Chat extends HoldfastWebSocket {
      said = 0
      override send(data: string): void {
        this.said++
        super.send(`chat: ${data}`)
      }
    }
    const { environment } = await start()
    const chat = new Chat('ws://a.test', 'chat', { environment })
    await environment.settle()
    environment.sockets[1]?.accept()
    chat.send('hi')
    expect(environment.sockets[1]?.sent).toEqual(['chat: hi'])
    expect(chat.said).toBe(1)
    chat.close()
    environment.sockets[1]?.serverClose()
  })
})

describe('the attributes', () => {
  test('have the constants on the class and on the object, not to be written', () => {
    const { ws } = make()
    for (const holder of [HoldfastWebSocket, ws]) {
      const { CONNECTING, OPEN, CLOSING, CLOSED } = holder
      expect([CONNECTING, OPEN, CLOSING, CLOSED]).toEqual([0, 1, 2, 3])
      expect(() => Object.assign(holder, { OPEN: 5 })).toThrow(TypeError)
    }
    expect(Object.keys(ws)).toEqual([])
    expect(String(ws)).toBe('[object WebSocket]')
  })

  test('give what the socket has agreed on', async () => {
    const { ws, socket } = await start()
    expect(ws).toMatchObject({ protocol: '', extensions: '', binaryType: 'blob', bufferedAmount: 0 })
    Object.assign(socket, { protocol: 'chat', extensions: 'permessage-deflate' })
    expect(ws).toMatchObject({ protocol: 'chat', extensions: 'permessage-deflate' })
  })

  test('ignore a binaryType that there is not', () => {
    const { ws } = make()
    ws.binaryType = 'arraybuffer'
    // @ts-expect-error: no such type
    ws.binaryType = 'nodebuffer'
    expect(ws.binaryType).toBe('arraybuffer')
  })
})

describe('a message', () => {
  test('has its data, and the origin of the server', async () => {
    const { ws, socket } = await open()
    const events: MessageEvent[] = []
    ws.onmessage = (event) => events.push(event)
    socket.serverSend('text')
    socket.serverSend(new Uint8Array([1, 2]).buffer)
    ws.binaryType = 'arraybuffer'
    socket.serverSend(new Uint8Array([3]).buffer)
    expect(events.map(({ origin }) => origin)).toEqual(Array(3).fill('wss://server.test'))
    expect(events[0]?.data).toBe('text')
    expect(events[1]?.data).toBeInstanceOf(Blob)
    expect([...new Uint8Array(await events[1]?.data.arrayBuffer())]).toEqual([1, 2])
    expect(events[2]?.data).toEqual(new Uint8Array([3]).buffer)
  })

  test('may be anything that has a text, bytes of any kind or a Blob', async () => {
    const { ws, socket } = await open()
    const blob = new Blob(['b'])
    for (const data of ['a', 1, null, undefined, { toString: () => 'object' }, new Map(), blob, new Uint8Array([1])]) {
      // @ts-expect-error: the standard takes anything
      ws.send(data)
    }
    expect(socket.sent).toEqual(['a', '1', 'null', 'undefined', 'object', '[object Map]', blob, new Uint8Array([1])])
  })
})

describe('events', () => {
  test('are heard once, until a signal, by objects, and in order, with the attribute in its turn', async () => {
    const { ws, socket } = await open()
    const heard: string[] = []
    const controller = new AbortController()
    ws.addEventListener('message', () => heard.push('first'), { once: true })
    ws.onmessage = () => heard.push('never')
    ws.addEventListener('message', () => heard.push('signal'), { signal: controller.signal })
    ws.addEventListener('message', { handleEvent: ({ type }) => heard.push(`object ${type}`) })
    ws.onmessage = function (event) {
      heard.push(`attribute ${this === ws} ${event.target === ws}`)
    }
    socket.serverSend('1')
    expect(heard.splice(0)).toEqual(['first', 'attribute true true', 'signal', 'object message'])
    controller.abort()
    // Set anew, it has lost its turn.
    const handler = ws.onmessage
    ws.onmessage = null
    ws.onmessage = handler
    socket.serverSend('2')
    expect(heard).toEqual(['object message', 'attribute true true'])
  })

  test.each(['onopen', 'onmessage', 'onerror', 'onclose'] as const)('%s gives back what it was set to', (name) => {
    const { ws } = make()
    const handler = (): void => {}
    expect(ws[name]).toBeNull()
    ws[name] = handler
    expect(ws[name]).toBe(handler)
    // @ts-expect-error: what is no object is none
    ws[name] = 'text'
    expect(ws[name]).toBeNull()
    const object = {}
    // @ts-expect-error: an object is kept, though it cannot be called
    ws[name] = object
    expect(ws[name]).toBe(object)
    ws.dispatchEvent(new Event(name.slice(2)))
  })

  test('of the app reach its listeners', () => {
    const { ws } = make()
    const heard = vi.fn()
    ws.onmessage = heard
    ws.addEventListener('app:event', heard)
    ws.dispatchEvent(new MessageEvent('message', { data: 'mine' }))
    ws.dispatchEvent(new Event('app:event'))
    expect(heard).toHaveBeenCalledTimes(2)
    ws.removeEventListener('app:event', heard)
    ws.dispatchEvent(new Event('app:event'))
    expect(heard).toHaveBeenCalledTimes(2)
  })

  test('of closing are CloseEvents with their fields', async () => {
    const { ws, socket } = await open({ reconnect: false })
    const closed = new Promise<CloseEvent>((resolve) => {
      ws.onclose = resolve
    })
    socket.serverClose(4321, 'why')
    const event = await closed
    expect(event).toBeInstanceOf(Event)
    expect({ ...pick(event) }).toEqual({ type: 'close', code: 4321, reason: 'why', wasClean: true, bubbles: false })
  })

  const pick = ({ type, code, reason, wasClean, bubbles }: CloseEvent) => ({ type, code, reason, wasClean, bubbles })
})

describe('close', () => {
  test.each([0, 999, 1001, 1005, 2999, 5000, 66_536, NaN, 'nonsense'])(
    'throws an InvalidAccessError for %s',
    (code) => {
      const { ws } = make()
      // @ts-expect-error: a text is no code, unless it is one
      expect(() => ws.close(code)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }))
      expect(ws.readyState).toBe(0)
    },
  )

  test('throws a SyntaxError for a reason of more than 123 bytes', () => {
    const { ws } = make()
    expect(() => ws.close(1000, 'ä'.repeat(62))).toThrow(expect.objectContaining({ name: 'SyntaxError' }))
    expect(ws.readyState).toBe(0)
  })

  test.each([
    [[], undefined, undefined],
    [[1000], 1000, undefined],
    [['3000', 'ä'.repeat(61)], 3000, 'ä'.repeat(61)],
    [[3000.5, 5], 3000, '5'],
    [[3001.5], 3002, undefined],
    [[undefined, 'why'], 1000, 'why'],
  ])('%j says so to the server', async (given, code, reason) => {
    const { ws, socket } = await open()
    // @ts-expect-error: the standard turns what it is given
    ws.close(...given)
    expect(socket.closeRequest).toEqual({ code, reason })
    socket.serverClose()
  })
})
