/** The storms. Each goes on for a while, and leaves nothing broken behind that healing the proxy would not mend. */
import { setTimeout as wait } from 'node:timers/promises'
import type { QueueOptions } from '../../src/index.js'
import type { FaultName } from '../../src/testing/index.js'
import type { World } from './world.js'

/** Times in ms. */
export interface Times {
  /** From one fault to the next. */
  readonly everyMs: number
  readonly forMs: number
}

/** What can be done to the page itself. */
export interface Subject {
  /** Freezes the page, or thaws it. Absent where nothing can. */
  setFrozen?(frozen: boolean): Promise<void>
}

/** What a storm acts on. */
export type Scene = Pick<World, 'stage' | 'crash' | 'restart'>

export interface Scenario {
  readonly name: string
  /** Whether a server finds what the one before it remembered; so nothing is lost with a session but its direct messages. */
  readonly stores: boolean
  /** Whether sessions are destroyed, so that messages may be of unknown fate, or missing. */
  readonly destroys: boolean
  /**
   * Whether an old server may still hear, late, what the page has been told is of unknown fate: such messages have no
   * place in the order.
   */
  readonly overlaps?: true
  /** Limits of the page's queue, by which it may drop messages. */
  readonly queue?: QueueOptions
  /** Only where pages can be frozen. */
  readonly needsFreezing?: true
  storm(scene: Scene, times: Times, subject: Subject): Promise<unknown>
}

/** Does something every so often; when that takes longer, some turns are left out. */
async function repeat(everyMs: number, forMs: number, act: () => unknown): Promise<void> {
  const start = performance.now()
  const untilNextTurn = () => wait(everyMs - ((performance.now() - start) % everyMs))
  await untilNextTurn()
  while (performance.now() - start < forMs) {
    await act()
    await untilNextTurn()
  }
}

/** How long everything is lost before a cut, in ms. */
const HOLE_MS = 30
/** What is late is late by this, in ms: the page is back long before. */
const LATE_MS = 300
/** A planned restart lasts longer than the time between two faults. */
const PLANNED_EVERY_MS = 1200

const faults =
  (...names: FaultName[]) =>
  ({ stage, crash }: Scene, { everyMs, forMs }: Times) =>
    stage.proxy.storm({ faults: names, everyMs, forMs, during: crash })

/** The same, with most held for long enough to be noticed. */
const longFaults =
  (...names: FaultName[]) =>
  (scene: Scene, { everyMs, forMs }: Times) =>
    faults(...names)(scene, { everyMs: 3 * everyMs, forMs })

const HARMLESS: FaultName[] = ['cut', 'blackHole', 'halfOpen', 'slow', 'trickle', 'refuse', 'replyPathDead', 'flap']

const KEEPS = { stores: true, destroys: false }

export const SCENARIOS: readonly Scenario[] = [
  { ...KEEPS, name: 'cut', storm: faults('cut') },
  {
    ...KEEPS,
    name: 'cut after a hole',
    storm: ({ stage }, { everyMs, forMs }) => repeat(everyMs, forMs, () => stage.cutAfterHole(HOLE_MS)),
  },
  {
    ...KEEPS,
    name: 'half-open cut',
    storm: ({ stage }, { everyMs, forMs }) => repeat(everyMs, forMs, () => stage.cutHalf(HOLE_MS)),
  },
  { ...KEEPS, name: 'black hole', storm: longFaults('blackHole') },
  { ...KEEPS, name: 'half-open', storm: faults('halfOpen') },
  { ...KEEPS, name: 'reply path dead', storm: faults('replyPathDead') },
  { ...KEEPS, name: 'slow', storm: longFaults('slow') },
  { ...KEEPS, name: 'trickle', storm: longFaults('trickle') },
  {
    ...KEEPS,
    name: 'refuse',
    storm: (scene, times) => Promise.all([faults('refuse')(scene, times), faults('flap')(scene, times)]),
  },
  { ...KEEPS, name: 'flap', storm: faults('flap') },
  { ...KEEPS, name: 'late frames', storm: lateFrames },
  // What the page drops while it is away leaves its number to another message: one that is late must not take that place.
  { ...KEEPS, name: 'late frames, impatient page', queue: { ttlMs: 100 }, storm: lateFrames },
  {
    ...KEEPS,
    name: 'frozen page',
    needsFreezing: true,
    async storm(_, { everyMs, forMs }, { setFrozen }) {
      let frozen = false
      await repeat(everyMs, forMs, async () => {
        frozen = !frozen
        await setFrozen?.(frozen)
      })
      await setFrozen?.(false)
    },
  },
  {
    ...KEEPS,
    name: 'planned restart',
    storm: ({ restart }, { forMs }) => repeat(Math.min(PLANNED_EVERY_MS, forMs / 2), forMs, restart),
  },
  { name: 'restart', stores: true, destroys: true, storm: faults('restart') },
  { name: 'restart, no stores', stores: false, destroys: true, storm: faults('restart') },
  { name: 'dead reply, restart', stores: true, destroys: true, storm: deadReplyThenCrash },
  {
    ...KEEPS,
    name: 'mixed, one server',
    storm: (scene, times) => Promise.all([faults(...HARMLESS)(scene, times), late(scene, times)]),
  },
  {
    name: 'mixed',
    stores: true,
    destroys: true,
    overlaps: true,
    storm: (scene, times) =>
      Promise.all([
        faults(...HARMLESS, 'restart')(scene, times),
        late(scene, times),
        repeat(times.everyMs * 9, times.forMs, scene.restart),
      ]),
  },
]

/** What a few seconds are enough for. */
export const QUICK_SCENARIOS: ReadonlySet<string> = new Set([
  'cut after a hole',
  'half-open cut',
  'reply path dead',
  'late frames, impatient page',
  'planned restart',
  'restart',
  'restart, no stores',
  'dead reply, restart',
])

/** The server acts, its answers are lost, and then it is gone: only what is remembered elsewhere keeps it from acting again. */
export async function deadReplyThenCrash({ stage, crash }: Scene, { everyMs, forMs }: Times): Promise<void> {
  await repeat(everyMs * 2, forMs, async () => {
    const heal = stage.proxy.fault('replyPathDead')
    await wait(everyMs / 2)
    await crash()
    heal()
  })
}

function lateFrames({ stage }: Scene, { everyMs, forMs }: Times): Promise<void> {
  return repeat(everyMs, forMs, () => stage.cutAndDeliverLate(LATE_MS))
}

function late({ stage }: Scene, { everyMs, forMs }: Times): Promise<void> {
  return repeat(everyMs * 4, forMs, () => stage.cutAndDeliverLate(LATE_MS))
}
