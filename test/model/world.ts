/** A client, a server and a network between them, and the ledger of what was promised. */
import { resumable } from '../../src/addons/resume/index.js'
import { RemoteError } from '../../src/index.js'
import { memoryDedupe, memoryHistory, memorySessions } from '../../src/server/index.js'
import type { PairConnection } from '../../src/testing/pair-connection.js'
import { createTestPair, type TestPair, type TestPairOptions } from '../../src/testing/test-pair.js'
import { DownLane, UpLane } from './ledger.js'

export const TTL_MS = 60_000
const GOODBYE = { windowMs: 1_000, graceMs: 2_000 }
/** Small, so that full buffers are met often. */
const MAX_QUEUE = 40
const MAX_BUFFER = 60

export interface World {
  readonly pair: TestPair
  readonly up: Record<'event' | 'slow' | 'raw' | 'delivered' | 'request' | 'idempotent', UpLane>
  readonly down: Record<'news' | 'direct' | 'raw', DownLane>
  /** Idempotent requests that may have been forgotten by a server without stores. */
  readonly mayRepeat: Set<number>
  /** Streams: items that came, in order. */
  readonly streams: { items: number[]; end: string }[]
  token: number
  /** Unannounced: with the stores of the server before, or fresh ones. */
  restart(withStores: boolean): void
  move(): void
  /** Checks, after everything is healed. Ends the pair. */
  finish(): Promise<string[]>
}

/** `isHandedOver`: in a planned restart sessions go on at the new server; else each page begins another. */
export async function createWorld(isHandedOver: boolean): Promise<World> {
  const up = {
    event: new UpLane('event'),
    slow: new UpLane('slow event'),
    raw: new UpLane('raw'),
    delivered: new UpLane('delivered'),
    request: new UpLane('request'),
    idempotent: new UpLane('idempotent'),
  }
  const down = { news: new DownLane('news'), direct: new DownLane('direct'), raw: new DownLane('raw down') }
  const world = { token: 1, mayRepeat: new Set<number>(), streams: [] as World['streams'] }
  /** The oldest token that the servers take. */
  const after = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      pair.environment.timer(resolve, ms)
    })

  const fresh = () => ({ history: memoryHistory(), dedupe: memoryDedupe(), sessions: memorySessions() })
  /** Keys of idempotent requests that run: a store outside finds out when their process has died. */
  const claimed = new Set<string>()
  /** Counts the servers. */
  let newest = 0
  /** Those before this one have died: what one does after its death does not count. */
  let living = 0
  /** Servers in a planned restart, until their time is over, and the connections of each. */
  const leaving = new Map<number, PairConnection[]>()
  /** One that hears that its page is gone begins nothing more, unless it is to hand on what it has handled. */
  const isUnaware = (server: number): boolean => {
    const connections = leaving.get(server)
    return connections !== undefined && (isHandedOver || connections.some(({ isOpen }) => isOpen))
  }
  const serverOptions = (stores: ReturnType<typeof fresh>, mine = newest): NonNullable<TestPairOptions['server']> => {
    const note = (lane: UpLane, number: unknown): void => {
      if (mine < living) return
      lane.received.push({ number: Number(number), server: mine, isUnaware: isUnaware(mine) })
    }
    return {
      history: stores.history,
      dedupe: {
        claim(key) {
          const known = stores.dedupe.claim(key)
          if (!known) claimed.add(key)
          return known
        },
        set(key, answer) {
          if (mine >= living && claimed.delete(key)) return stores.dedupe.set(key, answer)
        },
        release(key) {
          if (mine >= living && claimed.delete(key)) return stores.dedupe.release(key)
        },
      },
      pingIntervalMs: 2_000,
      sessions: { ttlMs: TTL_MS, maxMessages: MAX_BUFFER, ...(isHandedOver && { store: stores.sessions }) },
      auth({ token }) {
        if (token !== world.token) throw new RemoteError({ code: 401, message: 'expired' })
        return { name: 'ada' }
      },
      onMessage: (data) => note(up.raw, data),
      requests: {
        add: (number) => note(up.request, number),
        async wait(number, { signal }) {
          note(up.request, number)
          await after(3_000)
          return signal.aborted
        },
        async once(number) {
          await after(500)
          // The effect and the answer that is remembered come together.
          note(up.idempotent, number)
          return number
        },
        async *count(to) {
          for (let item = 0; item < Number(to); item++) {
            yield item
            await after(200)
          }
        },
      },
      channels: {
        chat: {
          on: {
            event: (number) => note(up.event, number),
            delivered: (number) => note(up.delivered, number),
          },
        },
        slow: {
          on: {
            async event(number) {
              note(up.slow, number)
              await after(700)
            },
          },
        },
        news: { history: { maxMessages: 25 } },
      },
    }
  }

  let stores = fresh()
  const pair = createTestPair({
    server: serverOptions(stores),
    client: {
      session: resumable(),
      auth: () => world.token,
      queue: { maxMessages: MAX_QUEUE },
      backoff: { firstWindowMs: 200, initialMs: 200, maxMs: 2_000 },
      requestTimeoutMs: 40_000,
    },
  })
  const { client } = pair

  const numberIn = (data: unknown): number => Number(String(data).match(/\d+/)?.[0])
  const laneOf = (channel: string | undefined): UpLane =>
    channel === 'slow' ? up.slow : channel === 'chat' ? up.event : up.raw
  const eventNumber = (data: unknown): number => numberIn(String(data).split('"data":')[1] ?? data)
  client.on('drop', ({ data, channel }) => laneOf(channel).settle(eventNumber(data), 'refused'))
  client.on('sessionlost', ({ messages }) => {
    for (const { data, channel } of messages) laneOf(channel).settle(eventNumber(data), 'unknown')
  })
  client.on('gap', ({ channel }) => {
    if (channel === 'news') down.news.heard.push('gap')
    if (channel === undefined) {
      down.direct.heard.push('gap')
      down.raw.heard.push('gap')
    }
  })
  client.on('error', () => {})
  client.on('message', (data) => down.raw.heard.push(numberIn(data)))
  client.channel('chat', { join: true }).on('direct', (number) => down.direct.heard.push(Number(number)))
  client.channel('slow', { join: true })
  client.channel('news', { join: true }).on('item', (number) => down.news.heard.push(Number(number)))
  await pair.run(1_000)

  return Object.assign(world, {
    pair,
    up,
    down,
    restart(withStores: boolean) {
      if (!withStores) {
        stores = fresh()
        for (const [number, fate] of up.idempotent.fates.entries()) if (fate === 'pending') world.mayRepeat.add(number)
      }
      living = newest += 1
      for (const key of claimed) void stores.dedupe.release(key)
      claimed.clear()
      pair.restart(serverOptions(stores))
    },
    move() {
      const server = newest++
      // What is still on its way opens at the next server.
      const connections = pair.connections.filter(({ up }) => !up.waiting.includes('[open]'))
      leaving.set(server, connections)
      const closed = pair.move(GOODBYE, serverOptions(stores))
      void Promise.race([closed, after(GOODBYE.windowMs + GOODBYE.graceMs)]).then(() => leaving.delete(server))
    },
    async finish() {
      pair.environment.hint('visible')
      pair.environment.hint('resume')
      await pair.run(30_000, 100)
      await pair.run(60_000, 500)
      const status = client.status === 'open' ? [] : [`the client is ${client.status}: ${client.explain().why}`]
      client.close()
      await pair.settle()
      await pair.run(10_000, 500)
      const found = [
        ...status,
        ...up.event.violations(false),
        ...up.slow.violations(false),
        ...up.raw.violations(false),
        ...up.delivered.violations(true),
        ...up.request.violations(true),
        ...up.idempotent.violations(true, world.mayRepeat),
        ...down.news.violations(),
        ...down.direct.violations(),
        ...down.raw.violations(),
        ...world.streams.flatMap(({ items, end }, at) => [
          ...(items.every((item, i) => item === i) ? [] : [`stream ${at} gave ${items}`]),
          ...(end === '' ? [`stream ${at} never ended`] : []),
        ]),
      ]
      await pair.close()
      return found
    },
  })
}
