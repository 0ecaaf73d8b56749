import { describe, expect, test } from 'vitest'
import { comeBack, dropsOf, fateOf, open, sentBy, start } from '../support.js'

describe('the flush', () => {
  test('comes after the open listeners, and what they send goes first', async () => {
    const { client, socket } = await start()
    client.send('queued')
    client.on('open', () => client.send('login'))
    socket.accept()
    expect(socket.sent).toEqual(['login', 'queued'])
  })

  test('P5.1 comes after the answer to auth', async () => {
    const { client, socket } = await start({ auth: () => 's3cret' })
    client.send('queued')
    socket.accept()
    client.send('queued too')
    expect(sentBy(socket)).toEqual([{ id: 0, method: 'auth', params: { token: 's3cret' } }])
    socket.serverSend('{"id":0,"result":null}')
    expect(socket.sent.slice(1)).toEqual(['queued', 'queued too'])
  })

  test('is paced by bufferedAmount', async () => {
    const { client, socket, environment } = await start()
    socket.bufferedAmount = 1_000_000
    client.send('a')
    client.send('b')
    socket.accept()
    expect(socket.sent).toEqual([])
    await environment.advance(1000)
    expect(socket.sent).toEqual([])
    socket.bufferedAmount = 0
    await environment.advance(1000)
    expect(socket.sent).toEqual(['a', 'b'])
  })

  test('keeps up to 256 KiB in the buffer of the socket', async () => {
    const { client, socket, environment } = await open()
    socket.bufferedAmount = 255 * 1024
    client.send('a')
    expect(socket.sent).toEqual(['a'])
    socket.bufferedAmount = 256 * 1024
    client.send('b')
    expect(socket.sent).toEqual(['a'])
    socket.bufferedAmount = 255 * 1024
    await environment.advance(500)
    expect(socket.sent).toEqual(['a', 'b'])
  })

  test('goes on when something arrives, for timers of a hidden page are slow', async () => {
    const { client, socket } = await start()
    socket.bufferedAmount = 1_000_000
    client.send('a')
    socket.accept()
    socket.bufferedAmount = 0
    socket.serverSend('anything')
    expect(socket.sent).toEqual(['a'])
  })

  test('holds back what is sent while the buffer is full, in order', async () => {
    const { client, socket, environment } = await open()
    socket.bufferedAmount = 1_000_000
    client.send('a')
    socket.bufferedAmount = 0
    client.send('b')
    expect(socket.sent).toEqual([])
    expect(client.stats.queuedMessages).toBe(2)
    await environment.advance(500)
    expect(socket.sent).toEqual(['a', 'b'])
  })

  test('neither repeats nor drops anything when the socket throws in the middle', async () => {
    const world = await start()
    const first = world.socket
    for (const text of ['a', 'b', 'c']) world.client.send(text)
    const { send } = first
    first.send = (data) => {
      if (data === 'b') throw new Error('broken')
      send.call(first, data)
    }
    first.accept()
    expect(first.sent).toEqual(['a'])
    expect(world.errors).toMatchObject([{ code: 'CONNECT_FAILED', cause: { message: 'broken' } }])
    await comeBack(world)
    expect(world.socket.sent).toEqual(['b', 'c'])
  })

  test('stops when a listener of open closes the client', async () => {
    const world = await start()
    const drops = dropsOf(world)
    world.client.send('queued')
    world.client.on('open', () => world.client.close())
    world.socket.accept()
    const fates = [...world.socket.sent, ...drops.map(({ data }) => data)]
    expect(fates).toEqual(['queued'])
  })

  test('stops when a listener of open reconnects, and loses nothing', async () => {
    const world = await start()
    const first = world.socket
    world.client.send('queued')
    const off = world.client.on('open', () => {
      off()
      world.client.reconnect()
    })
    first.accept()
    const opened = fateOf(world.client.opened())
    await world.environment.settle()
    expect(opened.state).toBe('pending')
    world.socket.accept()
    expect(first.sent).toEqual([])
    expect(world.socket.sent).toEqual(['queued'])
  })
})

describe('what is sent with a connection', () => {
  test('is written at once, as it is', async () => {
    const { client, socket } = await open()
    const bytes = new Uint8Array([1, 2])
    const blob = new Blob(['x'])
    for (const data of ['text', bytes, bytes.buffer, blob]) client.send(data)
    expect(socket.sent).toEqual(['text', bytes, bytes.buffer, blob])
    expect(socket.sent[1]).toBe(bytes)
  })

  test('is queued and not lost if the socket is CLOSING', async () => {
    const world = await open()
    const dying = world.socket
    dying.readyState = 2
    world.client.send('late')
    await world.environment.advance(1000)
    expect(dying.sent).toEqual([])
    await comeBack(world)
    expect(world.socket.sent).toEqual(['late'])
  })

  test('throws what the socket throws, and is not queued', async () => {
    const { client, socket } = await open()
    socket.throwOnSend(new Error('broken'))
    expect(() => client.send('x')).toThrow('broken')
    expect(client.stats).toMatchObject({ queuedMessages: 0, sent: 0 })
  })
})

describe('close', () => {
  test('writes what is queued, if it can, even past a full buffer', async () => {
    const world = await open()
    const drops = dropsOf(world)
    world.socket.bufferedAmount = 1_000_000
    world.client.send('a')
    world.client.send('b')
    world.client.close()
    expect(world.socket.sent).toEqual(['a', 'b'])
    expect(drops).toEqual([])
  })

  test('drops what it cannot write, each with its signal', async () => {
    const world = await start({ queue: { ttlMs: 60_000 } })
    const drops = dropsOf(world)
    world.client.send('a')
    const fate = fateOf(world.client.request('sum'))
    world.client.send('b')
    world.client.close()
    expect(world.environment.timers).toBe(0)
    await world.environment.settle()
    expect(drops).toEqual([
      { why: 'closed', data: 'a' },
      { why: 'closed', data: 'b' },
    ])
    expect(fate.error).toMatchObject({ code: 'DROPPED', why: 'closed' })
    expect(world.client.stats).toMatchObject({ queuedMessages: 0, queuedBytes: 0, dropped: 3 })
  })

  test('leaves nothing to be queued for', async () => {
    const { client } = await open()
    client.close()
    expect(() => client.send('x')).toThrow(expect.objectContaining({ code: 'CLOSED' }))
  })
})
