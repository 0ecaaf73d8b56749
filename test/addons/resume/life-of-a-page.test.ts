import { describe, expect, test } from 'vitest'
import { ClientClosed } from '../../../src/index.js'
import { dropsOf, fateOf, sentBy, serverSays, type World } from '../../core/support.js'
import { begin, cutAndDial, eventsOf, greet, hiOf, openSession, resume, said, serverData } from './support.js'

describe('a client that ends', () => {
  test('P11.11 says `bye` after what was queued, closes with 1000, and names what nobody knows of', async () => {
    const world = await openSession()
    const { client, socket } = world
    const events = eventsOf(world, 'sessionlost', 'gap', 'end')
    client.send('a')
    const delivered = fateOf(client.channel('chat').deliver('message', 1))
    const asked = fateOf(client.request('sum', 1, { idempotent: true }))
    serverData(world, 1, 'x', 1)
    client.close()
    await world.environment.settle()
    expect(said(world)).toHaveLength(4)
    expect(said(world).at(-1)).toEqual({ bye: {} })
    expect(socket.closeRequest).toEqual({ code: 1000, reason: '' })
    expect(delivered.error).toMatchObject({ code: 'DELIVERY_UNKNOWN' })
    expect(asked.error).toMatchObject({ code: 'DELIVERY_UNKNOWN' })
    expect(events).toEqual([
      ['sessionlost', { why: 'closed', unknown: 1, messages: [] }],
      ['end', expect.any(ClientClosed)],
    ])
  })

  test('P11.11 with all acknowledged says `bye` and nothing else', async () => {
    const world = await openSession()
    const events = eventsOf(world, 'sessionlost', 'gap', 'drop')
    world.client.send('a')
    world.socket.serverSend('ack 1')
    world.client.close(4001, 'app')
    expect(said(world)).toEqual(['1 0 a', { bye: {} }])
    expect(world.socket.closeRequest).toEqual({ code: 4001, reason: 'app' })
    expect(events).toEqual([])
  })

  const ways: Record<string, (world: World) => Promise<void>> = {
    'while a socket opens': async () => {},
    'before `ok`': async ({ socket }) => socket.accept(),
    'in an open session': (world) => greet(world),
    'while it waits': async (world) => {
      await greet(world)
      world.socket.cut()
    },
    'while it comes back': async (world) => {
      await greet(world)
      await cutAndDial(world)
      world.socket.accept()
    },
    'after the server has ended it': async (world) => {
      await greet(world)
      world.client.send('written')
      world.socket.serverClose(4403, 'banned')
    },
    'in the freezer': async (world) => {
      await greet(world)
      world.environment.hint('freeze')
    },
  }

  test.each(Object.keys(ways))('P11.11 %s settles every promise, and names every message', async (name) => {
    const world = await begin()
    const { client, environment } = world
    const drops = dropsOf(world)
    const lost = eventsOf(world, 'sessionlost')
    await ways[name]?.(world)
    const fates = [
      client.request('a'),
      client.request('b', 1, { idempotent: true }),
      client.channel('chat').join(),
      client.channel('chat').deliver('message'),
      client.stream('c')[Symbol.asyncIterator]().next(),
    ].map((promise) => fateOf(promise))
    const sends = (): void => client.send('raw')
    if (client.status === 'closed') expect(sends).toThrow(ClientClosed)
    else sends()
    client.close()
    await environment.settle()
    expect(fates.map(({ state }) => state)).toEqual(Array(5).fill('rejected'))
    const named = [...drops, ...lost.flatMap(([, event]) => Object(event).messages)].map(({ data }) => data)
    expect(named).toEqual(name === 'after the server has ended it' ? ['written'] : ['raw'])
    // The farewell is for a server that has answered.
    const heard = name === 'in an open session'
    expect(environment.sockets.flatMap(sentBy).filter((frame) => 'bye' in Object(frame))).toHaveLength(heard ? 1 : 0)
    expect(client.stats).toMatchObject({ queuedMessages: 0, unacknowledged: 0, queuedBytes: 0, openRequests: 0 })
  })

  test('P11.10 P11.11 by a close code of the server has no session when it is started anew', async () => {
    const world = await openSession()
    world.socket.serverClose(4403)
    expect(world.client.status).toBe('closed')
    await cutAndDial(world)
    world.socket.accept()
    expect(hiOf(world)).not.toHaveProperty('session')
  })

  test('P11.11 on a socket that throws ends all the same', async () => {
    const world = await openSession()
    world.socket.throwOnSend()
    world.client.close()
    expect(world.client.status).toBe('closed')
  })

  test('does not write what a listener of `sessionlost` sends after `bye`', async () => {
    const world = await openSession()
    const drops = dropsOf(world)
    world.client.send('a')
    world.client.on('sessionlost', () => world.client.send('after all'))
    world.client.close()
    expect(said(world)).toEqual(['1 0 a', { bye: {} }])
    expect(drops.map(({ data }) => data)).toEqual(['after all'])
  })
})

describe('a page that is put aside', () => {
  test.each(['freeze', 'pagehide'] as const)(
    'P7.4 P10.5 P11.11 by %s acknowledges, closes without `bye`, and resumes on return',
    async (hint) => {
      const world = await openSession()
      const { environment, socket } = world
      world.client.send('a')
      serverData(world, 1, 'x')
      environment.hint(hint)
      expect(said(world)).toEqual(['1 0 a', 'ack 1'])
      expect(socket.closeRequest).toEqual({ code: 1000, reason: 'page hidden' })
      expect(world.client.status).toBe('waiting')
      world.client.send('meanwhile')
      environment.sleep(3_600_000)
      environment.hint(hint === 'freeze' ? 'resume' : 'pageshow')
      await environment.settle()
      const resumed = eventsOf(world, 'resumed')
      await greet(world, { resumed: true, sent: 1 })
      expect(hiOf(world)).toMatchObject({ session: 'session-1', received: 1 })
      expect(said(world)).toEqual(['1 1 a', '2 1 meanwhile'])
      expect(resumed).toEqual([['resumed', { replayed: 1, missedMs: 3_600_000 }]])
    },
  )

  test('in the middle of its handshake says the same `hi` again', async () => {
    const world = await openSession()
    await cutAndDial(world)
    world.socket.accept()
    world.environment.hint('freeze')
    world.environment.hint('resume')
    await world.environment.settle()
    world.socket.accept()
    expect(hiOf(world)).toMatchObject({ session: 'session-1', key: 'key-1', received: 0 })
  })

  test('P10.5 acknowledges anew after it has come back, for the last ack may be lost', async () => {
    const world = await openSession()
    serverData(world, 1, 'x')
    await resume(world, { sent: 1 })
    await world.environment.advance(250)
    expect(said(world)).toEqual(['ack 1'])
  })
})

describe('the heartbeat of a session', () => {
  test.each([false, { intervalMs: 5000, ping: 'are you there', pong: 'yes' }] as const)(
    'P3.1 P9.2 P9.5 answers the pings of the server with `heartbeat: %j` too, and takes them for no error',
    async (heartbeat) => {
      const world = await openSession({ heartbeat })
      serverData(world, 1, 'x')
      world.socket.serverSend('ping 15000')
      expect(said(world).slice(-2)).toEqual(['ack 1', 'pong'])
      expect(world.client.stats.protocolErrors).toBe(0)
    },
  )

  test('P10.5 an ack that is owed when the socket dies has no timer left', async () => {
    const world = await openSession()
    serverData(world, 1, 'x')
    world.socket.cut()
    world.client.close()
    expect(world.environment.timers).toBe(0)
  })

  test('a socket that throws when an ack is due is as good as cut', async () => {
    const world = await openSession()
    serverData(world, 1, 'x')
    world.socket.throwOnSend()
    await world.environment.advance(250)
    expect(world.client.status).toBe('waiting')
    expect(world.errors).toMatchObject([{ code: 'CONNECT_FAILED' }])
    await resume(world, { sent: 1 })
    expect(hiOf(world).received).toBe(1)
  })
})

describe('listeners in the middle of things', () => {
  const EVENTS = ['message', 'open', 'resumed', 'sessionlost', 'gap', 'drop', 'close', 'status', 'error'] as const

  const story = async (world: World): Promise<void> => {
    const turn = async (act: () => unknown): Promise<void> => {
      await act()
      await world.environment.settle()
    }
    await turn(() => world.socket.accept())
    await turn(() => world.socket.readyState === 1 && serverSays(world.socket, { ok: { ...OK_OF(world) } }))
    await turn(() => world.socket.readyState === 1 && serverData(world, 1, 'x'))
    await turn(() => world.socket.readyState === 1 && world.socket.serverSend('nonsense'))
    for (const ok of [{ resumed: true, sent: 1 }, { session: 'session-2' }, { resumed: true, received: 99 }]) {
      await turn(() => world.socket.readyState < 3 && world.socket.cut())
      if (world.client.status === 'closed') return
      await turn(() => world.client.reconnect())
      await turn(() => world.socket.readyState === 0 && world.socket.accept())
      await turn(() => world.socket.readyState === 1 && serverSays(world.socket, { ok: { ...OK_OF(world), ...ok } }))
    }
  }

  const OK_OF = (world: World) => ({
    session: hiOf(world).session ?? 'session-1',
    key: 'key',
    epoch: 'epoch',
    resumed: false,
    received: 0,
    sent: 0,
    ttlMs: 1,
    pingMs: 1,
    maxPayload: 1000,
  })

  test.each(EVENTS.flatMap((event) => (['close', 'reconnect', 'send'] as const).map((act) => [event, act] as const)))(
    'a listener of `%s` may %s',
    async (event, act) => {
      const world = await begin({ queue: { maxMessages: 3, overflow: 'drop-oldest' } })
      const { client, environment } = world
      let times = 0
      let heard = false
      client.on(event, () => {
        heard = true
        if (++times > 3) return
        if (act !== 'send') return client[act]()
        for (let i = 0; i < 3; i++) client.send(`${i}`)
      })
      const fates = [client.request('a'), client.channel('chat').join()].map((promise) => fateOf(promise))
      client.send('x'.repeat(990))
      await story(world)
      client.close()
      await environment.settle()
      expect(heard).toBe(true)
      expect(fates.map(({ state }) => state)).toEqual(['rejected', 'rejected'])
      expect(environment.sockets.filter(({ readyState }) => readyState < 2)).toEqual([])
      expect(client.stats).toMatchObject({ queuedMessages: 0, unacknowledged: 0, openRequests: 0 })
      expect(world.errors.filter(({ code }) => code === 'LISTENER')).toEqual([])
    },
  )
})

describe('a page that is left', () => {
  test('P11.11 says bye: its session ends with it, and not only when its time is over', async () => {
    const world = await openSession()
    world.environment.hint('unload')
    expect(said(world)).toEqual([{ bye: {} }])
    expect(world.socket.closeRequest).toEqual({ code: 1000, reason: 'page hidden' })
  })
})
