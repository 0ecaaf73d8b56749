import { describe, expect, test } from 'vitest'
import { QueueFull } from '../../../src/index.js'
import { closesOf, dropsOf } from '../../core/support.js'
import { begin, eventsOf, greet, hiOf, openSession, resume, said, serverData } from './support.js'

const bytesOf = (data: unknown): number[] => (data instanceof Uint8Array ? [...data] : [])
const ascii = (text: string): number[] => [...new TextEncoder().encode(text)]

describe('what the page sends', () => {
  test('P10.1 is counted from 1 when it is first written, and a volatile message is not counted', async () => {
    const world = await begin()
    const { client } = world
    client.send('queued')
    await greet(world)
    client.send('there and gone', { volatile: true })
    client.send('next')
    expect(said(world)).toEqual(['1 0 queued', '0 0 there and gone', '2 0 next'])
  })

  test('P9.3 has its header before the bytes as before the text', async () => {
    const world = await openSession()
    const { client } = world
    const bytes = new Uint8Array([1, 2, 3, 4])
    client.send(bytes.buffer)
    client.send(bytes.subarray(1, 3))
    client.send(new DataView(bytes.buffer, 3))
    client.send(new Uint8Array([7]), { volatile: true })
    client.send(new Blob(['blob']))
    client.send('')
    const sent = said(world)
    expect(sent.slice(0, 4).map(bytesOf)).toEqual([
      [...ascii('1 0 '), 1, 2, 3, 4],
      [...ascii('2 0 '), 2, 3],
      [...ascii('3 0 '), 4],
      [...ascii('0 0 '), 7],
    ])
    expect(sent[4]).toBeInstanceOf(Blob)
    expect(await new Response(sent[4] instanceof Blob ? sent[4] : null).text()).toBe('4 0 blob')
    expect(sent[5]).toBe('5 0 ')
  })

  test('P10.1 P10.6 is a copy that keeps its number and its bytes when it is written again', async () => {
    const world = await openSession()
    const { client } = world
    const bytes = new Uint8Array([1, 2])
    client.send(bytes)
    bytes.fill(9)
    await resume(world)
    expect(said(world).map(bytesOf)).toEqual([[...ascii('1 0 '), 1, 2]])
  })

  test('P10.6 is kept until it is acknowledged, through any number of cuts', async () => {
    const world = await openSession()
    const { client } = world
    client.send('abc')
    client.send('de')
    expect(client.stats).toMatchObject({ unacknowledged: 2, queuedMessages: 0, queuedBytes: 5 })
    for (let cut = 0; cut < 3; cut++) {
      await resume(world)
      expect(said(world)).toEqual(['1 0 abc', '2 0 de'])
    }
    world.socket.serverSend('ack 1')
    expect(client.stats).toMatchObject({ unacknowledged: 1, queuedBytes: 2 })
    world.socket.serverSend('0 2 volatile')
    expect(client.stats).toMatchObject({ unacknowledged: 0, queuedBytes: 0 })
    await resume(world, { received: 2 })
    expect(said(world)).toEqual([])
  })

  test('P10.3 P11.3 that was received and not yet handled is kept, and not written again', async () => {
    const world = await openSession()
    world.client.send('a')
    world.client.send('b')
    await resume(world, { received: 1 })
    expect(said(world)).toEqual(['2 0 b'])
    expect(world.client.stats.unacknowledged).toBe(2)
    world.socket.serverSend('ack 2')
    expect(world.client.stats.unacknowledged).toBe(0)
  })

  test('P14.1 that is not acknowledged fills the queue, which does what `overflow` says', async () => {
    const rejecting = await openSession({ queue: { maxMessages: 2 } })
    rejecting.client.send('a')
    rejecting.client.send('b')
    expect(() => rejecting.client.send('c')).toThrow(QueueFull)
    rejecting.socket.serverSend('ack 1')
    rejecting.client.send('c')
    expect(said(rejecting)).toEqual(['1 0 a', '2 0 b', '3 0 c'])

    for (const overflow of ['drop-oldest', 'drop-newest'] as const) {
      const world = await openSession({ queue: { maxMessages: 2, overflow } })
      const drops = dropsOf(world)
      for (const text of ['a', 'b', 'c']) world.client.send(text)
      expect(drops).toEqual([{ why: 'overflow', data: 'c', channel: undefined }])
      expect(world.client.stats.unacknowledged).toBe(2)
    }
  })

  test('P14.1 never drops what was written for what was not', async () => {
    const world = await openSession({ queue: { maxMessages: 3, overflow: 'drop-oldest' } })
    const drops = dropsOf(world)
    world.client.send('a')
    world.socket.cut()
    for (const text of ['b', 'c', 'd']) world.client.send(text)
    expect(drops.map(({ data }) => data)).toEqual(['b'])
    await resume(world)
    expect(said(world)).toEqual(['1 0 a', '2 0 c', '3 0 d'])
  })

  test('P14.3 and is longer than the server takes goes nowhere, and whoever sent it is told', async () => {
    const world = await openSession()
    const drops = dropsOf(world)
    await resume(world, { maxPayload: 32 + 60 })
    const { client } = world
    const long = 'x'.repeat(61)
    client.send(long)
    client.send('€'.repeat(21))
    client.send(long, { volatile: true })
    await expect(client.request('sum', long)).rejects.toMatchObject({ code: 'DROPPED', why: 'too-large' })
    await expect(client.channel('chat').deliver('message', long)).rejects.toMatchObject({ why: 'too-large' })
    client.send('x'.repeat(60))
    expect(said(world)).toEqual([`1 0 ${'x'.repeat(60)}`])
    expect(drops.map(({ why, data }) => [why, data])).toEqual([
      ['too-large', long],
      ['too-large', '€'.repeat(21)],
    ])
    expect(client.stats.dropped).toBe(5)
  })

  test('P14.3 by a listener of `open` is measured too', async () => {
    const world = await begin()
    const drops = dropsOf(world)
    world.client.send('queued')
    world.client.on('open', () => {
      world.client.send('x'.repeat(61))
      world.client.send('small')
    })
    await greet(world, { maxPayload: 32 + 60 })
    expect(said(world)).toEqual(['1 0 small', '2 0 queued'])
    expect(drops).toMatchObject([{ why: 'too-large' }])
  })

  test('P14.3 as an answer is replaced by an error, so that the server does not wait', async () => {
    const world = await openSession()
    await resume(world, { maxPayload: 32 + 120 })
    world.client.handle('big', () => 'x'.repeat(200))
    serverData(world, 1, { id: 5, method: 'big' })
    await world.environment.settle()
    expect(said(world)).toEqual([expect.stringMatching(/^1 1 \{"id":5,"error":\{"code":-32603/)])
  })
})

describe('what the server sends', () => {
  test('P10.2 is handled in order; what was had before is dropped, counted, and no error', async () => {
    const world = await openSession()
    const messages = eventsOf(world, 'message')
    for (const number of [1, 2, 2, 1, 3]) serverData(world, number, `m${number}`)
    expect(messages.map(([, data]) => data)).toEqual(['m1', 'm2', 'm3'])
    expect(world.client.stats).toMatchObject({ received: 3, duplicates: 2, protocolErrors: 0 })
  })

  test('P10.2 P12.1 with a gap before it closes with 4003, and the page resumes where it was', async () => {
    const world = await openSession()
    const messages = eventsOf(world, 'message')
    const closes = closesOf(world)
    serverData(world, 1, 'one')
    serverData(world, 3, 'three')
    expect(world.socket.closeRequest?.code).toBe(4003)
    expect(closes).toHaveLength(1)
    await world.environment.advance(1000)
    await greet(world, { resumed: true, sent: 3 })
    expect(hiOf(world)).toMatchObject({ session: 'session-1', received: 1 })
    serverData(world, 2, 'two')
    serverData(world, 3, 'three')
    expect(messages.map(([, data]) => data)).toEqual(['one', 'two', 'three'])
  })

  test('P9.3 volatile is handled as it comes, and moves no number', async () => {
    const world = await openSession()
    const messages = eventsOf(world, 'message')
    serverData(world, 0, 'v')
    serverData(world, 1, 'one')
    serverData(world, 0, 'v')
    expect(messages.map(([, data]) => data)).toEqual(['v', 'one', 'v'])
    expect(world.client.stats.duplicates).toBe(0)
  })

  test('P9.3 P9.4 in bytes is the bytes after the header', async () => {
    const world = await openSession()
    const messages = eventsOf(world, 'message')
    world.socket.serverSend(new Uint8Array([...ascii('1 0 '), 255, 0, 32]).buffer)
    expect(messages.map(([, data]) => data instanceof ArrayBuffer && [...new Uint8Array(data)])).toEqual([[255, 0, 32]])
    await resume(world, { sent: 1 })
    expect(hiOf(world)).toMatchObject({ received: 1 })
  })
})
