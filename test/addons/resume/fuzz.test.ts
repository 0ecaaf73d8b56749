import { describe, expect, test } from 'vitest'
import { resumable } from '../../../src/addons/resume/index.js'
import type { Hint } from '../../../src/index.js'
import { drawFrom, seededRandom } from '../../../src/testing/random.js'
import { type Fate, fateOf, start, type World } from '../../core/support.js'
import { HonestServer } from './honest-server.js'

/** Those at the end found something once. */
const SEEDS = [...Array.from({ length: 80 }, (_, i) => i + 1), 90, 134, 181, 203, 293]
const STEPS = 200

const HINTS: readonly Hint[] = ['online', 'visible', 'hidden', 'focus', 'pageshow', 'pagehide', 'freeze', 'resume']

/** What was asked of the client, and what it said about it. */
const newLedger = ({ client }: World) => {
  const ledger = {
    accepted: [] as string[],
    dropped: [] as unknown[],
    unknown: [] as unknown[],
    heard: [] as unknown[],
    gaps: 0,
    lost: 0,
    delivered: new Map<string, Fate<unknown>>(),
    requests: [] as { method: string; idempotent: boolean; fate: Fate<unknown> }[],
    joins: [] as Fate<unknown>[],
    leaves: [] as Fate<unknown>[],
  }
  client.on('drop', ({ data }) => ledger.dropped.push(data))
  client.on('sessionlost', ({ messages }) => {
    ledger.lost++
    ledger.unknown.push(...messages.map(({ data }) => data))
  })
  client.on('gap', () => ledger.gaps++)
  client.on('message', (data) => ledger.heard.push(data))
  return ledger
}

type Ledger = ReturnType<typeof newLedger>

/** One thing that may happen to a session. */
const actionsOf = (world: World, server: HonestServer, ledger: Ledger, random: () => number) => {
  const { client, environment } = world
  const socketIn = (state: number) => environment.sockets.filter(({ readyState }) => readyState === state).at(-1)
  let count = 0
  const send = (): void => {
    const text = `message ${++count}`
    try {
      client.send(text)
      ledger.accepted.push(text)
    } catch {
      // The caller knows.
    }
  }
  const often = (times: number, action: () => unknown) => Array.from({ length: times }, () => action)
  return [
    ...often(4, send),
    () => {
      const data = ++count
      const text = `{"channel":"chat","event":"message","data":${data}}`
      ledger.delivered.set(text, fateOf(client.channel('chat').deliver('message', data)))
    },
    ...often(2, () => {
      const method = `method ${++count}`
      const idempotent = random() < 0.5
      const stop = new AbortController()
      const options = { idempotent, timeoutMs: 1 + random() * 60_000, signal: stop.signal }
      ledger.requests.push({ method, idempotent, fate: fateOf(client.request(method, 1, options)) })
      if (random() < 0.2) environment.timer(() => stop.abort(), random() * 1000)
    }),
    () => ledger.joins.push(fateOf(client.channel('chat').join())),
    () => random() < 0.3 && ledger.leaves.push(fateOf(client.channel('chat').leave())),
    () => client.send('volatile', { volatile: true }),
    ...often(6, () => socketIn(0)?.accept()),
    ...often(10, () => server.read(Math.ceil(random() * 4))),
    ...often(3, () => server.send()),
    ...often(3, () => server.acknowledge()),
    ...often(3, () => server.answer()),
    () => socketIn(0)?.refuse(),
    ...often(2, () => socketIn(1)?.cut()),
    () => socketIn(1)?.serverClose(drawFrom(random, [1000, 1001, 1012, 4003, 4401])),
    () => random() < 0.3 && server.forget(),
    () => server.sayBye(random() < 0.7),
    () => {
      const socket = socketIn(1)
      if (socket) socket.bufferedAmount = drawFrom(random, [0, 0, 1_000_000])
    },
    () => environment.hint(drawFrom(random, HINTS)),
    () => environment.sleep(random() * 20_000),
    () => environment.advance(random() * 3000),
    ...often(3, () => environment.advance(random() * 300)),
    ...often(2, () => environment.settle()),
    () => client.reconnect(),
  ]
}

/** Lets all go well until nothing is left to say. */
const recover = async ({ client, environment }: World, server: HonestServer): Promise<void> => {
  environment.hint('visible')
  environment.hint('pageshow')
  for (let round = 0; round < 40; round++) {
    if (client.status === 'closed') client.reconnect()
    await environment.advance(500)
    for (const socket of environment.sockets) {
      socket.bufferedAmount = 0
      if (socket.readyState === 0) socket.accept()
    }
    server.read(1000)
    server.acknowledge()
    while (server.present?.open.size) server.answer()
  }
}

const times = (of: readonly unknown[], what: unknown): number => of.filter((one) => one === what).length

describe('whatever happens to a session', () => {
  test.each(SEEDS)(
    'nothing comes twice or out of order, and each message is delivered or named (seed %i)',
    async (seed) => {
      const random = seededRandom(seed)
      const world = await start({
        parts: { random },
        session: resumable(),
        auth: () => 'token',
        queue: { maxMessages: 40, overflow: drawFrom(random, ['reject', 'drop-oldest', 'drop-newest']) },
      })
      const { client, environment } = world
      const server = new HonestServer(environment)
      const ledger = newLedger(world)
      const actions = actionsOf(world, server, ledger, random)
      for (let step = 0; step < STEPS; step++) {
        await drawFrom(random, actions)()
        expect(server.offences, `in step ${step}`).toEqual([])
        const living = environment.sockets.filter(({ readyState }) => readyState < 2)
        expect(living.length, 'sockets at a time').toBeLessThanOrEqual(2)
        expect(environment.timers, 'timers').toBeLessThanOrEqual(12)
      }
      const wish = random() < 0.5 ? 'join' : 'leave'
      const wished = fateOf(client.channel('chat')[wish]())
      await recover(world, server)

      expect(server.offences).toEqual([])
      expect(world.errors.filter(({ code }) => code === 'LISTENER' || code === 'PROTOCOL')).toEqual([])
      expect(client.status, 'in the end').toBe('open')
      expect(client.stats).toMatchObject({ queuedMessages: 0, unacknowledged: 0, queuedBytes: 0, openRequests: 0 })
      // A leave that could not be sent has been told to its caller, and leaves the server uninformed.
      if (
        wished.state === 'resolved' &&
        (wish === 'join' || ledger.leaves.every(({ state }) => state === 'resolved'))
      ) {
        expect(server.present?.members.has('chat'), wish).toBe(wish === 'join')
      }

      const raw = server.handled.filter((text) => text.startsWith('message'))
      const order = raw.map((text) => ledger.accepted.indexOf(text))
      expect(order, 'once each, and in order').toEqual([...new Set(order)].sort((a, b) => a - b))
      for (const text of ledger.accepted) {
        const [handled, dropped, unknown] = [raw, ledger.dropped, ledger.unknown].map((of) => times(of, text))
        expect([handled, dropped, unknown], text).toSatisfy(
          ([here = 0, gone = 0, doubt = 0]) => gone + doubt <= 1 && (here ? gone === 0 : gone + doubt === 1),
        )
      }
      for (const [text, { state, error }] of ledger.delivered) {
        const handled = times(server.handled, text)
        const { code } = Object(error)
        expect([state, handled, code], text).toSatisfy(() =>
          state === 'resolved' ? handled === 1 : code === 'DELIVERY_UNKNOWN' ? handled <= 1 : handled === 0 && code,
        )
      }
      for (const { method, fate } of ledger.requests) {
        const runs = server.runs.get(method) ?? 0
        expect(runs, method).toBeLessThanOrEqual(1)
        expect(fate.state, method).not.toBe('pending')
        if (fate.state === 'resolved') expect([runs, fate.value], method).toEqual([1, `done: ${method}`])
        const { code } = Object(fate.error)
        if (code === 'DROPPED' || code === 'QUEUE_FULL') expect(runs, method).toBe(0)
      }
      expect([wished, ...ledger.joins, ...ledger.leaves].filter(({ state }) => state === 'pending')).toEqual([])

      const heard = ledger.heard.map((data) => Number(String(data).replace('from server ', '')))
      expect(heard, 'of the server').toEqual([...new Set(heard)].sort((a, b) => a - b))
      client.close()
      expect(client.stats.protocolErrors).toBe(0)
    },
  )
})
