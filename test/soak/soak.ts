/**
 * 300 clients under random faults for a long time: what they and the server hold must be the same after it as before, and
 * nothing may be lost. Run with `--expose-gc`.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type ClientOptions, WebSocket } from 'ws'
import { resumable } from '../../src/addons/resume/index.js'
import { browserEnvironment } from '../../src/core/platform/browser.js'
import { type Client, connect, type Environment, type SocketClass } from '../../src/index.js'
import { createServer, type Server, type ServerClient } from '../../src/server/index.js'
import { createFaultProxy, type FaultProxy } from '../../src/testing/fault-proxy.js'
import type { FaultName } from '../../src/testing/faults.js'
import { seededRandom } from '../../src/testing/random.js'

export interface SoakOptions {
  clients: number
  /** How long the faults go on, in ms. */
  forMs: number
  seed: number
}

/** What is alive at one moment, after everything was collected. */
interface Census {
  heapMb: number
  /** Timers that clients have set. */
  timers: number
  /** Listeners that clients have put on the page. */
  listeners: number
  /** Sockets that are open or opening, of all clients. */
  sockets: number
  serverConnections: number
  sessions: number
  sessionBytes: number
  queued: number
}

export interface SoakReport {
  readonly before: Census
  readonly after: Census
  readonly sent: number
  readonly resumed: number
  /** What is not as it should be, in words. */
  readonly violations: string[]
}

/** Each proxy has its own storm, so that clients do not all suffer at once. */
const CLIENTS_PER_PROXY = 30
const FAULTS: FaultName[] = ['cut', 'cut', 'blackHole', 'halfOpen', 'slow', 'trickle', 'refuse', 'replyPathDead']
const SEND_EVERY_MS = 250
const WARM_UP_MS = 5_000
const SETTLE_MS = 40_000
/**
 * A socket waits for the other end's goodbye twice as long as a fault lasts, so that it is there when the network is back.
 * By itself ws waits 30 s, in which there is nothing to see. Its types do not know the option.
 */
const LEAVING: ClientOptions & { closeTimeout: number } = { closeTimeout: 3_000 }
/** What a heap may grow by and still be called flat: V8 keeps pages, and rings of buffers fill up once. */
const HEAP_TOLERANCE_MB = 8

interface App {
  channels: { soak: { up: { page: number; number: number }; down: { number: number } } }
}

/** Counts what one client holds. */
function countingEnvironment(alive: {
  timers: number
  listeners: number
  sockets: Set<WebSocket>
}): Partial<Environment> {
  const real = browserEnvironment()
  class Counted extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols, LEAVING)
      alive.sockets.add(this)
      this.on('close', () => alive.sockets.delete(this))
    }
  }
  return {
    // The class of ws is not typed as that of a browser, but behaves as it.
    WebSocket: Counted as unknown as SocketClass,
    timer(callback, ms) {
      alive.timers += 1
      let isSet = true
      const done = (): void => {
        if (isSet) alive.timers -= 1
        isSet = false
      }
      const cancel = real.timer(() => {
        done()
        callback()
      }, ms)
      return () => {
        done()
        cancel()
      }
    },
    onHint(_listener) {
      alive.listeners += 1
      return () => {
        alive.listeners -= 1
      }
    },
    logger: { debug() {}, warn() {}, error: console.error },
  }
}

/** Polls until something holds, and says what did not in time. */
async function until(what: string, holds: () => boolean, limitMs: number, state = () => ''): Promise<void> {
  const end = performance.now() + limitMs
  while (!holds()) {
    if (performance.now() > end) throw new Error(`not within ${limitMs} ms: ${what} ${state()}`)
    await wait(50)
  }
}

export async function soak({ clients: count, forMs, seed }: SoakOptions): Promise<SoakReport> {
  const violations: string[] = []
  /** Messages of one page in one direction. Two numbers, so that the books do not grow: the checker's would. */
  class Lane {
    sent = 0
    received = 0
    constructor(readonly name: string) {}
    receive(number: number): void {
      if (number !== this.received + 1) violations.push(`${this.name}: ${number} came after ${this.received}`)
      this.received = number
    }
  }
  const lanesOf = (page: number) => ({ up: new Lane(`up ${page}`), down: new Lane(`down ${page}`) })
  const lanes = Array.from({ length: count }, (_, page) => lanesOf(page))
  const alive = { timers: 0, listeners: 0, sockets: new Set<WebSocket>() }
  /** The server's side of each page. */
  const members = new Map<number, ServerClient<App>>()
  const server: Server<App> = createServer<App>({
    port: 0,
    host: '127.0.0.1',
    pingIntervalMs: 1_000,
    limits: { maxConnectionsPerAddress: 10_000 },
    channels: {
      soak: {
        join: (page, { client }) => void members.set(Number(page), client),
        on: { up: ({ page, number }) => lanes[page]?.up.receive(number) },
      },
    },
  })
  const port = await server.listening()
  const proxies: FaultProxy[] = []
  for (let i = 0; i < Math.ceil(count / CLIENTS_PER_PROXY); i++) {
    const proxy = createFaultProxy({ target: { port }, seed: seed + i })
    await proxy.listening()
    proxies.push(proxy)
  }

  const random = seededRandom(seed)
  let resumed = 0
  const pages: { client: Client<App> }[] = []
  for (let page = 0; page < count; page++) {
    const proxy = proxies[page % proxies.length]
    const client = connect<App>(`ws://127.0.0.1:${proxy?.port}`, {
      session: resumable(),
      backoff: { firstWindowMs: 200, initialMs: 200, maxMs: 1_000 },
      openTimeoutMs: 3_000,
      environment: countingEnvironment(alive),
    })
    client.on('resumed', () => {
      resumed += 1
    })
    client.on('sessionlost', ({ why }) => violations.push(`page ${page} lost its session: ${why}`))
    client.channel('soak', { join: page }).on('down', ({ number }) => lanes[page]?.down.receive(number))
    pages.push({ client })
  }
  await until('all pages are in', () => server.members('soak').size === count, 20_000)

  /** About half of the pages say something, and about half are told something. */
  const round = (): void => {
    for (const [page, { up, down }] of lanes.entries()) {
      if (random() < 0.5) pages[page]?.client.channel('soak').send('up', { page, number: ++up.sent })
      if (random() < 0.5) members.get(page)?.send('soak', 'down', { number: ++down.sent })
    }
  }

  const busy = async (ms: number): Promise<void> => {
    const end = performance.now() + ms
    while (performance.now() < end) {
      round()
      await wait(SEND_EVERY_MS)
    }
  }

  const isQuiet = (): boolean => {
    const { sessionsDetached, sessionBytes } = server.metrics()
    const isIdle = ({ client }: { client: Client<App> }): boolean =>
      client.status === 'open' && client.stats.unacknowledged + client.stats.queuedMessages === 0
    return sessionsDetached === 0 && sessionBytes === 0 && alive.sockets.size === count && pages.every(isIdle)
  }

  const describeNoise = (): string => {
    const { sessionsDetached, sessionBytes } = server.metrics()
    const busyPages = pages.filter(({ client }) => client.status !== 'open' || client.stats.unacknowledged > 0)
    const [first] = busyPages
    return JSON.stringify({
      ...server.metrics(),
      sessionsDetached,
      sessionBytes,
      sockets: alive.sockets.size,
      busyPages: busyPages.length,
      first: first && { ...first.client.explain(), ...first.client.stats },
    })
  }

  const census = async (): Promise<Census> => {
    await until('everything is acknowledged, and one socket a page', isQuiet, SETTLE_MS, describeNoise)
    // Timers of acks and of queues that had something to do run out.
    await wait(1_500)
    for (let i = 0; i < 4; i++) {
      globalThis.gc?.()
      await wait(50)
    }
    const metrics = server.metrics()
    return {
      heapMb: process.memoryUsage().heapUsed / 2 ** 20,
      timers: alive.timers,
      listeners: alive.listeners,
      sockets: alive.sockets.size,
      serverConnections: metrics.connections,
      sessions: metrics.sessions,
      sessionBytes: metrics.sessionBytes,
      queued: pages.reduce((sum, { client }) => sum + client.stats.queuedMessages, 0),
    }
  }

  const storm = async (ms: number): Promise<void> => {
    const storms = proxies.map((proxy) => proxy.storm({ faults: FAULTS, everyMs: 1_500, forMs: ms }))
    await Promise.all([...storms, busy(ms)])
    for (const proxy of proxies) proxy.heal()
  }

  // A first storm fills what fills once.
  await storm(WARM_UP_MS)
  const before = await census()
  await storm(forMs)
  const after = await census()

  for (const key of ['listeners', 'sockets', 'serverConnections', 'sessions', 'sessionBytes', 'queued'] as const) {
    if (before[key] !== after[key]) violations.push(`${key}: ${before[key]} before, ${after[key]} after`)
  }
  // A timer a page for its state, its heartbeat, its queue and its acks.
  if (after.timers > 4 * count) violations.push(`timers: ${after.timers}`)
  if (after.heapMb > before.heapMb + HEAP_TOLERANCE_MB)
    violations.push(`heap: ${before.heapMb} MB, then ${after.heapMb}`)
  for (const lane of lanes.flatMap(({ up, down }) => [up, down])) {
    if (lane.received !== lane.sent)
      violations.push(`${lane.name}: ${lane.sent} sent, the last received ${lane.received}`)
  }
  for (const { client } of pages) client.close()
  await until('every session is gone', () => server.metrics().sessions === 0, 10_000)
  if (alive.timers + alive.listeners !== 0)
    violations.push(`after close: ${alive.timers} timers, ${alive.listeners} listeners`)
  await Promise.all(proxies.map((proxy) => proxy.close()))
  await server.close({ graceMs: 500 })
  const sent = lanes.reduce((sum, { up, down }) => sum + up.sent + down.sent, 0)
  return { before, after, sent, resumed, violations }
}
