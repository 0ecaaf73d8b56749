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

async function startProxy(target: FaultProxyOptions['target']): Promise<FaultProxy> {
  const proxy = createFaultProxy({ target })
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

    expect(proxy.cut()).toBe(2)
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

    proxy.blackHole(true)
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
    proxy.blackHole(false)
    await until(() => target.heard[0], 'one two three ')
    await until(() => client.heard, 'ONE from the server TWO THREE ')
  })

  test('swallows connections made while it lasts', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    proxy.blackHole(true)
    const client = await dial(proxy.port)
    client.socket.write('late')
    await until(() => target.sockets.length, 1)
    await giveItTime(target.port)
    expect(target.heard[0]).toBe('')

    proxy.blackHole(false)
    await until(() => client.heard, 'LATE')
  })

  test('hides that the other end has gone', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    client.socket.write('x')
    await until(() => client.heard, 'X')

    proxy.blackHole(true)
    client.socket.resetAndDestroy()
    await until(() => client.closed, true)
    target.sockets[0]?.write('to nobody')
    await giveItTime(target.port)
    expect(target.sockets[0]?.destroyed).toBe(false)
    expect(proxy.connections).toBe(1)

    proxy.blackHole(false)
    await until(() => target.sockets[0]?.destroyed, true)
    await until(() => proxy.connections, 0)
  })

  test('stops reading from a sender that goes on', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    proxy.blackHole(true)
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

    proxy.blackHole(false)
    await until(() => client.heard.length, size)
  })
})

describe('slow', () => {
  test('delays each way, keeps the order, and ends when taken back', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    proxy.slow(60)
    const start = performance.now()
    for (const word of ['a', 'b', 'c']) client.socket.write(word)
    await until(() => client.heard, 'ABC')
    expect(performance.now() - start).toBeGreaterThanOrEqual(119)

    proxy.slow(0)
    client.socket.write('d')
    await until(() => client.heard, 'ABCD')
  })

  test('delays the end too', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    proxy.slow(60)
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

    proxy.refuse(true)
    const refused = await dial(proxy.port)
    await until(() => refused.ended || refused.closed, true)
    expect(target.sockets).toHaveLength(1)
    old.socket.write('b')
    await until(() => old.heard, 'AB')

    proxy.refuse(false)
    const welcome = await dial(proxy.port)
    welcome.socket.write('c')
    await until(() => welcome.heard, 'C')
  })
})

describe('set', () => {
  test('with down on hold, requests arrive and replies do not', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    proxy.set('down', { gate: 'hold' })
    client.socket.write('asked')
    await until(() => target.heard[0], 'asked')
    expect(client.heard).toBe('')

    proxy.set('down', { gate: 'pass' })
    await until(() => client.heard, 'ASKED')
  })

  test('a direction that has lost bytes stays dead, for that connection only', async () => {
    const target = await startTarget()
    const proxy = await startProxy({ port: target.port })
    const client = await dial(proxy.port)
    proxy.set('down', { gate: 'drop' })
    client.socket.write('lost ')
    await until(() => target.heard[0], 'lost ')
    await giveItTime(target.port)

    proxy.set('down', { gate: 'pass' })
    client.socket.write('too')
    await until(() => target.heard[0], 'lost too')
    const next = await dial(proxy.port)
    next.socket.write('next')
    await until(() => next.heard, 'NEXT')
    expect(client.heard).toBe('')
    expect(client.ended).toBe(false)
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
    expect(proxy.cut()).toBe(1)
    await until(() => client.ended, true)
  })
})

test('close cuts what there is and frees the port', async () => {
  const target = await startTarget()
  const proxy = createFaultProxy({ target: { port: target.port } })
  const port = await proxy.listening()
  const client = await dial(port)
  proxy.slow(10_000)
  client.socket.write('never')
  await proxy.close()
  await until(() => client.ended || client.closed, true)
  await until(() => proxy.connections, 0)

  const again = createFaultProxy({ target: { port: target.port }, port })
  toClose.push(() => again.close())
  expect(await again.listening()).toBe(port)
})
