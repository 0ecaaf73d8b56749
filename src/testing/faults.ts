import type { Flow } from './fault-lane.js'
import { drawBetween } from './random.js'

/** `up`: from the client to the target. `down`: back. */
export type Direction = 'up' | 'down'

/** Takes a fault back: its own effect and no other. A second call does nothing. */
export type Heal = () => void

/** The faults by name, each with its options. Times in ms. */
export interface FaultOptions {
  /** All connections end at once, without a goodbye, both ways. Nothing is left to heal. */
  cut: object
  /** Nothing passes, and nobody is told. What was held arrives after it, in order, as after a tunnel. */
  blackHole: {
    /** Default both. */
    direction?: Direction
  }
  /**
   * One side never hears: what travels in one direction is lost. A connection that has lost something stays deaf there
   * for good, also after it, since TCP delivers nothing past a hole.
   */
  halfOpen: {
    /** The direction that is lost. Default `'up'`: the server never hears. */
    direction?: Direction
  }
  /** Everything takes longer. */
  slow: {
    /** How much longer, each way. Default 500. */
    ms?: number
    /** Default both. */
    direction?: Direction
  }
  /** Every connection carries a few bytes at a time. */
  trickle: {
    /** Most bytes in a second, each way. Default 1000, at least 1. */
    bytesPerSecond?: number
    /** Default both. */
    direction?: Direction
  }
  /** New connections are broken off at once. Those there are stay. */
  refuse: object
  /** The server hears and acts, and its answers are lost: `halfOpen` downwards. */
  replyPathDead: object
  /** Cuts again and again, each time after another wait drawn from the seed. */
  flap: {
    /** Shortest wait before a cut. Default 200. */
    minMs?: number
    /** Longest wait before a cut. Default 2000. */
    maxMs?: number
  }
  /** The target goes away: all connections are cut and new ones refused; then it is back. */
  restart: {
    /** How long it is away. Default 500. */
    ms?: number
    /**
     * Called while it is away, to restart the real target; it stays away until what this returns has settled. An error
     * of it is an unhandled rejection, so that the run of the tests fails.
     */
    during?: () => unknown
  }
}

export type FaultName = keyof FaultOptions

/** What a fault does as long as it is on. */
export interface Effect {
  readonly up?: Partial<Flow>
  readonly down?: Partial<Flow>
  readonly refuses?: boolean
  /** When it is taken back. */
  onHeal?(): void
}

/** What faults act on. */
export interface Network {
  /** Puts an effect on. */
  add(effect: Effect): Heal
  /** Ends all connections. */
  cut(): void
  /** A source of chance of its own, so that two faults do not take numbers from each other. */
  fork(): () => number
}

const along = (direction: Direction | undefined, flow: Partial<Flow>): Effect =>
  direction ? { [direction]: flow } : { up: flow, down: flow }

export const FAULTS: { readonly [Name in FaultName]: (network: Network, options: FaultOptions[Name]) => Heal } = {
  cut({ cut }) {
    cut()
    return () => {}
  },
  blackHole: ({ add }, { direction }) => add(along(direction, { gate: 'hold' })),
  halfOpen: ({ add }, { direction = 'up' }) => add(along(direction, { gate: 'drop' })),
  slow: ({ add }, { ms = 500, direction }) => add(along(direction, { delayMs: atLeast(0, 'ms', ms) })),
  trickle: ({ add }, { bytesPerSecond = 1000, direction }) =>
    add(along(direction, { bytesPerSecond: atLeast(1, 'bytesPerSecond', bytesPerSecond) })),
  refuse: ({ add }) => add({ refuses: true }),
  replyPathDead: ({ add }) => add({ down: { gate: 'drop' } }),
  flap({ add, cut, fork }, { minMs = 200, maxMs = 2000 }) {
    atLeast(atLeast(0, 'minMs', minMs), 'maxMs', maxMs)
    const random = fork()
    let timer: NodeJS.Timeout
    const wait = (): void => {
      timer = setTimeout(
        () => {
          cut()
          wait()
        },
        drawBetween(random, minMs, maxMs),
      )
    }
    wait()
    return add({ onHeal: () => clearTimeout(timer) })
  },
  restart({ add, cut }, { ms = 500, during }) {
    atLeast(0, 'ms', ms)
    let timer: NodeJS.Timeout | undefined
    const heal = add({ refuses: true, onHeal: () => clearTimeout(timer) })
    cut()
    const away = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    const comeBack = async (): Promise<void> => {
      try {
        await Promise.all([away, during?.()])
      } finally {
        heal()
      }
    }
    void comeBack()
    return heal
  },
}

/** Gives a number back if it is one from `least` on; throws a `RangeError` that names it otherwise. */
export function atLeast(least: number, name: string, value: number): number {
  if (Number.isFinite(value) && value >= least) return value
  throw new RangeError(`${name} must be a number from ${least} on, not ${value}.`)
}
