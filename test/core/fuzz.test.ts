import { describe, expect, test } from 'vitest'
import type { Hint } from '../../src/index.js'
import { drawFrom, seededRandom } from '../../src/testing/random.js'
import { type Fate, fateOf, sentBy, serverSays, start, type World } from './support.js'

/** Those at the end found something once. */
const SEEDS = [...Array.from({ length: 60 }, (_, i) => i + 1), 271, 496, 1120, 1654, 2349, 2432]
const STEPS = 120

const HINTS: readonly Hint[] = [
  'online',
  'offline',
  'visible',
  'hidden',
  'focus',
  'pageshow',
  'pagehide',
  'freeze',
  'resume',
]
const CLOSE_CODES = [1000, 1001, 1011, 1012, 4401, 4403, 4429]

/** What was asked of the client, and what it said about it. */
interface Ledger {
  /** Raw messages that `send` took. */
  readonly accepted: string[]
  readonly dropped: unknown[]
  /** Of joins, leaves and openings. */
  readonly others: Fate<unknown>[]
  readonly requests: { readonly method: string; readonly idempotent: boolean; readonly fate: Fate<unknown> }[]
}

const newLedger = ({ client }: World): Ledger => {
  const ledger: Ledger = { accepted: [], dropped: [], others: [], requests: [] }
  client.on('drop', ({ data }) => ledger.dropped.push(data))
  return ledger
}

/** One thing that may happen in the life of a client. */
const actionsOf = (world: World, ledger: Ledger, random: () => number) => {
  const { client, environment } = world
  const pick = <T>(of: readonly T[]): T => drawFrom(random, of)
  const socketIn = (state: number) => environment.sockets.filter(({ readyState }) => readyState === state).at(-1)
  const trySend = (): void => {
    const text = `message ${ledger.accepted.length}`
    try {
      client.send(text)
      ledger.accepted.push(text)
    } catch {
      // The caller knows.
    }
  }
  return [
    trySend,
    trySend,
    trySend,
    () => {
      const method = `method ${ledger.requests.length}`
      const idempotent = random() < 0.5
      const options = { idempotent, timeoutMs: 1 + random() * 60_000 }
      ledger.requests.push({ method, idempotent, fate: fateOf(client.request(method, 1, options)) })
    },
    ...Array.from({ length: 5 }, () => () => socketIn(0)?.accept()),
    () => socketIn(0)?.refuse(),
    () => socketIn(1)?.cut(),
    () => socketIn(2)?.cut(),
    () => socketIn(1)?.serverClose(pick(CLOSE_CODES), random() < 0.3 ? 'retry=0-2000' : ''),
    () => socketIn(1)?.serverSend(pick(['ping 1000', 'ping', 'pong', '{"id":{},"result":1}', 'hello'])),
    ...Array.from({ length: 3 }, () => () => {
      const socket = socketIn(1)
      const asked = socket ? sentBy(socket).filter((frame) => typeof frame === 'object') : []
      if (socket && asked.length) serverSays(socket, { ...Object(pick(asked)), method: undefined, result: 1 })
    }),
    () => {
      const socket = socketIn(1)
      if (socket) serverSays(socket, { id: Math.ceil(random() * ledger.requests.length), result: 'forged' })
    },
    () => ledger.others.push(fateOf(client.channel('chat').join())),
    () => ledger.others.push(fateOf(client.channel('chat').leave())),
    () => ledger.others.push(fateOf(client.opened())),
    () => {
      const socket = socketIn(1)
      if (socket) socket.bufferedAmount = pick([0, 0, 1000, 1_000_000])
    },
    () => environment.hint(pick(HINTS)),
    () => environment.sleep(random() * 100_000),
    () => environment.advance(random() * 5000),
    () => environment.advance(random() * 50),
    () => environment.settle(),
    () => client.reconnect(),
  ]
}

const sentOnAll = ({ environment }: World): string[] => environment.sockets.flatMap(({ sent }) => sent.map(String))

describe('whatever happens', () => {
  test.each(SEEDS)('the promises hold (seed %i)', async (seed) => {
    const random = seededRandom(seed)
    const world = await start({ parts: { random }, queue: { ttlMs: 120_000 } })
    const { client, environment } = world
    const ledger = newLedger(world)
    const actions = actionsOf(world, ledger, random)

    for (let step = 0; step < STEPS; step++) {
      await actions[Math.floor(random() * actions.length)]?.()
      const living = environment.sockets.filter(({ readyState }) => readyState < 2)
      expect(living.length, 'sockets at a time').toBeLessThanOrEqual(1)
      expect(environment.timers, 'timers').toBeLessThanOrEqual(5)
      expect(client.explain().status).toBe(client.status)
      if (client.status === 'open') expect(living[0]?.readyState).toBe(1)
      const { until } = client.explain()
      if (client.status === 'waiting' && !until) expect(client.explain().waitingFor).toBe('page')
    }
    client.close()
    await environment.settle()

    const sent = sentOnAll(world)
    const written = sent.filter((data) => data.startsWith('message'))
    expect(new Set(written).size, 'messages written twice').toBe(written.length)
    expect([...written, ...ledger.dropped].sort(), 'each message is written or dropped').toEqual(
      [...ledger.accepted].sort(),
    )
    const order = written.map((text) => ledger.accepted.indexOf(text))
    expect(order, 'in order').toEqual([...order].sort((a, b) => a - b))

    for (const { method, idempotent, fate } of ledger.requests) {
      expect(fate.state, method).not.toBe('pending')
      const times = sent.filter((data) => data.includes(`"${method}"`)).length
      if (!idempotent) expect(times, method).toBeLessThanOrEqual(1)
      if (fate.state === 'resolved') expect(times, method).toBeGreaterThanOrEqual(1)
    }
    expect(ledger.others.filter(({ state }) => state === 'pending')).toEqual([])
    expect(client.stats).toMatchObject({ queuedMessages: 0, queuedBytes: 0, openRequests: 0 })
  })
})
