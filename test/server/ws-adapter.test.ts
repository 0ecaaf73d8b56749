import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { WebSocketServer } from 'ws'
import { WsSocket } from '../../src/server/ws-adapter.js'
import { open, start } from './support.js'

const SIZES = [0, 125, 126, 4_096, 4_097, 65_535, 65_536, 300_000]

/** A socket of the kit on a TCP socket in memory that tells what is written at a time. */
async function adapted() {
  const writes: Buffer[] = []
  const tcp = new Duplex({
    read() {},
    writev(chunks, done) {
      writes.push(Buffer.concat(chunks.map(({ chunk }) => chunk)))
      done()
    },
  })
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method: 'GET',
    headers: { upgrade: 'websocket', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version': '13' },
  })
  const socket = await new Promise<WsSocket>((resolve) => {
    const server = new WebSocketServer({ noServer: true })
    server.handleUpgrade(request, tcp, Buffer.alloc(0), (ws) => resolve(new WsSocket(ws, tcp)))
  })
  await turn()
  writes.length = 0
  return { socket, writes }
}

const bytesOf = (message: unknown) => (message instanceof Uint8Array ? message : Buffer.from('no bytes'))

const text = (content: string) => Buffer.from(content)

describe('a socket of ws', () => {
  it('writes what is sent in one turn at once, in order', async () => {
    const { socket, writes } = await adapted()
    for (const content of ['a', 'b', 'c']) socket.send(text(content), false)
    expect(writes).toEqual([])
    expect(socket.bufferedAmount()).toBe(9)
    await turn()
    expect(writes.map(String)).toEqual(
      ['\x81\x01a\x81\x01b\x81\x01c'].map((frames) => String(Buffer.from(frames, 'latin1'))),
    )
    expect(socket.bufferedAmount()).toBe(0)
    socket.send(text('d'), true)
    await turn()
    expect(writes[1]).toEqual(Buffer.from([0x82, 1, 0x64]))
  })

  it('holds no more than some KiB back', async () => {
    const { socket, writes } = await adapted()
    for (let i = 0; i < 5; i++) socket.send(Buffer.alloc(4_000), true)
    expect(writes).toHaveLength(1)
    expect(socket.bufferedAmount()).toBe(0)
    socket.send(text('last'), false)
    await turn()
    expect(writes).toHaveLength(2)
  })

  it('writes a close after what was sent before it, and nothing after it', async () => {
    const { socket, writes } = await adapted()
    socket.send(text('a'), false)
    socket.close(1000, '')
    socket.send(text('b'), false)
    await turn()
    expect(Buffer.concat(writes)).toEqual(Buffer.from([0x81, 1, 0x61, 0x88, 2, 3, 0xe8]))
  })

  it('frames messages of any size', async () => {
    const { url } = await start({
      onMessage(data, { client }) {
        if (typeof data === 'string') for (const size of SIZES) client.sendRaw('x'.repeat(size))
        else for (const size of SIZES) client.sendRaw(new Uint8Array(size).fill(7))
        client.sendRaw('end')
      },
    })
    const page = await open(url)
    page.send('texts')
    for (const size of SIZES) expect((await page.next()) === 'x'.repeat(size)).toBe(true)
    expect(await page.next()).toBe('end')
    page.send(new Uint8Array(1))
    for (const size of SIZES) expect(Buffer.alloc(size, 7).equals(bytesOf(await page.next()))).toBe(true)
    expect(await page.next()).toBe('end')
  })
})
