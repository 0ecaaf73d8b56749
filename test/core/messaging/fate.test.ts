import { describe, expect, test } from 'vitest'
import { ClientClosed, DeliveryUnknown, MessageDropped, RequestTimeout } from '../../../src/index.js'
import { closesOf, comeBack, fateOf, open, sentBy, serverSays, start } from '../support.js'

describe('after a cut', () => {
  test('what was written before an answered request is confirmed, and no more', async () => {
    const world = await open({ heartbeat: false })
    const closes = closesOf(world)
    world.client.send('a')
    const fates = ['m', 'n'].map((method) => fateOf(world.client.request(method)))
    world.client.send('b')
    serverSays(world.socket, { id: 2, result: null })
    // The older answer comes later, and takes nothing back.
    serverSays(world.socket, { id: 1, error: { code: 'no', message: 'No' } })
    world.socket.cut()
    await world.environment.settle()
    expect(closes).toMatchObject([{ unconfirmed: 1 }])
    expect(fates.map(({ state }) => state)).toEqual(['rejected', 'resolved'])
  })

  test('P4.7 a written request rejects with DeliveryUnknown, and is never sent again', async () => {
    const world = await open()
    const fate = fateOf(world.client.request('pay', 1))
    world.socket.cut()
    await world.environment.settle()
    expect(fate.error).toBeInstanceOf(DeliveryUnknown)
    expect(fate.error).toMatchObject({ code: 'DELIVERY_UNKNOWN', message: expect.stringContaining('pay') })
    await comeBack(world)
    expect(world.socket.sent).toEqual([])
  })

  test('P4.7 an idempotent one is sent again with the same id, ahead of anything newer, and answered', async () => {
    const world = await open()
    const fates = ['a', 'b'].map((method) => fateOf(world.client.request(method, 1, { idempotent: true })))
    world.socket.cut()
    world.client.send('newer')
    const newer = fateOf(world.client.request('c'))
    await comeBack(world)
    expect(sentBy(world.socket)).toEqual([
      { id: 1, method: 'a', params: 1 },
      { id: 2, method: 'b', params: 1 },
      'newer',
      { id: 3, method: 'c' },
    ])
    for (const id of [1, 2, 3]) serverSays(world.socket, { id, result: id })
    await world.environment.settle()
    expect([...fates, newer].map(({ value }) => value)).toEqual([1, 2, 3])
  })

  test('P4.7 an idempotent one is sent as often as it takes, and keeps its time limit', async () => {
    const world = await open()
    const fate = fateOf(world.client.request('a', 1, { idempotent: true, timeoutMs: 10_000 }))
    for (let i = 0; i < 3; i++) {
      await comeBack(world)
      expect(sentBy(world.socket)).toEqual([{ id: 1, method: 'a', params: 1 }])
    }
    await world.environment.advance(10_000)
    expect(fate.error).toBeInstanceOf(RequestTimeout)
  })

  test('P4.7 an idempotent one that waits too long for a connection rejects with DeliveryUnknown, for it was sent', async () => {
    const world = await open({ queue: { ttlMs: 1000 }, backoff: { initialMs: 1e6, maxMs: 1e6, firstWindowMs: 1e6 } })
    const fate = fateOf(world.client.request('a', 1, { idempotent: true }))
    world.socket.cut()
    await world.environment.advance(1100)
    expect(fate.error).toBeInstanceOf(DeliveryUnknown)
  })

  test('a queued one is sent, through as many cuts as it takes', async () => {
    const world = await start()
    const fate = fateOf(world.client.request('m'))
    world.socket.cut()
    await world.environment.advance(1000)
    world.socket.cut()
    await comeBack(world)
    expect(sentBy(world.socket)).toEqual([{ id: 1, method: 'm' }])
    serverSays(world.socket, { id: 1, result: 'done' })
    await world.environment.settle()
    expect(fate.value).toBe('done')
  })

  test('P1.1 an answer to a request of the old socket is ignored', async () => {
    const world = await open()
    fateOf(world.client.request('m'))
    await comeBack(world)
    serverSays(world.socket, { id: 1, result: 'stale' })
    const fate = fateOf(world.client.request('m'))
    serverSays(world.socket, { id: 2, result: 'fresh' })
    await world.environment.settle()
    expect(fate.value).toBe('fresh')
  })

  test('P1.1 an answer to what has not been written on this socket is ignored', async () => {
    const world = await open()
    const fate = fateOf(world.client.request('m', 1, { idempotent: true }))
    world.socket.cut()
    world.client.reconnect()
    await world.environment.settle()
    world.socket.bufferedAmount = 1_000_000
    world.socket.accept()
    serverSays(world.socket, { id: 1, result: 'too early' })
    await world.environment.settle()
    expect(fate.state).toBe('pending')
    world.socket.bufferedAmount = 0
    await world.environment.advance(1000)
    expect(sentBy(world.socket)).toEqual([{ id: 1, method: 'm', params: 1 }])
    serverSays(world.socket, { id: 1, result: 'in time' })
    await world.environment.settle()
    expect(fate.value).toBe('in time')
  })

  test('P4.7 reconnect() is a cut, too', async () => {
    const { client, environment } = await open()
    const fate = fateOf(client.request('m'))
    client.reconnect()
    await environment.settle()
    expect(fate.error).toBeInstanceOf(DeliveryUnknown)
  })
})

describe('after the end', () => {
  test('a written request rejects with DeliveryUnknown, an idempotent one too', async () => {
    const { client, environment } = await open()
    const fates = [{}, { idempotent: true }].map((options) => fateOf(client.request('m', 1, options)))
    client.close()
    await environment.settle()
    expect(fates.map(({ error }) => error)).toEqual([expect.any(DeliveryUnknown), expect.any(DeliveryUnknown)])
  })

  test('one that was never written rejects with MessageDropped', async () => {
    const { client, environment } = await start()
    const fate = fateOf(client.request('m'))
    client.close()
    await environment.settle()
    expect(fate.error).toBeInstanceOf(MessageDropped)
  })

  test('a new one rejects with ClientClosed', async () => {
    const { client, environment } = await open()
    client.close()
    await expect(client.request('m')).rejects.toThrow(ClientClosed)
    expect(client.stats.openRequests).toBe(0)
    expect(environment.timers).toBe(0)
  })

  test('by itself, the same', async () => {
    const { client, environment, socket } = await open()
    const fate = fateOf(client.request('m'))
    socket.serverClose(4403, 'banned')
    await environment.settle()
    expect(fate.error).toBeInstanceOf(DeliveryUnknown)
    await expect(client.request('m')).rejects.toThrow(/4403.*banned/)
  })
})
