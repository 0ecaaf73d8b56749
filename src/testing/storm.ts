import { setTimeout as wait } from 'node:timers/promises'
import { atLeast, type FaultName, type FaultOptions, type Heal } from './faults.js'
import { drawBetween, drawFrom, seededRandom } from './random.js'

/** Times in ms. */
export interface StormOptions {
  /** The faults to choose from; one that is there twice comes twice as often. */
  faults: readonly FaultName[]
  /** Time from one fault to the next. Each one is healed before the next comes. */
  everyMs: number
  /** How long it lasts. */
  forMs: number
  /** The same seed gives the same storm. Default: that of the proxy. */
  seed?: number
  /** What `restart` calls while the target is away. */
  during?: () => unknown
}

/** One fault of a storm. Times in ms, as planned: a timer may be late. */
export interface StormStep {
  readonly name: FaultName
  /** What the seed chose. */
  readonly options: FaultOptions[FaultName]
  /** When it came, from the start of the storm. */
  readonly atMs: number
  /** How long it was held. 0 for a cut. */
  readonly forMs: number
}

/** Puts a fault on. */
export type PutFault = <Name extends FaultName>(name: Name, options: FaultOptions[Name]) => Heal

interface Planned {
  readonly step: StormStep
  start(): Heal
}

const drawDirection = (random: () => number) => drawFrom(random, ['up', 'down'] as const)

/** Options for a fault that is held for `ms`. */
const DRAW: { readonly [Name in FaultName]: (random: () => number, ms: number) => FaultOptions[Name] } = {
  cut: () => ({}),
  blackHole: () => ({}),
  halfOpen: (random) => ({ direction: drawDirection(random) }),
  slow: (random) => ({ ms: drawBetween(random, 10, 500) }),
  trickle: (random) => ({ bytesPerSecond: drawBetween(random, 200, 20_000) }),
  refuse: () => ({}),
  replyPathDead: () => ({}),
  flap: (random, ms) => ({ minMs: Math.ceil(ms / 10), maxMs: drawBetween(random, Math.ceil(ms / 10), Math.ceil(ms)) }),
  restart: (_, ms) => ({ ms }),
}

/** What a storm will do, in order: it depends on the options alone. */
export function* planStorm(options: StormOptions & { seed: number }, put: PutFault): Generator<Planned, void> {
  const { faults, seed, during } = options
  const everyMs = atLeast(1, 'everyMs', options.everyMs)
  const endMs = atLeast(0, 'forMs', options.forMs)
  const random = seededRandom(seed)

  const plan = <Name extends FaultName>(name: Name, atMs: number, forMs: number): Planned => {
    const drawn = DRAW[name](random, forMs)
    const given = name === 'restart' && during ? { ...drawn, during } : drawn
    return { step: { name, options: drawn, atMs, forMs }, start: () => put(name, given) }
  }

  for (let atMs = everyMs; atMs < endMs; atMs += everyMs) {
    const name = drawFrom(random, faults)
    const share = 0.1 + 0.8 * random()
    yield plan(name, atMs, name === 'cut' ? 0 : Math.min(Math.round(share * everyMs), endMs - atMs))
  }
}

/** Runs a plan to its end, or until the signal; gives what came of it. */
export async function runStorm(planned: Iterable<Planned>, endMs: number, signal: AbortSignal): Promise<StormStep[]> {
  const start = performance.now()
  const until = (ms: number): Promise<void> =>
    wait(Math.max(0, start + ms - performance.now()), undefined, { signal }).catch(() => {})
  const done: StormStep[] = []
  for (const { step, start } of planned) {
    await until(step.atMs)
    if (signal.aborted) break
    const heal = start()
    done.push(step)
    await until(step.atMs + step.forMs)
    heal()
  }
  await until(endMs)
  return done
}
