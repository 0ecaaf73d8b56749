/**
 * 300 clients under random faults for a long time: what they and the server hold must be the same after it as before, and
 * nothing may be lost. Run with `--expose-gc`.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { resumable } from '../../src/addons/resume/index.js'
import { browserEnvironment } from '../../src/core/platform/browser.js'
import { type Client, connect, type Environment, type SocketClass } from '../../src/index.js'
import { createServer, type Server } from '../../src/server/index.js'
import { createChecker } from '../../src/testing/checker.js'
import { createFaultProxy, type FaultProxy } from '../../src/testing/fault-proxy.js'
import type { FaultName } from '../../src/testing/faults.js'

export interface SoakOptions {
  clients: number
  /** How long the faults go on, in ms. */
  forMs: number
  seed: number
  log(line: string): void
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
/** What a heap may grow by and still be called flat: V8 keeps pages, and rings of buffers fill up once. */
const HEAP_TOLERANCE_MB = 8

interface App {
  channels: { soak: { up: { page: number; number: number }; down: { page: number; number: number } } }
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
      super(url, protocols)
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

export async function soak({ clients: count, forMs, seed, log }: SoakOptions): Promise<SoakReport> {
  const checker = createChecker()
  const lane = (way: 'up' | 'down', page: number) => checker.lane(`${way} ${page}`)
  const alive = { timers: 0, listeners: 0, sockets: new Set<WebSocket>() }
  const server: Server<App> = createServer<App>({
    port: 0,
    host: '127.0.0.1',
    pingIntervalMs: 1_000,
    limits: { maxConnectionsPerAddress: 10_000 },
    channels: { soak: { on: { up: ({ page, number }) => lane('up', page).received(number) } } },
  })
  const port = await server.listening()
  const proxies: FaultProxy[] = []
  for (let i = 0; i < Math.ceil(count / CLIENTS_PER_PROXY); i++) {
    const proxy = createFaultProxy({ target: { port }, seed: seed + i })
    await proxy.listening()
    proxies.push(proxy)
  }

  let sent = 0
  let resumed = 0
  const pages: { client: Client<App>; up: number; down: number }[] = []
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
    client.on('gap', ({ from, to }) => lane('down', page).gap(from, to))
    client.on('sessionlost', ({ why }) => log(`page ${page} lost its session: ${why}`))
    client.channel('soak', { join: true }).on('down', ({ page: whose, number }) => {
      if (whose === page) lane('down', page).received(number)
    })
    pages.push({ client, up: 0, down: 0 })
  }
  await until('all pages are in', () => server.members('soak').size === count, 20_000)

  /** Every page says something, and every page is told something. */
  const round = (): void => {
    pages.forEach((state, page) => {
      if (Math.random() > 0.5) return
      const number = ++state.up
      lane('up', page).sent(number)
      state.client.channel('soak').send('up', { page, number })
      sent += 1
    })
    const members = [...server.members('soak')]
    for (const [page, state] of pages.entries()) {
      const member = members[page]
      if (!member || Math.random() > 0.5) continue
      const number = ++state.down
      lane('down', page).sent(number)
      member.send('soak', 'down', { page, number })
      sent += 1
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

  const violations: string[] = []
  for (const key of ['listeners', 'sockets', 'serverConnections', 'sessions', 'sessionBytes', 'queued'] as const) {
    if (before[key] !== after[key]) violations.push(`${key}: ${before[key]} before, ${after[key]} after`)
  }
  // A timer a page for its state, its heartbeat, its queue and its acks.
  if (after.timers > 4 * count) violations.push(`timers: ${after.timers}`)
  if (after.heapMb > before.heapMb + HEAP_TOLERANCE_MB)
    violations.push(`heap: ${before.heapMb} MB, then ${after.heapMb}`)
  try {
    checker.assertExactlyOnce()
  } catch (error) {
    violations.push(String(error))
  }
  for (const { client } of pages) client.close()
  await until('every session is gone', () => server.metrics().sessions === 0, 10_000)
  if (alive.timers + alive.listeners !== 0)
    violations.push(`after close: ${alive.timers} timers, ${alive.listeners} listeners`)
  await Promise.all(proxies.map((proxy) => proxy.close()))
  await server.close({ graceMs: 500 })
  return { before, after, sent, resumed, violations }
}
