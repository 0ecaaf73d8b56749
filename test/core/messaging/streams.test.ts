import { describe, expect, test } from 'vitest'
import { DeliveryUnknown, RequestTimeout } from '../../../src/index.js'
import { comeBack, fateOf, open, sentBy, serverSays, start } from '../support.js'

/** Reads to the end, and keeps what came and how it ended. */
const readAll = (stream: AsyncIterable<unknown>) => {
  const items: unknown[] = []
  const fate = fateOf(
    (async () => {
      for await (const item of stream) items.push(item)
    })(),
  )
  return { items, fate }
}

describe('a stream', () => {
  test('asks when it is first read, not before', async () => {
    const { client, socket, environment } = await open()
    const stream = client.stream('tokens', 'why')
    await environment.settle()
    expect(socket.sent).toEqual([])
    readAll(stream)
    expect(sentBy(socket)).toEqual([{ id: 1, method: 'tokens', params: 'why' }])
  })

  test('P4.4 gives the items in order, and ends with the result', async () => {
    const { client, socket, environment } = await open()
    const { items, fate } = readAll(client.stream('tokens'))
    for (const item of ['a', null, { b: 1 }]) serverSays(socket, { id: 1, item })
    await environment.settle()
    expect(items).toEqual(['a', null, { b: 1 }])
    expect(fate.state).toBe('pending')
    serverSays(socket, { id: 1, item: 'last' })
    serverSays(socket, { id: 1, result: null })
    await environment.settle()
    expect(items.at(-1)).toBe('last')
    expect(fate.state).toBe('resolved')
    expect(sentBy(socket)).toHaveLength(1)
    expect(client.stats.openRequests).toBe(0)
  })

  test('P4.4 returns the result to who reads by hand', async () => {
    const { client, socket } = await open()
    const iterator = client.stream('tokens')[Symbol.asyncIterator]()
    const first = iterator.next()
    serverSays(socket, { id: 1, item: 'a' })
    serverSays(socket, { id: 1, result: { tokens: 1 } })
    await expect(first).resolves.toEqual({ value: 'a', done: false })
    await expect(iterator.next()).resolves.toEqual({ value: { tokens: 1 }, done: true })
    await expect(iterator.next()).resolves.toEqual({ value: undefined, done: true })
  })

  test('P4.4 breaks with the error, after the items before it', async () => {
    const { client, socket, environment } = await open()
    const { items, fate } = readAll(client.stream('tokens'))
    serverSays(socket, { id: 1, item: 'a' })
    serverSays(socket, { id: 1, error: { code: 'busy', message: 'Later' } })
    await environment.settle()
    expect(items).toEqual(['a'])
    expect(fate.error).toMatchObject({ code: 'busy', message: 'Later' })
    expect(sentBy(socket)).toHaveLength(1)
  })

  test('P4.5 is cancelled by break, on the server too', async () => {
    const { client, socket, environment } = await open()
    const fate = fateOf(
      (async () => {
        for await (const _ of client.stream('tokens')) break
      })(),
    )
    serverSays(socket, { id: 1, item: 'a' })
    await environment.settle()
    expect(fate.state).toBe('resolved')
    expect(sentBy(socket).at(-1)).toEqual({ id: 1, cancel: true })
    serverSays(socket, { id: 1, item: 'late' })
    serverSays(socket, { id: 1, result: null })
    expect(client.stats).toMatchObject({ protocolErrors: 0, openRequests: 0 })
  })

  test('P4.5 is cancelled by a throw in the loop', async () => {
    const { client, socket, environment } = await open()
    const fate = fateOf(
      (async () => {
        for await (const item of client.stream('tokens')) throw new Error(`cannot use ${item}`)
      })(),
    )
    serverSays(socket, { id: 1, item: 'a' })
    await environment.settle()
    expect(fate.error).toMatchObject({ message: 'cannot use a' })
    expect(sentBy(socket).at(-1)).toEqual({ id: 1, cancel: true })
  })

  test('P4.5 is aborted by its signal, on the server too', async () => {
    const { client, socket, environment } = await open()
    const controller = new AbortController()
    const { items, fate } = readAll(client.stream('tokens', 1, { signal: controller.signal }))
    serverSays(socket, { id: 1, item: 'a' })
    await environment.settle()
    controller.abort(new Error('stop'))
    await environment.settle()
    expect(items).toEqual(['a'])
    expect(fate.error).toMatchObject({ message: 'stop' })
    expect(sentBy(socket).at(-1)).toEqual({ id: 1, cancel: true })
  })

  test('P4.5 that is aborted throws the reason at once: what is unread is dropped', async () => {
    const { client, socket } = await open()
    const controller = new AbortController()
    const iterator = client.stream('tokens', 1, { signal: controller.signal })[Symbol.asyncIterator]()
    const first = iterator.next()
    for (const item of ['a', 'b', 'c']) serverSays(socket, { id: 1, item })
    await first
    controller.abort(new Error('stop'))
    await expect(iterator.next()).rejects.toThrow('stop')
    await expect(iterator.next()).resolves.toEqual({ value: undefined, done: true })
  })

  test('P4.5 is cancelled by return() though a next() waits, and both settle', async () => {
    const { client, socket, environment } = await open()
    const iterator = client.stream('tokens')[Symbol.asyncIterator]()
    const next = fateOf(iterator.next())
    const end = fateOf(iterator.return?.('done') ?? Promise.reject(new Error('no return')))
    await environment.settle()
    expect(sentBy(socket).at(-1)).toEqual({ id: 1, cancel: true })
    expect(next.value).toEqual({ value: undefined, done: true })
    expect(end.value).toEqual({ value: 'done', done: true })
    expect(client.stats.openRequests).toBe(0)
    await expect(iterator.next()).resolves.toEqual({ value: undefined, done: true })
  })

  test('that is left before it was read asks nothing', async () => {
    const { client, socket } = await open()
    const iterator = client.stream('tokens')[Symbol.asyncIterator]()
    await iterator.return?.()
    await expect(iterator.next()).resolves.toEqual({ value: undefined, done: true })
    expect(socket.sent).toEqual([])
  })

  test('may be iterated twice, and asks twice', async () => {
    const { client, socket, environment } = await open()
    const stream = client.stream('tokens', 'why')
    for (const id of [1, 2]) {
      const { items, fate } = readAll(stream)
      expect(sentBy(socket).at(-1)).toEqual({ id, method: 'tokens', params: 'why' })
      serverSays(socket, { id, item: id })
      serverSays(socket, { id, result: null })
      await environment.settle()
      expect(items).toEqual([id])
      expect(fate.state).toBe('resolved')
    }
  })

  test('with a signal that is aborted already asks nothing', async () => {
    const { client, socket, environment } = await open()
    const { fate } = readAll(client.stream('tokens', 1, { signal: AbortSignal.abort('no') }))
    await environment.settle()
    expect(fate).toMatchObject({ state: 'rejected', error: 'no' })
    expect(socket.sent).toEqual([])
  })

  test('P8.1 holds at most 10,000 unread items, then is cancelled', async () => {
    const { client, socket, environment } = await open()
    const iterator = client.stream('tokens')[Symbol.asyncIterator]()
    const first = iterator.next()
    serverSays(socket, { id: 1, item: 0 })
    await first
    for (let item = 1; item <= 10_000; item++) serverSays(socket, { id: 1, item })
    expect(sentBy(socket)).toHaveLength(1)
    serverSays(socket, { id: 1, item: 10_001 })
    expect(sentBy(socket).at(-1)).toEqual({ id: 1, cancel: true })
    serverSays(socket, { id: 1, item: 10_002 })
    const read: unknown[] = []
    const end = await (async () => {
      for (;;) {
        const step = await iterator.next()
        if (step.done) return undefined
        read.push(step.value)
      }
    })().catch((error: unknown) => error)
    expect(end).toMatchObject({ code: 'STREAM_OVERFLOW' })
    // What came in order is not lost with what did not fit.
    expect(read.slice(0, 10_000)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1))
    await environment.settle()
    expect(client.stats).toMatchObject({ openRequests: 0, protocolErrors: 0 })
  })

  test('may have two readers, who share the items', async () => {
    const { client, socket } = await open()
    const iterator = client.stream('tokens')[Symbol.asyncIterator]()
    const steps = [iterator.next(), iterator.next(), iterator.next()]
    serverSays(socket, { id: 1, item: 'a' })
    serverSays(socket, { id: 1, item: 'b' })
    serverSays(socket, { id: 1, result: null })
    await expect(Promise.all(steps)).resolves.toEqual([
      { value: 'a', done: false },
      { value: 'b', done: false },
      { value: null, done: true },
    ])
  })

  test('may run beside others', async () => {
    const { client, socket, environment } = await open()
    const one = readAll(client.stream('tokens'))
    const two = readAll(client.stream('tokens'))
    serverSays(socket, { id: 2, item: 'two' })
    serverSays(socket, { id: 1, item: 'one' })
    serverSays(socket, { id: 2, result: null })
    await environment.settle()
    expect([one.items, two.items]).toEqual([['one'], ['two']])
    expect([one.fate.state, two.fate.state]).toEqual(['pending', 'resolved'])
  })

  test('may be silent for long once it has been sent', async () => {
    const { client, socket, environment } = await open({ requestTimeoutMs: 1000 })
    const { items, fate } = readAll(client.stream('tokens'))
    await environment.advance(3_600_000)
    expect(fate.state).toBe('pending')
    serverSays(socket, { id: 1, item: 'a' })
    await environment.settle()
    expect(items).toEqual(['a'])
  })

  test('that cannot be sent in time ends with RequestTimeout', async () => {
    const { client, environment } = await start({ requestTimeoutMs: 1000, openTimeoutMs: 60_000 })
    const { fate } = readAll(client.stream('tokens'))
    await environment.advance(1000)
    expect(fate.error).toBeInstanceOf(RequestTimeout)
    expect(client.stats.queuedMessages).toBe(0)
  })

  test('P4.7 that is cut throws DeliveryUnknown after the items that came, and is not asked for again', async () => {
    const world = await open()
    const { items, fate } = readAll(world.client.stream('tokens'))
    serverSays(world.socket, { id: 1, item: 'a' })
    world.socket.cut()
    await world.environment.settle()
    expect(items).toEqual(['a'])
    expect(fate.error).toBeInstanceOf(DeliveryUnknown)
    await comeBack(world)
    expect(world.socket.sent).toEqual([])
  })

  test('waits for a connection like any message', async () => {
    const { client, socket, environment } = await start()
    const { items } = readAll(client.stream('tokens'))
    await environment.settle()
    socket.accept()
    serverSays(socket, { id: 1, item: 'a' })
    await environment.settle()
    expect(items).toEqual(['a'])
  })

  test('settles when the client is closed, written or not', async () => {
    const written = await open()
    const one = readAll(written.client.stream('tokens'))
    written.client.close()
    const queued = await start()
    const two = readAll(queued.client.stream('tokens'))
    await queued.environment.settle()
    queued.client.close()
    await queued.environment.settle()
    expect(one.fate.error).toMatchObject({ code: 'DELIVERY_UNKNOWN' })
    expect(two.fate.error).toMatchObject({ code: 'DROPPED' })
    const after = readAll(written.client.stream('tokens'))
    await written.environment.settle()
    expect(after.fate.error).toMatchObject({ code: 'CLOSED' })
  })

  test('whose params cannot be encoded throws', async () => {
    const { client, environment } = await open()
    const { fate } = readAll(client.stream('tokens', 1n))
    await environment.settle()
    expect(fate.error).toBeInstanceOf(TypeError)
    expect(client.stats.openRequests).toBe(0)
  })
})

describe('an item', () => {
  test('for a request that is no stream is ignored', async () => {
    const { client, socket, environment } = await open()
    const fate = fateOf(client.request('sum'))
    serverSays(socket, { id: 1, item: 'odd' })
    serverSays(socket, { id: 1, result: 3 })
    await environment.settle()
    expect(fate.value).toBe(3)
  })
})
