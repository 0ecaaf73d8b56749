import { describe, expect, test } from 'vitest'
import { ClientClosed, connect, type HoldfastError } from '../../../src/index.js'
import { fakeEnvironment } from '../../../src/testing/fake-environment.js'
import { ADDRESS, dropsOf, fateOf, open, serverSays, start, type World } from '../support.js'

describe('events', () => {
  test('tell the whole story, in order', async () => {
    const { client, environment } = await start()
    const story: unknown[] = []
    client.on('status', ({ status, waitingFor }) => story.push(waitingFor ?? status))
    client.on('open', (event) => story.push(event))
    client.on('close', ({ code }) => story.push(code))
    client.on('end', ({ code }) => story.push(code))
    environment.sockets[0]?.accept()
    environment.sockets[0]?.cut()
    await environment.advance(5000)
    environment.sockets[1]?.accept()
    client.close(4000)
    expect(story).toEqual([
      'auth',
      { reconnected: false },
      'open',
      1006,
      'retry',
      'address',
      'socket',
      'auth',
      { reconnected: true },
      'open',
      4000,
      'CLOSED',
      'closed',
    ])
  })

  test('are no longer told to a listener that was taken off', async () => {
    const { client, socket } = await open()
    const heard: unknown[] = []
    const off = client.on('message', (data) => heard.push(data))
    socket.serverSend('a')
    off()
    socket.serverSend('b')
    expect(heard).toEqual(['a'])
  })

  test.each(['open', 'close', 'message', 'status', 'end'] as const)(
    'of %s go on when a listener throws, and so does the client',
    async (event) => {
      const { client, socket, errors } = await start()
      let others = 0
      client.on(event, () => {
        throw new Error('oops')
      })
      client.on(event, () => others++)
      socket.accept()
      socket.serverSend('x')
      expect(client.status).toBe('open')
      client.close()
      expect(client.status).toBe('closed')
      expect(others).toBeGreaterThan(0)
      expect(errors).toHaveLength(others)
      expect(errors[0]).toMatchObject({
        code: 'LISTENER',
        message: expect.stringContaining(event),
        cause: { message: 'oops' },
      })
    },
  )

  test('of error that throw are told to the logger, and not to themselves', async () => {
    const { client, environment, socket } = await start()
    let calls = 0
    client.on('error', () => {
      calls++
      throw new Error('oops')
    })
    socket.refuse()
    expect(calls).toBe(1)
    expect(environment.logged).toMatchObject([{ level: 'error', details: [{ code: 'LISTENER' }] }])
    expect(client.status).toBe('waiting')
  })

  test('that come of another are told after it, to every listener in the same order', async () => {
    const { client, environment, socket } = await open()
    const stories: string[][] = [[], []]
    client.on('status', ({ status, waitingFor }) => {
      stories[0]?.push(waitingFor ?? status)
      if (waitingFor === 'retry') client.reconnect()
    })
    client.on('status', ({ status, waitingFor }) => stories[1]?.push(waitingFor ?? status))
    socket.cut()
    await environment.settle()
    expect(stories).toEqual([
      ['retry', 'address', 'socket'],
      ['retry', 'address', 'socket'],
    ])
  })

  test('of end say how it came to it', async () => {
    const { client, socket } = await open()
    const ends: HoldfastError[] = []
    client.on('end', (error) => ends.push(error))
    socket.serverClose(4403, 'banned')
    expect(ends).toEqual([expect.any(ClientClosed)])
    expect(ends[0]?.message).toContain('4403 banned')
  })
})

describe('a listener of drop', () => {
  test('may bring the client back as it ends', async () => {
    const { client, environment, socket } = await open()
    const ends: unknown[] = []
    client.on('end', (error) => ends.push(error))
    client.on('drop', () => client.reconnect())
    const waiting = fateOf(client.request('m'))
    socket.bufferedAmount = 1_000_000
    client.send('x')
    socket.serverClose(4403)
    await environment.settle()
    expect(ends).toEqual([])
    expect(environment.sockets).toHaveLength(2)
    expect(waiting.state).toBe('rejected')
    environment.sockets[1]?.accept()
    expect(client.status).toBe('open')
    expect(environment.sockets[1]?.sent).toEqual([])
  })

  test('may bring the client back and send again what was dropped, without end', async () => {
    const world = await open()
    const { client, environment, socket } = world
    const drops: unknown[] = []
    client.on('drop', ({ data }) => {
      drops.push(data)
      if (drops.length > 10) throw new Error('it loops')
      client.reconnect()
      client.send(data)
    })
    socket.bufferedAmount = 1_000_000
    client.send('a')
    client.send('b')
    socket.serverClose(4403)
    expect(drops).toEqual(['a', 'b'])
    await environment.settle()
    environment.sockets.at(-1)?.accept()
    expect(environment.sockets.at(-1)?.sent).toEqual(['a', 'b'])
    expect(world.errors).toEqual([])
  })

  test('may close the client while another message takes its place: that is dropped with its signal too', async () => {
    const world = await start({ queue: { maxMessages: 1, overflow: 'drop-oldest' } })
    const drops = dropsOf(world)
    world.client.on('drop', () => world.client.close())
    world.client.send('old')
    world.client.send('new')
    expect(drops).toMatchObject([
      { why: 'overflow', data: 'old' },
      { why: 'closed', data: 'new' },
    ])
    expect(world.client.stats).toMatchObject({ queuedMessages: 0, queuedBytes: 0, dropped: 2 })
  })

  test('may abort the request that takes its place: it is not written', async () => {
    const { client, environment, socket } = await start({ queue: { maxMessages: 1, overflow: 'drop-oldest' } })
    const controller = new AbortController()
    client.on('drop', () => controller.abort(new Error('stop')))
    client.send('old')
    const fate = fateOf(client.request('m', 1, { signal: controller.signal }))
    await environment.settle()
    expect(fate.error).toMatchObject({ message: 'stop' })
    expect(client.stats).toMatchObject({ queuedMessages: 0, openRequests: 0 })
    socket.accept()
    expect(socket.sent).toEqual([])
  })

  test('may bring the client back and ask anew: only what was asked before has failed', async () => {
    const { client, environment, socket } = await open()
    const fates: ReturnType<typeof fateOf>[] = []
    client.on('drop', () => {
      client.reconnect()
      fates.push(fateOf(client.request('again')))
    })
    socket.bufferedAmount = 1_000_000
    client.send('x')
    socket.serverClose(4403)
    await environment.settle()
    environment.sockets[1]?.accept()
    environment.sockets[1]?.serverSend('{"id":1,"result":"yes"}')
    await environment.settle()
    expect(fates).toMatchObject([{ state: 'resolved', value: 'yes' }])
  })
})

describe('what no listener takes', () => {
  const quiet = async (options: object = {}) => {
    const environment = fakeEnvironment()
    const client = connect(ADDRESS, { environment, ...options })
    await environment.settle()
    const socket = environment.sockets[0]
    if (!socket) throw new Error('no socket was made')
    return { client, environment, socket }
  }

  test('goes to the logger: a failed attempt for debugging, other errors as errors', async () => {
    const { client, environment, socket } = await quiet()
    client.on('open', () => {
      throw new Error('oops')
    })
    socket.accept()
    socket.serverSend('{"id":{},"result":1}')
    socket.cut()
    await environment.advance(1000)
    environment.sockets[1]?.refuse()
    expect(environment.logged.map(({ level, details }) => [level, details])).toMatchObject([
      ['error', [{ code: 'LISTENER' }]],
      ['error', [{ code: 'PROTOCOL' }]],
      ['debug', [{ code: 'CONNECT_FAILED' }]],
    ])
    client.close()
  })

  test('harms nothing when the logger throws', async () => {
    const fail = (): void => {
      throw new Error('disk full')
    }
    const { client, environment, socket } = await quiet({
      logger: { debug: fail, warn: fail, error: fail },
      queue: { maxMessages: 0, overflow: 'drop-newest' },
    })
    client.send('dropped')
    client.on('open', fail)
    socket.refuse()
    await environment.advance(1000)
    environment.sockets[1]?.accept()
    environment.sockets[1]?.serverSend('{"id":{},"result":1}')
    expect(client.status).toBe('open')
    client.close()
    expect(environment.timers).toBe(0)
  })

  test('goes to the logger that is given', async () => {
    const heard: string[] = []
    const { client, environment, socket } = await quiet({
      logger: { debug: (message: string) => heard.push(message), warn() {}, error() {} },
    })
    socket.refuse()
    expect(heard).toEqual([expect.stringContaining('1006')])
    expect(environment.logged).toEqual([])
    client.close()
  })
})

describe('frame', () => {
  const framesOf = (client: World['client']): unknown[] => {
    const frames: unknown[] = []
    client.on('frame', ({ direction, data }) => frames.push([direction, data]))
    return frames
  }

  test('tells every frame of both ways, heartbeats and auth among it, before anything comes of it', async () => {
    const { client, environment, socket } = await start({ auth: () => 'secret' })
    const frames = framesOf(client)
    client.on('message', (data) => frames.push(data))
    socket.accept()
    serverSays(socket, { id: 0, result: null })
    socket.serverSend('ping')
    client.channel('chat').send('message', 1)
    const bytes = new ArrayBuffer(2)
    client.send(bytes)
    socket.serverSend('raw')
    await environment.settle()
    expect(frames).toEqual([
      ['out', '{"id":0,"method":"auth","params":{"token":"secret"}}'],
      ['in', '{"id":0,"result":null}'],
      ['in', 'ping'],
      ['out', 'pong'],
      ['out', '{"channel":"chat","event":"message","data":1}'],
      ['out', bytes],
      ['in', 'raw'],
      'raw',
    ])
  })

  test('tells nothing of what waits, nor of a socket that was left', async () => {
    const { client, environment, socket } = await start()
    const frames = framesOf(client)
    client.send('waits')
    expect(frames).toEqual([])
    socket.accept()
    expect(frames).toEqual([['out', 'waits']])
    client.reconnect()
    await environment.settle()
    socket.onmessage?.({ data: 'late' })
    expect(frames).toHaveLength(1)
  })

  test('whose listener throws is reported, and the frame goes on', async () => {
    const { client, socket, errors } = await open()
    client.on('frame', () => {
      throw new Error('tool')
    })
    client.send('a')
    expect(socket.sent).toEqual(['a'])
    expect(errors).toMatchObject([{ code: 'LISTENER', cause: { message: 'tool' } }])
  })
})
