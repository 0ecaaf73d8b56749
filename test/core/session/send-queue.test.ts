import { describe, expect, test } from 'vitest'
import { type Drop, MessageDropped, QueueFull } from '../../../src/index.js'
import { comeBack, fateOf, open, type Setup, sentBy, start, type World } from '../support.js'

const dropsOf = ({ client }: World): Drop[] => {
  const drops: Drop[] = []
  client.on('drop', (drop) => drops.push(drop))
  return drops
}

const bytesOf = (data: unknown): number[] =>
  data instanceof ArrayBuffer || data instanceof Uint8Array ? [...new Uint8Array(data)] : []

describe('what is sent without a connection', () => {
  test('waits, and goes out in order', async () => {
    const world = await start()
    for (const text of ['a', 'b', 'c']) world.client.send(text)
    expect(world.socket.sent).toEqual([])
    world.socket.accept()
    expect(world.socket.sent).toEqual(['a', 'b', 'c'])
  })

  test('is counted in messages and in bytes of UTF-8', async () => {
    const { client } = await start()
    client.send('aé€😀')
    client.send(new Uint8Array(5))
    client.send(new ArrayBuffer(7))
    client.send(new Blob(['abc']))
    expect(client.stats).toMatchObject({ queuedMessages: 4, queuedBytes: 10 + 5 + 7 + 3, sent: 0 })
  })

  test('is no longer counted once it has been sent', async () => {
    const { client, socket } = await start()
    client.send('abc')
    socket.accept()
    expect(client.stats).toMatchObject({ queuedMessages: 0, queuedBytes: 0, sent: 1 })
  })

  test('is a copy: bytes changed afterwards are sent as they were', async () => {
    const { client, socket } = await start()
    const buffer = new Uint8Array([1, 2, 3, 4])
    client.send(buffer.buffer)
    client.send(buffer.subarray(1, 3))
    client.send(new DataView(buffer.buffer, 2))
    buffer.fill(9)
    socket.accept()
    expect(socket.sent.map(bytesOf)).toEqual([
      [1, 2, 3, 4],
      [2, 3],
      [3, 4],
    ])
  })

  test('survives several attempts', async () => {
    const world = await start()
    world.client.send('kept')
    for (let i = 0; i < 3; i++) {
      world.socket.refuse()
      world.client.reconnect()
      await world.environment.settle()
    }
    world.socket.accept()
    expect(world.socket.sent).toEqual(['kept'])
  })

  test('goes out once, however often the connection comes back', async () => {
    const world = await start()
    world.client.send('once')
    world.socket.accept()
    await comeBack(world)
    expect(world.socket.sent).toEqual([])
  })

  test('stays in order over ten thousand messages and a cut in the middle', async () => {
    const world = await start({ queue: { maxMessages: 20_000 } })
    const first = world.socket
    for (let i = 0; i < 10_000; i++) world.client.send(String(i))
    // The buffer of the first socket fills up half way.
    const { send } = first
    first.send = (data) => {
      send.call(first, data)
      if (first.sent.length === 5000) first.bufferedAmount = 10_000_000
    }
    first.accept()
    expect(first.sent).toHaveLength(5000)
    await comeBack(world)
    expect([...first.sent, ...world.socket.sent]).toEqual(Array.from({ length: 10_000 }, (_, i) => String(i)))
  })
})

describe('a full queue', () => {
  const fill = async (overflow: 'reject' | 'drop-oldest' | 'drop-newest', setup: Setup = {}) => {
    const world = await start({ ...setup, queue: { maxMessages: 3, maxBytes: 10, overflow, ...setup.queue } })
    const drops = dropsOf(world)
    for (const text of ['a', 'b', 'c']) world.client.send(text)
    return { ...world, socket: world.socket, drops }
  }

  test('rejects: the call throws, and what waits stays', async () => {
    const { client, socket, drops } = await fill('reject')
    expect(() => client.send('d')).toThrow(QueueFull)
    expect(drops).toEqual([])
    socket.accept()
    expect(socket.sent).toEqual(['a', 'b', 'c'])
  })

  test('rejects a request with QueueFull', async () => {
    const { client } = await fill('reject')
    await expect(client.request('sum')).rejects.toThrow(QueueFull)
    expect(client.stats.openRequests).toBe(0)
  })

  test('drops the oldest, and says so', async () => {
    const { client, socket, drops } = await fill('drop-oldest')
    client.send('d')
    expect(drops).toEqual([{ why: 'overflow', data: 'a' }])
    expect(client.stats.dropped).toBe(1)
    socket.accept()
    expect(socket.sent).toEqual(['b', 'c', 'd'])
  })

  test('drops the newest, and says so', async () => {
    const { client, socket, drops } = await fill('drop-newest')
    client.send('d')
    expect(drops).toEqual([{ why: 'overflow', data: 'd' }])
    socket.accept()
    expect(socket.sent).toEqual(['a', 'b', 'c'])
  })

  test('is full by bytes too', async () => {
    const { client, drops } = await fill('drop-oldest')
    client.send('12345678')
    expect(drops.map(({ data }) => data)).toEqual(['a'])
    expect(client.stats).toMatchObject({ queuedMessages: 3, queuedBytes: 10 })
    client.send('1234567890')
    expect(client.stats).toMatchObject({ queuedMessages: 1, queuedBytes: 10 })
  })

  test('does not push everything out for what would not fit alone', async () => {
    const { client, socket, drops } = await fill('drop-oldest')
    client.send('12345678901')
    expect(drops).toEqual([{ why: 'overflow', data: '12345678901' }])
    socket.accept()
    expect(socket.sent).toEqual(['a', 'b', 'c'])
  })

  test('names the channel of an event that it drops', async () => {
    const world = await start({ queue: { maxMessages: 1, overflow: 'drop-oldest' } })
    const drops = dropsOf(world)
    world.client.channel('chat').send('message', 1)
    world.client.send('x')
    expect(drops).toMatchObject([{ why: 'overflow', channel: 'chat' }])
    expect(drops[0]?.data).toBe('{"channel":"chat","event":"message","data":1}')
  })

  test('rejects the request that it drops with MessageDropped', async () => {
    const world = await start({ queue: { maxMessages: 1, overflow: 'drop-oldest' } })
    const drops = dropsOf(world)
    const fate = fateOf(world.client.request('sum'))
    world.client.send('x')
    await world.environment.settle()
    expect(fate.error).toBeInstanceOf(MessageDropped)
    expect(fate.error).toMatchObject({ why: 'overflow', code: 'DROPPED' })
    // It has been told to the one who asked.
    expect(drops).toEqual([])
  })

  test('of no messages at all holds none', async () => {
    for (const overflow of ['drop-oldest', 'drop-newest'] as const) {
      const world = await start({ queue: { maxMessages: 0, overflow } })
      const drops = dropsOf(world)
      world.client.send('x')
      expect(drops).toEqual([{ why: 'overflow', data: 'x' }])
      expect(world.client.stats.queuedMessages).toBe(0)
    }
  })

  test('may be sent to from the listener that is told of it', async () => {
    const { client, socket } = await fill('drop-oldest')
    let again = true
    client.on('drop', () => {
      if (again) client.send('from listener')
      again = false
    })
    client.send('d')
    expect(client.stats.queuedMessages).toBeLessThanOrEqual(3)
    socket.accept()
    expect(socket.sent).toContain('d')
  })

  test('tells the logger when nobody listens to drop', async () => {
    const { client, environment } = await start({ queue: { maxMessages: 0, overflow: 'drop-newest' } })
    client.send('x')
    expect(environment.logged).toEqual([
      { level: 'warn', message: expect.any(String), details: [{ why: 'overflow', data: 'x' }] },
    ])
  })
})

describe('a message that waits too long', () => {
  test('is dropped in time, though nothing is written', async () => {
    const world = await start({ queue: { ttlMs: 1000 }, openTimeoutMs: 60_000 })
    const drops = dropsOf(world)
    world.client.send('old')
    await world.environment.advance(600)
    world.client.send('new')
    await world.environment.advance(400)
    expect(drops).toEqual([])
    await world.environment.advance(2)
    expect(drops).toEqual([{ why: 'expired', data: 'old' }])
    expect(world.client.stats.dropped).toBe(1)
    await world.environment.advance(600)
    expect(drops.map(({ data }) => data)).toEqual(['old', 'new'])
  })

  test('is not sent by a connection that opens after it', async () => {
    const world = await start({ queue: { ttlMs: 1000 } })
    const drops = dropsOf(world)
    world.client.send('old')
    // The timer is late, as after a sleep.
    world.environment.sleep(5000)
    world.client.send('new')
    world.socket.accept()
    expect(world.socket.sent).toEqual(['new'])
    expect(drops).toEqual([{ why: 'expired', data: 'old' }])
  })

  test('rejects its request with MessageDropped', async () => {
    const world = await start({ queue: { ttlMs: 1000 } })
    const fate = fateOf(world.client.request('sum'))
    await world.environment.advance(1100)
    expect(fate.error).toMatchObject({ code: 'DROPPED', why: 'expired' })
  })
})

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
    await world.environment.settle()
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
    const world = await start()
    const drops = dropsOf(world)
    world.client.send('a')
    const fate = fateOf(world.client.request('sum'))
    world.client.send('b')
    world.client.close()
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
