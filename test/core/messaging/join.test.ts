import { describe, expect, test } from 'vitest'
import { ClientClosed, RemoteError, RequestTimeout } from '../../../src/index.js'
import { comeBack, fateOf, open, sentBy, serverSays, start } from '../support.js'

const join = (id: number, params?: unknown) => ({
  id,
  method: 'join',
  params: { channel: 'chat', ...(params !== undefined && { params }) },
})
const event = (data?: unknown) => ({ channel: 'chat', event: 'message', ...(data !== undefined && { data }) })
const refusal = (id: number) => ({ id, error: { code: 'forbidden', message: 'Members only' } })

describe('join', () => {
  test('P6.2 asks to be let in, and resolves with the answer', async () => {
    const { client, socket } = await open()
    const answer = client.channel('chat').join({ room: 9 })
    expect(sentBy(socket)).toEqual([join(1, { room: 9 })])
    serverSays(socket, { id: 1, result: { members: 3 } })
    await expect(answer).resolves.toEqual({ members: 3 })
  })

  test('P6.3 is asked for again on each new socket, before anything that is queued', async () => {
    const world = await open()
    const chat = world.client.channel('chat', { join: { room: 9 } })
    serverSays(world.socket, { id: 1, result: null })
    for (const id of [2, 3]) {
      world.socket.cut()
      chat.send('message', id)
      world.client.on('open', () => {})
      await comeBack(world)
      expect(sentBy(world.socket)).toEqual([join(id, { room: 9 }), event(id)])
      serverSays(world.socket, { id, result: null })
    }
  })

  test('P6.3 comes after the answer to auth, and before what the open listeners send', async () => {
    const { client, socket } = await start({ auth: () => 't' })
    client.channel('chat', { join: true })
    client.on('open', () => client.channel('chat').send('message', 'from open'))
    client.channel('chat').send('message', 'queued')
    socket.accept()
    expect(sentBy(socket)).toHaveLength(1)
    serverSays(socket, { id: 0, result: null })
    expect(sentBy(socket).slice(1)).toEqual([join(1), event('from open'), event('queued')])
  })

  test('without a connection is held, and resolves with the first answer', async () => {
    const { client, socket, environment } = await start()
    const fate = fateOf(client.channel('chat').join())
    expect(client.stats.queuedMessages).toBe(0)
    socket.accept()
    expect(sentBy(socket)).toEqual([join(1)])
    serverSays(socket, { id: 1, result: 'in' })
    await environment.settle()
    expect(fate.value).toBe('in')
  })

  test('without an answer in time rejects, but the joining goes on', async () => {
    const world = await start({ requestTimeoutMs: 1000, openTimeoutMs: 60_000 })
    const fate = fateOf(world.client.channel('chat').join({ room: 9 }))
    await world.environment.advance(999)
    expect(fate.state).toBe('pending')
    await world.environment.advance(1)
    expect(fate.error).toBeInstanceOf(RequestTimeout)
    world.socket.accept()
    expect(sentBy(world.socket)).toEqual([join(2, { room: 9 })])
  })

  test('survives a cut before its answer', async () => {
    const world = await open()
    const fate = fateOf(world.client.channel('chat').join())
    await comeBack(world)
    expect(sentBy(world.socket)).toEqual([join(1)])
    serverSays(world.socket, { id: 1, result: 'in' })
    await world.environment.settle()
    expect(fate.value).toBe('in')
  })

  test('that is refused rejects, and is not asked for again', async () => {
    const world = await open()
    const answer = world.client.channel('chat').join()
    serverSays(world.socket, refusal(1))
    await expect(answer).rejects.toThrow(RemoteError)
    await comeBack(world)
    expect(world.socket.sent).toEqual([])
  })

  test('that is refused on a later connection is reported, and not asked for again', async () => {
    const world = await open()
    world.client.channel('chat', { join: true })
    serverSays(world.socket, { id: 1, result: null })
    await comeBack(world)
    serverSays(world.socket, refusal(2))
    await world.environment.settle()
    expect(world.errors).toMatchObject([{ code: 'JOIN_FAILED', cause: { code: 'forbidden' } }])
    await comeBack(world)
    expect(world.socket.sent).toEqual([])
  })

  test('on a later connection has no time limit: a slow answer is no refusal', async () => {
    const world = await open({ requestTimeoutMs: 1000 })
    world.client.channel('chat', { join: true })
    serverSays(world.socket, { id: 1, result: null })
    await comeBack(world)
    await world.environment.advance(3_600_000)
    expect(sentBy(world.socket)).toEqual([join(2)])
    serverSays(world.socket, { id: 2, result: null })
    await comeBack(world)
    expect(sentBy(world.socket)).toEqual([join(3)])
    expect(world.errors).toEqual([])
  })

  test('without waiting is sent when the connection comes, later than requests may last', async () => {
    const world = await start({ requestTimeoutMs: 1000, openTimeoutMs: 60_000 })
    world.client.channel('chat', { join: true })
    await world.environment.advance(30_000)
    expect(world.client.stats.openRequests).toBe(1)
    world.socket.accept()
    expect(sentBy(world.socket)).toEqual([join(1)])
    expect(world.errors).toEqual([])
  })

  test('without waiting outlasts the end of the client, if reconnect() brings it back', async () => {
    const world = await start({ backoff: { maxAttempts: 1 } })
    world.client.channel('chat', { join: { room: 9 } })
    world.socket.refuse()
    expect(world.client.status).toBe('closed')
    await comeBack(world)
    expect(sentBy(world.socket)).toEqual([join(2, { room: 9 })])
  })

  test.each(['close()', 'maxAttempts'] as const)(
    'without waiting reports nothing when the client ends by %s',
    async (how) => {
      const world = await start({ backoff: { maxAttempts: 1 } })
      world.client.channel('chat', { join: true })
      if (how === 'close()') world.client.close()
      else world.socket.refuse()
      await world.environment.settle()
      expect(world.errors.map(({ code }) => code)).not.toContain('JOIN_FAILED')
    },
  )

  test('that meets a fault of the server (-32603) rejects, but is asked for again', async () => {
    const world = await open()
    const fate = fateOf(world.client.channel('chat').join())
    serverSays(world.socket, { id: 1, error: { code: -32603, message: 'Internal error' } })
    await comeBack(world)
    expect(fate.error).toMatchObject({ code: -32603 })
    expect(sentBy(world.socket)).toEqual([join(2)])
  })

  test('without waiting reports a refusal', async () => {
    const world = await open()
    world.client.channel('chat', { join: true })
    serverSays(world.socket, refusal(1))
    await world.environment.settle()
    expect(world.errors).toMatchObject([{ code: 'JOIN_FAILED', message: expect.stringContaining('chat') }])
  })

  test('without waiting asks once, however often the channel is taken', async () => {
    const { client, socket } = await open()
    for (let i = 0; i < 3; i++) client.channel('chat', { join: true })
    expect(sentBy(socket)).toEqual([join(1)])
  })

  test('again replaces the one before, with its params', async () => {
    const world = await open({ requestTimeoutMs: 1000 })
    const chat = world.client.channel('chat')
    const first = fateOf(chat.join({ room: 1 }))
    const second = fateOf(chat.join({ room: 2 }))
    const asked = sentBy(world.socket).filter((frame) => JSON.stringify(frame).includes('"join"'))
    expect(asked).toEqual([join(1, { room: 1 }), join(2, { room: 2 })])
    await world.environment.settle()
    expect(first.error).toMatchObject({ code: 'REPLACED' })
    serverSays(world.socket, { id: 2, result: 'second' })
    await world.environment.advance(1000)
    expect(second.value).toBe('second')
    await comeBack(world)
    expect(sentBy(world.socket)).toEqual([join(3, { room: 2 })])
  })

  test('again without a connection asks once, with the newer params', async () => {
    const world = await start({ requestTimeoutMs: 1000 })
    const chat = world.client.channel('chat')
    const first = fateOf(chat.join({ room: 1 }))
    const second = fateOf(chat.join({ room: 2 }))
    world.socket.accept()
    expect(sentBy(world.socket)).toEqual([join(2, { room: 2 })])
    serverSays(world.socket, { id: 2, result: 'second' })
    await world.environment.advance(1000)
    expect(second.value).toBe('second')
    expect(first.error).toMatchObject({ code: 'REPLACED' })
  })

  test.each(['offline', 'online'] as const)(
    'after one without waiting is answered, %s, and nothing is reported',
    async (where) => {
      const world = await start()
      if (where === 'online') world.socket.accept()
      const chat = world.client.channel('chat', { join: true })
      const fate = fateOf(chat.join({ room: 2 }))
      if (where === 'offline') world.socket.accept()
      expect(sentBy(world.socket).at(-1)).toEqual(join(2, { room: 2 }))
      serverSays(world.socket, { id: 2, result: 'in' })
      await world.environment.settle()
      expect(fate.value).toBe('in')
      expect(world.errors).toEqual([])
    },
  )

  test('whose params cannot be encoded rejects, and is not asked for again', async () => {
    const world = await open()
    await expect(world.client.channel('chat').join(1n)).rejects.toThrow(TypeError)
    await comeBack(world)
    expect(world.errors).toEqual([])
    expect(world.socket.sent).toEqual([])
  })

  test('settles when the client is closed, asked for or held', async () => {
    const asked = await open()
    const held = await start()
    const fates = [asked, held].map(({ client }) => fateOf(client.channel('chat').join()))
    for (const { client, environment } of [asked, held]) {
      client.close()
      await environment.settle()
    }
    expect(fates.map(({ error }) => error)).toEqual([expect.any(ClientClosed), expect.any(ClientClosed)])
  })

  test('of a client that is closed rejects at once', async () => {
    const { client, environment } = await open()
    client.close()
    const fate = fateOf(client.channel('chat').join())
    await environment.settle()
    expect(fate.error).toBeInstanceOf(ClientClosed)
    expect(environment.timers).toBe(0)
  })

  test('waits its turn behind a full buffer, once, also through a cut', async () => {
    const world = await open()
    world.socket.bufferedAmount = 1_000_000
    fateOf(world.client.channel('chat').join())
    world.client.channel('chat').send('message', 1)
    expect(world.socket.sent).toEqual([])
    await comeBack(world)
    expect(sentBy(world.socket)).toEqual([join(1), event(1)])
  })
})
