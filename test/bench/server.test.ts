import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { LIBRARIES } from '../../bench/server/libraries.js'
import { FrameReader, textFrame } from '../../bench/server/load/frames.js'
import { CHANNEL, EVENT, FIRST, numbered } from '../../bench/server/messages.js'
import { bundle, startLoad, startPair } from '../../bench/server/processes.js'
import type { Callee } from '../../bench/server/rpc.js'

const LIMIT_MS = 30_000

/** What a server writes: without a mask. */
function serverFrame(text: string): Buffer {
  const masked = textFrame(text)
  const head = text.length < 126 ? 2 : 4
  const frame = Buffer.concat([masked.subarray(0, head), Buffer.from(text)])
  frame[1] = (frame[1] ?? 0) & 0x7f
  return frame
}

describe('the bytes of a client', () => {
  test.each([1, 3, 200, 1_000])('a reader finds every text, whatever its bytes come in: pieces of %i', (size) => {
    const texts = ['a', 'b'.repeat(125), 'c'.repeat(126), 'd'.repeat(5_000), '']
    const bytes = Buffer.concat(texts.map(serverFrame))
    const found: string[] = []
    const reader = new FrameReader((all, start, end) => found.push(all.toString('latin1', start, end)))
    for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size))
    expect(found).toEqual(texts)
  })

  test('what is no text is an error', () => {
    const reader = new FrameReader(() => {})
    expect(() => reader.read(Buffer.from([0x88, 0]))).toThrow('frame')
  })
})

describe('servers and their clients', () => {
  const ends: (() => Promise<void>)[] = []
  beforeAll(bundle, LIMIT_MS)
  afterAll(async () => {
    for (const end of ends) await end()
  })

  test.each(LIBRARIES)(
    '%s: every client has every broadcast, and all that clients say is heard',
    async (library) => {
      const pair = await startPair(library)
      ends.push(() => pair.end())
      const { server, load } = pair
      await load.call('open', 100)
      const [{ at = 0 }, { startedAt = 0 }] = await Promise.all([load.call('count', 40), server.call('broadcast', 40)])
      expect(at).toBeGreaterThan(startedAt)
      await load.call('settle')
      await expect.poll(async () => (await server.call('unacknowledged'))['bytes']).toBe(0)
      if (library === 'ws, framed once') return
      expect((await load.call('ask', 3_200))['ms']).toBeGreaterThan(0)
      const { sent = 0 } = await load.call('send', 500)
      expect(sent).toBe(500)
      await server.call('heard', sent)
      expect((await server.call('memory'))['heap']).toBeGreaterThan(0)
    },
    LIMIT_MS,
  )

  test.each([
    ['lost', [FIRST, FIRST + 2]],
    ['twice', [FIRST, FIRST]],
  ])(
    'a message that is %s fails the run',
    async (_, numbers) => {
      const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
      await once(server, 'listening')
      ends.push(() => new Promise((resolve) => server.close(() => resolve())))
      const address = server.address()
      const load: Callee = startLoad('ws', typeof address === 'object' && address ? address.port : 0)
      ends.push(() => load.end())
      await load.call('open', 1)
      const counted = load.call('count', numbers.length)
      for (const ws of server.clients)
        for (const n of numbers) ws.send(JSON.stringify({ channel: CHANNEL, event: EVENT, data: numbered(n) }))
      await expect(counted).rejects.toThrow('Expected message 10000001, got')
    },
    LIMIT_MS,
  )
})
