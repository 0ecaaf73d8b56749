/** All measures of faults and memory, in one run, as tables. */
import { inPool } from '../../test/chaos/pool.js'
import { type Spread, spreadOf } from '../report/ratios.js'
import { measureCuts } from './cuts.js'
import { measureMemory } from './memory.js'
import { measureReconnects } from './reconnects.js'
import { type BreakOptions, breakAndWait, type Recovery } from './recovery.js'
import type { RunTask } from './stand.js'

/** A figure, or why there is none. */
export type Cell = Spread | number | 'never'

export interface FaultTable {
  readonly measure: string
  readonly unit: string
  /** Libraries that cannot do it have no row. */
  readonly rows: readonly { readonly peer: string; readonly cells: { readonly [column: string]: Cell } }[]
}

export interface FaultOptions {
  readonly peers: readonly string[]
  readonly quick: boolean
  /** Names of measures. Default all. */
  readonly only?: readonly string[] | undefined
}

/** What does not come back by itself. */
const STAYS_AWAY: readonly string[] = ['bare', 'websocket-as-promised', 'birpc', 'capnweb']

/** Libraries that judge a connection without having been told to. */
const WITH_HEARTBEAT: readonly string[] = ['phoenix', 'socket-io', 'holdfast', 'holdfast-resumable']

/** Pages at a time where they mostly wait, and where they work. */
const WAITING = 14
const WORKING = 4

const BEAT_MS = 1_000

interface Measure {
  readonly name: string
  readonly unit: string
  readonly peers: (peer: string, quick: boolean) => boolean
  readonly rounds: readonly [quick: number, whole: number]
  readonly atOnce: number
  /** The figures of one library in one round, by column; several where it did the same several times. */
  run(task: RunTask, peer: string, round: number, quick: boolean): Promise<Figures>
}

/** `undefined`: never. */
interface Figures {
  readonly [column: string]: readonly (number | undefined)[]
}

const comesBack = (peer: string): boolean => !STAYS_AWAY.includes(peer)

const timesOf = (recoveries: readonly Recovery[]): Figures => ({
  noticed: recoveries.map(({ noticed }) => noticed),
  'open again': recoveries.map(({ open }) => open),
  'message through': recoveries.map(({ through }) => through),
})

const breakBy = async (task: RunTask, peer: string, options: BreakOptions): Promise<Figures> =>
  timesOf(await breakAndWait(task, peer, options))

export const MEASURES: readonly Measure[] = [
  {
    name: 'black hole, defaults',
    unit: 'ms',
    // Others take longer than a quick run.
    peers: (peer, quick) => (quick ? peer.startsWith('holdfast') : WITH_HEARTBEAT.includes(peer)),
    rounds: [1, 1],
    atOnce: WAITING,
    run: (task, peer) =>
      breakBy(task, peer, {
        // Both kinds of holdfast against its own server, which pings by default.
        ...(peer.startsWith('holdfast') && { host: 'session' }),
        delayMs: 1_000,
        times: 1,
        // Just after a heartbeat: it takes longest then.
        afterMs: 50,
        limitMs: 50_000,
        how: (way) => way.swallow(),
      }),
  },
  {
    name: 'recovery',
    unit: 'ms',
    peers: comesBack,
    rounds: [1, 3],
    atOnce: 1,
    run: (task, peer, _, quick) =>
      breakBy(task, peer, {
        delayMs: 100,
        times: quick ? 2 : 5,
        afterMs: 50,
        limitMs: 5_000,
        how: (way) => way.cut(),
      }),
  },
  {
    name: 'black hole, heartbeat 1 s',
    unit: 'ms',
    peers: () => true,
    rounds: [1, 3],
    atOnce: WAITING,
    run: (task, peer, round, quick) =>
      breakBy(task, peer, {
        delayMs: 50,
        heartbeatMs: BEAT_MS,
        times: 1,
        // At several points of the interval; the first, just after a heartbeat, takes longest.
        afterMs: 100 + (round * BEAT_MS) / 3,
        limitMs: quick ? 5_000 : 8_000,
        how: (way) => way.swallow(),
      }),
  },
  {
    name: 'cuts every 300 ms',
    unit: 'messages',
    peers: comesBack,
    rounds: [1, 1],
    atOnce: WORKING,
    async run(task, peer, _, quick) {
      const { up, down, openings } = await measureCuts(task, peer, quick ? 500 : 5_000)
      return {
        'up lost': [up.lost],
        'up twice': [up.twice],
        'up out of order': [up.outOfOrder],
        'down lost': [down.lost],
        'down twice': [down.twice],
        'down out of order': [down.outOfOrder],
        openings: [openings],
      }
    },
  },
  {
    name: 'memory per queued message',
    unit: 'bytes',
    peers: () => true,
    rounds: [1, 2],
    atOnce: WORKING,
    async run(task, peer, _, quick) {
      const queued = await measureMemory(task, peer, quick ? 10_000 : 50_000)
      if (queued === 'absent') return {}
      const { each, textAlone, lost, late, refused } = queued
      return {
        'a message': [each],
        'text alone': [textAlone],
        lost: [lost],
        late: [late],
        refused: [refused],
      }
    },
  },
  {
    name: 'growth over reconnects',
    unit: 'bytes',
    peers: comesBack,
    rounds: [1, 1],
    atOnce: WORKING,
    async run(task, peer, _, quick) {
      const left = await measureReconnects(
        task,
        peer,
        quick ? { before: 50, reconnects: 50 } : { before: 600, reconnects: 300 },
      )
      if (left === 'absent') return {}
      const { bytesEach, sockets, connections } = left
      return { 'a reconnect': [bytesEach], 'sockets in the page': [sockets], 'connections at a time': [connections] }
    },
  },
]

/** Those that wait for most of a minute run beside all others. */
const BESIDE = 'black hole, defaults'

export async function measureFaults(runTask: RunTask, options: FaultOptions): Promise<FaultTable[]> {
  const { only } = options
  const wanted = MEASURES.filter(({ name }) => only?.includes(name) ?? true)
  const tableOf = (measure: Measure): Promise<FaultTable> => measureOne(runTask, measure, options)
  const inTurn = async (): Promise<FaultTable[]> => {
    const tables: FaultTable[] = []
    for (const measure of wanted) if (measure.name !== BESIDE) tables.push(await tableOf(measure))
    return tables
  }
  const [tables, ...beside] = await Promise.all([
    inTurn(),
    ...wanted.filter(({ name }) => name === BESIDE).map(tableOf),
  ])
  return [...tables, ...beside]
}

/** Library after library, round after round. */
async function measureOne(runTask: RunTask, measure: Measure, { peers, quick }: FaultOptions): Promise<FaultTable> {
  const able = peers.filter((peer) => measure.peers(peer, quick))
  const rounds = measure.rounds[quick ? 0 : 1]
  const turns = Array.from({ length: rounds }, (_, round) => able.map((peer) => ({ peer, round }))).flat()
  const figures = await inPool(turns, measure.atOnce, async ({ peer, round }) => ({
    peer,
    figures: await measure.run(runTask, peer, round, quick).catch((cause) => {
      throw new Error(`${peer}, ${measure.name}: ${cause instanceof Error ? cause.message : cause}`, { cause })
    }),
  }))
  const rows = able.flatMap((peer) => {
    const own = figures.filter((figure) => figure.peer === peer).map(({ figures }) => figures)
    const columns = Object.keys(own[0] ?? {})
    const cells = Object.fromEntries(
      columns.map((column) => [column, cellOf(own.flatMap((figures) => figures[column] ?? []))]),
    )
    return columns.length ? [{ peer, cells }] : []
  })
  return { measure: measure.name, unit: measure.unit, rows }
}

/** What came once is shown as it is; one that is missing among others counts as never. */
function cellOf(values: readonly (number | undefined)[]): Cell {
  if (values.some((value) => value === undefined)) return 'never'
  return values.length === 1 ? (values[0] ?? 'never') : spreadOf(values)
}
