import { describe, expect, test } from 'vitest'
import { MessageDropped, QueueFull } from '../../../src/index.js'
import { comeBack, dropsOf, fateOf, type Setup, start } from '../support.js'

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

  test.each([[[]], [{}], [[1, 2]], [null], [undefined], [5], [true]])(
    'cannot be %j, for it has no size',
    async (data) => {
      const { client } = await start()
      // As a caller without types has it.
      expect(() => Reflect.apply(client.send, undefined, [data])).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTION', field: 'data' }),
      )
      expect(client.stats.queuedMessages).toBe(0)
    },
  )

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
