/** Each adapter of the benchmark against its server, so that what is measured is what happens. */
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { HostClient } from '../../bench/hosts/host.js'
import { HOSTS } from '../../bench/hosts/index.js'
import { PEERS } from '../../bench/peers/index.js'
import type { Numbered, Peer } from '../../bench/peers/peer.js'
import { createFaultProxy } from '../../src/testing/index.js'

/** In Node an error that nobody hears would end the process, and some close sockets that are not open yet. */
class Socket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args)
    this.on('error', () => {})
  }
}
// That of a browser has none, and websocket-as-promised would rather use it.
Object.defineProperty(Socket.prototype, 'addListener', { value: undefined })
vi.stubGlobal('WebSocket', Socket)

const WITHOUT_BYTES: readonly string[] = ['rpc-websockets', 'birpc', 'capnweb']
const WITHOUT_REQUESTS: readonly string[] = ['reconnecting-websocket', 'partysocket', 'rews', 'websocket-ts']
const WITHOUT_RECONNECT: readonly string[] = ['bare', 'websocket-as-promised', 'birpc', 'capnweb']

const DEADLINE = { timeout: 5_000, interval: 5 }

const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1)
const MESSAGES = numbers(200).map((n): Numbered => ({ n, text: `message ${n}, "quoted" ü 🙂` }))
const BYTES = numbers(50).map((n) => Uint8Array.of(n, 0, 255, 10))

/** A link that is open, with a network between it and its host. */
async function open({ host: hostName, connect }: Peer) {
  const up: Numbered[] = []
  const upBytes: Uint8Array[] = []
  const down: Numbered[] = []
  const downBytes: Uint8Array[] = []
  const clients: HostClient[] = []
  const onOpen = vi.fn()
  const onClose = vi.fn()
  const start = HOSTS[hostName]
  if (!start) throw new Error(`There is no host ${hostName}.`)
  const host = await start({
    onClient: (client) => clients.push(client),
    onMessage: (message) => up.push(message),
    onBytes: (bytes) => upBytes.push(Uint8Array.from(bytes)),
  })
  const network = createFaultProxy({ target: { port: host.port } })
  const link = connect({
    url: `ws://127.0.0.1:${await network.listening()}`,
    onOpen,
    onClose,
    onMessage: (message) => down.push(message),
    onBytes: (bytes) => downBytes.push(new Uint8Array(bytes)),
    delayMs: 50,
  })
  onTestFinished(async () => {
    link.close()
    await network.close()
    await host.close()
  })
  await vi.waitUntil(() => onOpen.mock.calls.length === 1 && clients.length === 1, DEADLINE)
  const [client] = clients
  if (!client) throw new Error('The host has no client.')
  return { link, client, network, onOpen, onClose, up, upBytes, down, downBytes }
}

describe.each(PEERS)('%s', async (file) => {
  const peer: Peer = (await import(`../../bench/peers/${file}.ts`)).default

  const hasBytes = !WITHOUT_BYTES.includes(file)
  const hasRequests = !WITHOUT_REQUESTS.includes(file)
  const comesBack = !WITHOUT_RECONNECT.includes(file)

  test(`bytes: ${hasBytes}, requests: ${hasRequests}`, async () => {
    const { link } = await open(peer)
    expect([!!link.sendBytes, !!link.request]).toEqual([hasBytes, hasRequests])
  })

  test('sends, once and in order', async () => {
    const { link, up } = await open(peer)
    for (const message of MESSAGES) link.send(message)
    await expect.poll(() => up, DEADLINE).toEqual(MESSAGES)
  })

  test('receives, once and in order', async () => {
    const { client, down } = await open(peer)
    for (const message of MESSAGES) client.send(message)
    await expect.poll(() => down, DEADLINE).toEqual(MESSAGES)
    await expect.poll(() => client.bufferedAmount(), DEADLINE).toBe(0)
  })

  test.runIf(hasBytes)('sends and receives bytes', async () => {
    const { link, client, upBytes, downBytes } = await open(peer)
    for (const bytes of BYTES) {
      link.sendBytes?.(bytes)
      client.sendBytes(bytes)
    }
    await expect.poll(() => upBytes, DEADLINE).toEqual(BYTES)
    await expect.poll(() => downBytes, DEADLINE).toEqual(BYTES)
  })

  test.runIf(hasRequests)('asks 50 at once, each with its answer', async () => {
    const { link, down } = await open(peer)
    const asked = numbers(50)
    const answers = await Promise.all(asked.map((n) => link.request?.(n)))
    expect(answers).toEqual(asked.map((n) => n + 1))
    expect(down).toEqual([])
  })

  test.runIf(comesBack)('comes back after a cut, and goes on', async () => {
    const { link, network, onOpen, onClose, up } = await open(peer)
    network.fault('cut')
    await expect.poll(() => onOpen.mock.calls.length, DEADLINE).toBe(2)
    expect(onClose).toHaveBeenCalled()
    for (const message of MESSAGES) link.send(message)
    await expect.poll(() => up, DEADLINE).toEqual(MESSAGES)
  })

  test('closes, and leaves no connection', async () => {
    const { link, network } = await open(peer)
    expect(network.connections).toBe(1)
    link.close()
    await expect.poll(() => network.connections, DEADLINE).toBe(0)
  })
})
