import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createConnection, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createFaultProxy, type FaultProxy, type FaultProxyOptions } from '../../src/testing/fault-proxy.js'

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close()
})

/** A server that remembers its sockets and what each one said, and says everything back in capitals. */
async function startTarget() {
  const sockets: Socket[] = []
  const heard: string[] = []
  const server: Server = createServer((socket) => {
    const index = sockets.push(socket) - 1
    heard[index] = ''
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      heard[index] += bytes.toString()
      socket.write(bytes.toString().toUpperCase())
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  toClose.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise((resolve) => server.close(resolve))
  })
  return { port: (server.address() as AddressInfo).port, sockets, heard }
}

async function startProxy(
  target: FaultProxyOptions['target'],
  options: Partial<FaultProxyOptions> = {},
): Promise<FaultProxy> {
  const proxy = createFaultProxy({ target, ...options })
  await proxy.listening()
  toClose.push(() => proxy.close())
  return proxy
}

/** A client that collects what it hears. */
async function dial(port: number) {
  const socket = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true })
  const client = { socket, heard: '', ended: false, closed: false }
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    client.heard += bytes.toString()
  })
  socket.on('end', () => {
    client.ended = true
  })
  socket.on('close', () => {
    client.closed = true
  })
  toClose.push(() => socket.destroy())
  await once(socket, 'connect')
  return client
}

const until = (what: () => unknown, value: unknown) => expect.poll(what, { timeout: 5_000, interval: 5 }).toEqual(value)

/** Gives what should not arrive as long as a healthy connection needs for a question and its answer, five times. */
async function giveItTime(port: number) {
  const proxy = await startProxy({ port })
  const witness = await dial(proxy.port)
  for (let times = 1; times <= 5; times++) {
    witness.socket.write('w')
    await until(() => witness.heard.length, times)
  }
}

describe('a healthy proxy', () => {
  test('carries bytes both ways and counts connections until both ends are closed', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    client.socket.write('hello')
    await until(() => client.heard, 'HELLO')
    expect(proxy.connections).toBe(1)

    client.socket.end()
    await until(() => proxy.connections, 0)
    expect(client.closed || client.ended).toBe(true)
  })

  test('delivers everything that was sent before a clean end', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    client.socket.end('x'.repeat(3_000_000))
    await until(() => client.heard.length, 3_000_000)
    await until(() => client.ended, true)
  })

  test('ends the client when there is no target', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    await toClose.shift()?.()
    const client = await dial(proxy.port)
    await until(() => client.closed || client.ended, true)
  })

  test('rejects listening when the port is taken', async () => {
    const target = await startTarget()
    const proxy = createFaultProxy({ target: { port: target.port }, port: target.port })
    await expect(proxy.listening()).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await proxy.close()
  })
})

describe('cut', () => {
  test('ends every connection on both sides, and the next one works', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const first = await dial(proxy.port)
    const second = await dial(proxy.port)
    first.socket.write('a')
    second.socket.write('b')
    await until(() => first.heard + second.heard, 'AB')

    expect(proxy.connections).toBe(2)
    proxy.fault('cut')
    await until(() => first.ended && second.ended, true)
    await until(() => target.sockets.map((socket) => socket.destroyed), [true, true])
    expect(proxy.connections).toBe(0)

    const third = await dial(proxy.port)
    third.socket.write('c')
    await until(() => third.heard, 'C')
  })
})

describe('black hole', () => {
  test('lets nothing pass either way and keeps the sockets open; afterwards all arrives, in order', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    client.socket.write('one ')
    await until(() => client.heard, 'ONE ')
    const bystander = await dial(proxy.port)

    const heal = proxy.fault('blackHole')
    client.socket.write('two ')
    target.sockets[0]?.write('from the server ')
    await giveItTime(target.port)
    expect(target.heard[0]).toBe('one ')
    expect(client.heard).toBe('ONE ')
    expect([client.ended, client.closed, bystander.closed, target.sockets[0]?.destroyed]).toEqual([
      false,
      false,
      false,
      false,
    ])

    client.socket.write('three ')
    heal()
    await until(() => target.heard[0], 'one two three ')
    await until(() => client.heard, 'ONE from the server TWO THREE ')
  })

  test('swallows connections made while it lasts', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const heal = proxy.fault('blackHole')
    const client = await dial(proxy.port)
    client.socket.write('late')
    await until(() => target.sockets.length, 1)
    await giveItTime(target.port)
    expect(target.heard[0]).toBe('')

    heal()
    await until(() => client.heard, 'LATE')
  })

  test('hides that the other end has gone', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    client.socket.write('x')
    await until(() => client.heard, 'X')

    const heal = proxy.fault('blackHole')
    client.socket.resetAndDestroy()
    await until(() => client.closed, true)
    target.sockets[0]?.write('to nobody')
    await giveItTime(target.port)
    expect(target.sockets[0]?.destroyed).toBe(false)
    expect(proxy.connections).toBe(1)

    heal()
    await until(() => target.sockets[0]?.destroyed, true)
    await until(() => proxy.connections, 0)
  })

  test('stops reading from a sender that goes on', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const heal = proxy.fault('blackHole')
    const client = await dial(proxy.port)
    const size = 48_000_000
    let sent = 0
    const sendOn = () => {
      if (sent < size) client.socket.write('x'.repeat(100_000), sendOn)
      sent += 100_000
    }
    sendOn()
    let before: number
    do {
      before = sent
      await giveItTime(target.port)
    } while (sent > before)
    expect(sent).toBeLessThan(size)

    heal()
    await until(() => client.heard.length, size)
  })
})

describe('slow', () => {
  test('delays each way, keeps the order, and ends when taken back', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    const heal = proxy.fault('slow', { ms: 60 })
    const start = performance.now()
    for (const word of ['a', 'b', 'c']) client.socket.write(word)
    await until(() => client.heard, 'ABC')
    expect(performance.now() - start).toBeGreaterThanOrEqual(119)

    heal()
    client.socket.write('d')
    await until(() => client.heard, 'ABCD')
  })

  test('delays the end too', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    proxy.fault('slow', { ms: 60 })
    const start = performance.now()
    client.socket.end('bye')
    await until(() => client.ended, true)
    expect(client.heard).toBe('BYE')
    expect(performance.now() - start).toBeGreaterThanOrEqual(119)
  })
})

describe('refuse', () => {
  test('breaks off new connections only', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const old = await dial(proxy.port)
    old.socket.write('a')
    await until(() => old.heard, 'A')

    const heal = proxy.fault('refuse')
    const refused = await dial(proxy.port)
    await until(() => refused.ended || refused.closed, true)
    expect(target.sockets).toHaveLength(1)
    old.socket.write('b')
    await until(() => old.heard, 'AB')

    heal()
    const welcome = await dial(proxy.port)
    welcome.socket.write('c')
    await until(() => welcome.heard, 'C')
  })
})

describe('half-open', () => {
  test.each(['up', 'down'] as const)(
    'loses what goes %s and carries the rest, for good for a connection',
    async (direction) => {
      const target = await startTarget()
      const proxy = await startProxy({ port: target.port })
      const client = await dial(proxy.port)
      client.socket.write('one ')
      await until(() => client.heard, 'ONE ')

      const heal = proxy.fault('halfOpen', { direction })
      client.socket.write('asked ')
      target.sockets[0]?.write('told ')
      await until(
        () => (direction === 'up' ? client.heard : target.heard[0]),
        direction === 'up' ? 'ONE told ' : 'one asked ',
      )
      await giveItTime(target.port)

      heal()
      client.socket.write('still there? ')
      target.sockets[0]?.write('still here ')
      const next = await dial(proxy.port)
      next.socket.write('next')
      await until(() => next.heard, 'NEXT')
      await giveItTime(target.port)
      expect([target.heard[0], client.heard]).toEqual(
        direction === 'up' ? ['one ', 'ONE told still here '] : ['one asked still there? ', 'ONE '],
      )
      expect([client.ended, target.sockets[0]?.destroyed]).toEqual([false, false])
    },
  )

  test('leaves a connection whole that lost nothing', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    proxy.fault('halfOpen')()
    client.socket.write('a')
    await until(() => client.heard, 'A')
  })

  test('hides from the server that the client has gone', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    client.socket.write('x')
    await until(() => client.heard, 'X')
    proxy.fault('halfOpen')
    client.socket.end()
    await giveItTime(target.port)
    expect(target.sockets[0]?.readableEnded).toBe(false)
  })
})

describe('reply path dead', () => {
  test('lets the server hear and act, and its answers are lost for good', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    const heal = proxy.fault('replyPathDead')
    client.socket.write('act')
    await until(() => target.heard[0], 'act')
    await giveItTime(target.port)
    heal()
    client.socket.write(' again')
    await until(() => target.heard[0], 'act again')
    await giveItTime(target.port)
    expect(client.heard).toBe('')
  })
})

describe('one direction by itself', () => {
  test('a black hole downwards lets requests pass and holds the replies', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    const heal = proxy.fault('blackHole', { direction: 'down' })
    client.socket.write('asked')
    await until(() => target.heard[0], 'asked')
    expect(client.heard).toBe('')
    heal()
    await until(() => client.heard, 'ASKED')
  })
})

describe('trickle', () => {
  test('carries a limited number of bytes in a second, in small pieces', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    const pieces: number[] = []
    client.socket.on('data', ({ length }) => pieces.push(length))
    proxy.fault('trickle', { bytesPerSecond: 1000, direction: 'down' })
    const start = performance.now()
    client.socket.end('x'.repeat(300))
    await until(() => client.ended, true)
    expect(client.heard).toHaveLength(300)
    // The first piece goes at once.
    expect(performance.now() - start).toBeGreaterThanOrEqual(270)
    expect(pieces.length).toBeGreaterThan(5)
    expect(Math.max(...pieces)).toBeLessThan(100)
  })

  test('lets go at once when it is healed', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    const heal = proxy.fault('trickle', { bytesPerSecond: 1 })
    client.socket.write('slowly')
    await until(() => target.heard[0], 's')
    const start = performance.now()
    heal()
    await until(() => client.heard, 'SLOWLY')
    expect(performance.now() - start).toBeLessThan(900)
  })
})

describe('faults together', () => {
  test('both are in effect, and each heal takes its own back, once', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const early = await dial(proxy.port)
    const healShort = proxy.fault('slow', { ms: 40, direction: 'up' })
    const healLong = proxy.fault('slow', { ms: 60_000, direction: 'up' })
    early.socket.write('a')
    await giveItTime(target.port)
    expect(target.heard[0]).toBe('')

    healLong()
    healLong()
    const late = await dial(proxy.port)
    const start = performance.now()
    late.socket.write('b')
    await until(() => late.heard, 'B')
    expect(performance.now() - start).toBeGreaterThanOrEqual(39)
    healShort()
    late.socket.write('c')
    await until(() => late.heard, 'BC')
  })

  test('two of a name last until both are healed', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    const heals = [proxy.fault('blackHole'), proxy.fault('blackHole')]
    client.socket.write('a')
    heals[0]?.()
    await giveItTime(target.port)
    expect(target.heard[0]).toBe('')
    heals[1]?.()
    await until(() => client.heard, 'A')
  })

  test('what one drops another cannot hold', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    const healHole = proxy.fault('blackHole')
    client.socket.write('held')
    await giveItTime(target.port)
    proxy.fault('halfOpen')()
    healHole()
    await giveItTime(target.port)
    expect(target.heard[0]).toBe('')
  })

  test('heal takes all of them back', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    proxy.fault('blackHole')
    proxy.fault('slow', { ms: 60_000 })
    proxy.fault('refuse')
    proxy.fault('flap', { minMs: 0, maxMs: 0 })
    proxy.heal()
    const client = await dial(proxy.port)
    client.socket.write('a')
    await until(() => client.heard, 'A')
    await giveItTime(target.port)
    expect(client.ended).toBe(false)
  })
})

describe('flap', () => {
  test('cuts one connection after another, until it is healed', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const heal = proxy.fault('flap', { minMs: 20, maxMs: 60 })
    for (let times = 0; times < 3; times++) {
      const client = await dial(proxy.port)
      await until(() => client.ended || client.closed, true)
    }
    heal()
    const survivor = await dial(proxy.port)
    survivor.socket.write('a')
    await until(() => survivor.heard, 'A')
    await giveItTime(target.port)
    expect(survivor.ended).toBe(false)
  })
})

describe('restart', () => {
  test('cuts, refuses while it lasts, then accepts again', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    const start = performance.now()
    proxy.fault('restart', { ms: 150 })
    await until(() => client.ended, true)
    const early = await dial(proxy.port)
    await until(() => early.ended || early.closed, true)
    await until(async () => {
      const next = await dial(proxy.port)
      next.socket.write('a')
      await Promise.race([once(next.socket, 'data'), once(next.socket, 'end')])
      return next.heard
    }, 'A')
    expect(performance.now() - start).toBeGreaterThanOrEqual(149)
  })

  test('ends early when it is healed', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    proxy.fault('restart', { ms: 60_000 })()
    await giveItTime(proxy.port)
  })
})

describe('storm', () => {
  const FAULTS = [
    'cut',
    'slow',
    'blackHole',
    'trickle',
    'halfOpen',
    'flap',
    'refuse',
    'replyPathDead',
    'restart',
  ] as const

  test('puts one fault after another on, and says what it did', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port }, { seed: 11 })
    const restarts: number[] = []
    const start = performance.now()
    const done = await proxy.storm({ faults: FAULTS, everyMs: 10, forMs: 600, during: () => restarts.push(1) })
    expect(performance.now() - start).toBeGreaterThanOrEqual(599)
    expect(done).toHaveLength(59)
    expect(new Set(done.map(({ name }) => name))).toEqual(new Set(FAULTS))
    expect(restarts.length).toBe(done.filter(({ name }) => name === 'restart').length)
    // All of it is healed.
    await giveItTime(proxy.port)
  })

  test('is the same for the same seed, and that of the proxy by default', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port }, { seed: 11 })
    const storm = (seed?: number) =>
      proxy.storm({ faults: FAULTS, everyMs: 5, forMs: 100, ...(seed !== undefined && { seed }) })
    const done = await Promise.all([storm(), storm(11), storm(12)])
    expect(done[1]).toEqual(done[0])
    expect(done[2]).not.toEqual(done[0])
  })

  test('hits those who are connected', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    await proxy.storm({ faults: ['cut'], everyMs: 5, forMs: 10 })
    await until(() => client.ended || client.closed, true)
  })

  test('ends when the proxy is closed, with what it did until then', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    const over = proxy.storm({ faults: ['refuse', 'cut'], everyMs: 20, forMs: 60_000_000, seed: 1 })
    await until(() => client.ended || client.closed, true)
    await proxy.close()
    const done = await over
    expect(done.length).toBeGreaterThan(0)
    expect(done.length).toBeLessThan(1000)
  })
})

describe('the seed', () => {
  test('is another one each time, and can be read', () => {
    const seeds = [1, 2].map(() => createFaultProxy({ target: { port: 1 } }).seed)
    expect(seeds[0]).not.toBe(seeds[1])
    expect(createFaultProxy({ target: { port: 1 }, seed: 5 }).seed).toBe(5)
  })
})

describe('mistakes', () => {
  const proxy = createFaultProxy({ target: { port: 1 } })

  test.each([
    ['ms', () => proxy.fault('slow', { ms: -1 })],
    ['ms', () => proxy.fault('restart', { ms: Number.NaN })],
    ['bytesPerSecond', () => proxy.fault('trickle', { bytesPerSecond: 0 })],
    ['minMs', () => proxy.fault('flap', { minMs: -1 })],
    ['maxMs', () => proxy.fault('flap', { minMs: 10, maxMs: 9 })],
  ])('an option out of its range is named: %s', (name, act) => {
    expect(act).toThrow(
      expect.objectContaining({ name: 'RangeError', message: expect.stringContaining(`${name} must`) }),
    )
  })

  test('a storm needs faults, and an interval', async () => {
    await expect(proxy.storm({ faults: [], everyMs: 1, forMs: 10 })).rejects.toThrow(RangeError)
    await expect(proxy.storm({ faults: ['cut'], everyMs: 0, forMs: 10 })).rejects.toThrow('everyMs')
    await expect(proxy.storm({ faults: ['cut'], everyMs: 1, forMs: Number.POSITIVE_INFINITY })).rejects.toThrow('forMs')
  })

  test('no fault after the end', async () => {
    const closed = createFaultProxy({ target: { port: 1 } })
    await closed.close()
    expect(() => closed.fault('refuse')).toThrow('closed')
  })
})

describe('connect', () => {
  test('carries a socket that an HTTP server has upgraded', async () => {
    const target = await startTarget()
    const proxy = createFaultProxy({ target: { port: target.port } })
    toClose.push(() => proxy.close())
    const server = createHttpServer().on('upgrade', (_request, socket, head) => {
      proxy.connect(socket, Buffer.concat([Buffer.from('head:'), head]))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    toClose.push(() => new Promise((resolve) => server.close(resolve)))

    const client = await dial((server.address() as AddressInfo).port)
    client.socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nearly ')
    await until(() => target.heard[0], 'head:early ')
    client.socket.write('later')
    await until(() => client.heard, 'HEAD:EARLY LATER')
    proxy.fault('cut')
    await until(() => client.ended, true)
  })
})

test('close cuts what there is and frees the port', async () => {
  const target = await startTarget()
  const proxy = createFaultProxy({ target: { port: target.port } })
  const port = await proxy.listening()
  const client = await dial(port)
  proxy.fault('slow', { ms: 10_000 })
  client.socket.write('never')
  await proxy.close()
  await until(() => client.ended || client.closed, true)
  await until(() => proxy.connections, 0)

  const again = createFaultProxy({ target: { port: target.port }, port })
  toClose.push(() => again.close())
  expect(await again.listening()).toBe(port)
})
