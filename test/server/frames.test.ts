import { describe, expect, it, vi } from 'vitest'
import { house, open, start } from './support.js'

const hostile = [
  '{"id":{},"method":"sum"}',
  '{"id":1.5,"method":"sum"}',
  '{"id":1e300,"method":"sum"}',
  '{"id":1,"method":7}',
  '{"id":null,"result":1}',
  '{"id":1,"error":"no"}',
  '{"id":1,"error":{"code":{},"message":"x"}}',
  '{"id":1,"cancel":1}',
  '{"channel":1,"event":"x"}',
  '{"channel":"chat","event":{}}',
  '{"channel":"chat","event":null,"__proto__":{"event":"message"}}',
]

describe('hostile frames', () => {
  it.each(hostile)('P2.1 P2.4 ignores and counts %s', (frame) => {
    const handler = vi.fn()
    const { join, hub, log } = house({ requests: { sum: handler }, onMessage: handler })
    const { socket } = join()
    socket.receive(frame)
    expect(handler).not.toHaveBeenCalled()
    expect(socket.frames).toEqual([])
    expect(socket.closed).toBeUndefined()
    expect(hub.metrics().protocolErrors).toBe(1)
    expect(log.warnings).toEqual(['holdfast: client 1 broke the protocol: a malformed frame'])
  })

  it('P2.4 are logged once for each connection, and do no harm', async () => {
    const { url, server, log } = await start({ requests: { sum: () => 3 } })
    const page = await open(url)
    for (const frame of hostile) page.send(frame)
    expect(await page.ask({ id: 1, method: 'sum' })).toEqual({ id: 1, result: 3 })
    expect(server.metrics().protocolErrors).toBe(hostile.length)
    expect(log.warnings).toHaveLength(1)
  })

  it('P2.2 members that have no name here are ignored', async () => {
    const { url } = await start({ requests: { sum: () => 3 } })
    const page = await open(url)
    const frame = '{"id":1,"method":"sum","extra":[],"constructor":1,"__proto__":{"isAdmin":true}}'
    expect(await page.ask(frame)).toEqual({ id: 1, result: 3 })
    expect(Object.prototype).not.toHaveProperty('isAdmin')
  })

  it('P2.5 are told apart by the first of channel, method, cancel and answer', () => {
    const message = vi.fn()
    const { join, hub } = house({ requests: { sum: () => 3 }, channels: { chat: { on: { message } } } })
    const { socket } = join()
    socket.receive({ id: 1, method: 'sum', channel: 'chat', event: 'message' })
    expect(hub.metrics()).toMatchObject({ requests: 0, protocolErrors: 0 })
  })
})

describe('a wire of your own', () => {
  const shout = (value: unknown): ArrayBuffer => new Uint8Array(Buffer.from(JSON.stringify(value))).buffer
  const wire = {
    encode: shout,
    decode: (data: string | ArrayBuffer): unknown => {
      if (typeof data === 'string') throw new Error('bytes only')
      return JSON.parse(Buffer.from(data).toString())
    },
  }

  it('may speak in bytes, and its throws are protocol errors', async () => {
    const { url, server } = await start({ wire, requests: { sum: () => 3 } })
    const page = await open(url)
    page.send('text')
    page.send(Buffer.from('{"id":1,"method":"sum"}'))
    expect(String(await page.next())).toBe('{"id":1,"result":3}')
    expect(server.metrics().protocolErrors).toBe(1)
  })

  it('may give any view of bytes', async () => {
    const view = (value: unknown) => new DataView(shout(value), 0, 3)
    const { url } = await start({ wire: { ...wire, encode: view }, requests: { sum: () => 3 } })
    const page = await open(url)
    page.send(Buffer.from('{"id":1,"method":"sum"}'))
    expect(String(await page.next())).toBe('{"i')
  })
})
