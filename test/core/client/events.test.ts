import { describe, expect, test } from 'vitest'
import { ClientClosed, connect, type HoldfastError } from '../../../src/index.js'
import { fakeEnvironment } from '../../../src/testing/fake-environment.js'
import { ADDRESS, fateOf, open, start } from '../support.js'

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
