import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resumable } from '../../src/addons/resume/index.js'
import { type ConnectOptions, connect, type HoldfastError } from '../../src/index.js'
import { type FakeEnvironment, fakeEnvironment } from '../../src/testing/fake-environment.js'
import { hostile, pollution, seeds } from './frames.js'

const FRAMES = 60
const RUNS = 125

const OK = {
  session: 'session-1',
  key: 'key-1',
  epoch: 'epoch-1',
  resumed: false,
  received: 0,
  sent: 0,
  ttlMs: 60_000,
  pingMs: 15_000,
  maxPayload: 1_000_000,
}

/** Takes whatever socket the client opens, and answers its `hi`. */
async function serve(environment: FakeEnvironment, hasSession: boolean): Promise<void> {
  const socket = environment.sockets.at(-1)
  if (socket?.readyState !== 0) return
  socket.accept()
  if (hasSession) socket.serverSend(JSON.stringify({ ok: OK }))
  await environment.settle()
}

async function attack(frames: readonly (string | ArrayBuffer)[], options: ConnectOptions): Promise<void> {
  const environment = fakeEnvironment()
  const client = connect('wss://hostile.test', { ...options, environment })
  const errors: HoldfastError[] = []
  client.on('error', (error) => errors.push(error))
  const chat = client.channel('chat', { join: true })
  chat.on('message', () => {})
  client.handle('sum', (params) => params)
  const settled: unknown[] = []
  for (let i = 0; i < 3; i++)
    client.request('sum', i).then(
      () => settled.push(i),
      () => settled.push(i),
    )
  await environment.settle()
  for (const frame of frames) {
    await serve(environment, !!options.session)
    const socket = environment.sockets.at(-1)
    if (socket?.readyState === 1) socket.serverSend(frame)
    await environment.settle()
    if (client.status === 'waiting') await environment.advance(35_000)
    if (client.status === 'closed') client.reconnect()
    await environment.settle()
  }
  const connections = environment.sockets.length
  // Each is counted; the first of a connection is reported, beside how it ended.
  expect(errors.filter(({ code }) => code === 'PROTOCOL').length).toBeLessThanOrEqual(connections)
  expect(errors.filter(({ code }) => code === 'LISTENER')).toEqual([])
  expect(pollution()).toEqual([])
  expect(environment.timers).toBeLessThan(10)
  expect(client.stats.queuedMessages + client.stats.unacknowledged).toBeLessThan(FRAMES + 20)
  client.close()
  await environment.settle()
  expect(settled).toHaveLength(3)
  expect(environment.timers).toBe(0)
  expect(environment.listeners).toBe(0)
}

describe('a hostile server', () => {
  test.each(seeds(1))(
    'in a session nothing crashes, grows or is polluted (seed %i)',
    async (seed) => {
      const frames = fc.array(hostile, { minLength: FRAMES, maxLength: FRAMES })
      await fc.assert(
        fc.asyncProperty(frames, (some) => attack(some, { session: resumable() })),
        { seed, numRuns: RUNS },
      )
    },
    60_000,
  )

  test.each(seeds(2))(
    'on the plain wire too (seed %i)',
    async (seed) => {
      const frames = fc.array(hostile, { minLength: FRAMES, maxLength: FRAMES })
      await fc.assert(
        fc.asyncProperty(frames, (some) => attack(some, {})),
        { seed, numRuns: RUNS },
      )
    },
    60_000,
  )

  test('one that accepts and closes makes no hot loop', async () => {
    const environment = fakeEnvironment({ random: () => 1 })
    const client = connect('wss://hostile.test', { session: resumable(), environment })
    await environment.settle()
    for (let i = 0; i < 600; i++) {
      const socket = environment.sockets.at(-1)
      if (socket?.readyState === 0) {
        socket.accept()
        socket.serverSend(JSON.stringify({ ok: OK }))
        socket.serverClose(1011)
      }
      await environment.advance(1_000)
    }
    // Ten minutes: the waits grow to 30 s, as they do for attempts that never open.
    expect(environment.sockets.length).toBeLessThan(35)
    client.close()
  })

  test('one that never answers hi costs an attempt each time, and the reason is told', async () => {
    const environment = fakeEnvironment()
    const client = connect('wss://hostile.test', { session: resumable(), environment })
    const errors: string[] = []
    client.on('error', ({ message }) => errors.push(message))
    await environment.settle()
    environment.sockets.at(-1)?.accept()
    for (let i = 0; i < 9; i++) {
      environment.sockets.at(-1)?.serverSend('1 0 drip')
      await environment.advance(1_000)
    }
    expect(client.explain().waitingFor).toBe('auth')
    await environment.advance(1_000)
    expect(client.status).toBe('waiting')
    expect(errors.at(-1)).toContain('no auth in 10000 ms')
    client.close()
  })
})
