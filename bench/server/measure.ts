/** The server kit beside bare `ws` and socket.io. Each server is a process of its own, and so are its clients. */
import { execFileSync } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { busyTime, disturbance } from '../driver/processes.js'
import { HANDLERS, LIBRARIES } from './libraries.js'
import { bundle, type Pair, startPair } from './processes.js'

/** One measure: for each library the figures of the rounds, which belong together by their places. */
export interface Measure {
  readonly name: string
  readonly unit: string
  readonly more: 'is better' | 'is worse'
  readonly figures: { readonly [library: string]: readonly number[] }
  /** The share of all processors, from 0 to 1, that went to other programs in each round. */
  readonly others: readonly number[]
}

export interface ServerResults {
  /** What this machine did not allow. */
  readonly notes: readonly string[]
  readonly measures: readonly Measure[]
}

interface Size {
  readonly crowds: readonly number[]
  readonly rounds: number
  /** Messages delivered in one round, to all clients together. */
  readonly deliveries: number
  readonly requests: number
  readonly messages: number
}

const WHOLE: Size = { crowds: [1_000, 10_000], rounds: 9, deliveries: 40_000, requests: 20_000, messages: 50_000 }
const QUICK: Size = { crowds: [1_000], rounds: 2, deliveries: 10_000, requests: 5_000, messages: 10_000 }

/** Clients are opened in so many steps, each of which is a round of what one takes. */
const STEPS = 4
/** Those that are there before memory is first looked at: what the first ones bring about is not theirs alone. */
const FIRST_CLIENTS = 100
/** File descriptors of a process beside its connections. */
const SPARE_FILES = 200
/** Nothing here takes half of it. */
const LIMIT_MS = 60_000

/** Figures of one library in one round, by the name of the measure. */
type Round = { readonly [measure: string]: number }

const MEASURES: readonly Pick<Measure, 'name' | 'unit' | 'more'>[] = [
  { name: 'broadcast', unit: 'deliveries/s', more: 'is better' },
  { name: 'broadcast, processor time', unit: 'µs a delivery', more: 'is worse' },
  { name: 'requests', unit: 'requests/s', more: 'is better' },
  { name: 'requests, processor time', unit: 'µs a request', more: 'is worse' },
  { name: 'receive', unit: 'messages/s', more: 'is better' },
  { name: 'receive, processor time', unit: 'µs a message', more: 'is worse' },
  { name: 'memory of a connection, heap', unit: 'bytes', more: 'is worse' },
  { name: 'memory of a connection, resident', unit: 'bytes', more: 'is worse' },
]

/** Measures all there is: in at most 4 minutes, `quick` in half of one. A message that is missing or comes twice rejects. */
export async function measureServer({ quick = false }: { quick?: boolean } = {}): Promise<ServerResults> {
  const size = quick ? QUICK : WHOLE
  const notes: string[] = []
  const measures: Measure[] = []
  await bundle()
  for (const wanted of size.crowds) {
    const clients = Math.min(wanted, mostClients())
    if (clients < wanted) notes.push(`No more than ${clients} connections: ulimit -n allows no more files.`)
    const pairs: Pair[] = []
    try {
      for (const library of LIBRARIES) pairs.push(await startPair(library))
      measures.push(...(await measureCrowd(pairs, clients, size, wanted === size.crowds.at(-1))))
    } finally {
      await Promise.all(pairs.map((pair) => pair.end()))
    }
  }
  return { notes, measures }
}

async function measureCrowd(pairs: readonly Pair[], clients: number, size: Size, isLast: boolean): Promise<Measure[]> {
  const to = ` to ${clients.toLocaleString('en')}`
  for (const { load } of pairs) await load.call('open', FIRST_CLIENTS, LIMIT_MS)
  const step = (clients - FIRST_CLIENTS) / STEPS
  const memory = await inRounds(pairs, STEPS, '', (pair, round) =>
    openMore(pair, Math.round(FIRST_CLIENTS + step * round), Math.round(FIRST_CLIENTS + step * (round + 1))),
  )
  const broadcast = await inRounds(pairs, size.rounds, to, (pair) =>
    measureBroadcast(pair, clients, Math.round(size.deliveries / clients)),
  )
  if (!isLast) return broadcast
  const handlers = pairs.filter(({ library }) => HANDLERS.includes(library))
  const handling = await inRounds(handlers, size.rounds, '', async (pair) => ({
    ...(await measureRequests(pair, size.requests)),
    ...(await measureReceive(pair, size.messages)),
  }))
  return [...broadcast, ...handling, ...memory]
}

/** Library after library, over and over, and each time from another one on: A B C, B C A. */
async function inRounds(
  pairs: readonly Pair[],
  rounds: number,
  suffix: string,
  run: (pair: Pair, round: number) => Promise<Round>,
): Promise<Measure[]> {
  const given = new Map<string, Round[]>(pairs.map(({ library }) => [library, []]))
  const others: number[] = []
  for (let round = 0; round < rounds; round++) {
    const busy = busyTime()
    const first = round % pairs.length
    for (const pair of [...pairs.slice(first), ...pairs.slice(0, first)]) {
      given.get(pair.library)?.push(await run(pair, round))
    }
    others.push(disturbance(busy, busyTime()))
  }
  return MEASURES.flatMap(({ name, ...about }) => {
    const figures = Object.fromEntries(
      [...given].map(([library, rounds]) => [library, rounds.flatMap((figures) => figures[name] ?? [])]),
    )
    const isMeasured = Object.values(figures).some(({ length }) => length > 0)
    return isMeasured ? { name: name.replace('broadcast', `broadcast${suffix}`), ...about, figures, others } : []
  })
}

/** Opens clients, and sees what each of them takes when all that can be let go of has been. */
async function openMore({ server, load }: Pair, from: number, to: number): Promise<Round> {
  const before = await server.call('memory')
  await load.call('open', to, LIMIT_MS)
  const after = await server.call('memory')
  const each = (name: string): number => ((after[name] ?? 0) - (before[name] ?? 0)) / (to - from)
  return { 'memory of a connection, heap': each('heap'), 'memory of a connection, resident': each('rss') }
}

/** From the first broadcast until the last client has the last one; processor time until all is acknowledged, too. */
async function measureBroadcast({ server, load }: Pair, clients: number, messages: number): Promise<Round> {
  const deliveries = clients * messages
  const micros = await stopwatch(server)
  const counted = load.call('count', messages, LIMIT_MS)
  const [{ startedAt = 0 }, { at = 0 }] = await Promise.all([server.call('broadcast', messages, LIMIT_MS), counted])
  await load.call('settle')
  while ((await server.call('unacknowledged'))['bytes']) await wait(5)
  return {
    broadcast: (deliveries / (at - startedAt)) * 1000,
    'broadcast, processor time': (await micros()) / deliveries,
  }
}

async function measureRequests({ server, load }: Pair, requests: number): Promise<Round> {
  const micros = await stopwatch(server)
  const { ms = 0 } = await load.call('ask', requests, LIMIT_MS)
  return { requests: (requests / ms) * 1000, 'requests, processor time': (await micros()) / requests }
}

/** One client that sends raw messages as fast as the server takes them. */
async function measureReceive({ server, load }: Pair, messages: number): Promise<Round> {
  const micros = await stopwatch(server)
  const begin = performance.now()
  const { sent = 0 } = await load.call('send', messages, LIMIT_MS)
  await server.call('heard', sent, LIMIT_MS)
  const ms = performance.now() - begin
  return { receive: (messages / ms) * 1000, 'receive, processor time': (await micros()) / messages }
}

/** Gives a function that tells the processor time of a process since then, in microseconds. */
async function stopwatch(server: Pair['server']): Promise<() => Promise<number>> {
  const { micros: before = 0 } = await server.call('usage')
  return async () => ((await server.call('usage'))['micros'] ?? 0) - before
}

/** As many as a process may have files open for. */
function mostClients(): number {
  const limit = Number(execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }))
  return Number.isFinite(limit) ? limit - SPARE_FILES : Number.POSITIVE_INFINITY
}
