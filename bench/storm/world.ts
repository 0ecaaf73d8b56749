/** Time, chance and sockets for real code of pages, thousands of them in one process. */
import { setImmediate as turn } from 'node:timers/promises'
import { seededRandom } from '../../src/testing/random.js'

interface Timer {
  callback: (() => void) | undefined
}

/** Timers that are due later, in ms, never fire: a storm is over by then. */
const HORIZON_MS = 2 ** 22

export class World {
  now = 0
  readonly random: () => number
  /** What is due in each millisecond. */
  readonly #calendar: (Timer[] | undefined)[] = []

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  /** Calls back after so many whole milliseconds, as browsers do. */
  timer(callback: () => void, ms = 0): Timer {
    const at = this.now + Math.max(0, Math.floor(ms))
    const timer: Timer = { callback }
    if (at < HORIZON_MS) this.#at(at).push(timer)
    return timer
  }

  /** Lets time pass until then, or until it is `enough`. Before it does, every promise goes on that can. */
  async advance(untilMs: number, enough: () => boolean = () => false): Promise<void> {
    await turn()
    for (; this.now < untilMs && !enough(); this.now++) {
      while (this.#calendar[this.now]?.length) {
        for (const timer of this.#at(this.now).splice(0)) timer.callback?.()
        await turn()
      }
      delete this.#calendar[this.now]
    }
  }

  #at(ms: number): Timer[] {
    const timers = this.#calendar[ms] ?? []
    this.#calendar[ms] = timers
    return timers
  }

  /** Puts its time and chance in the place of those that libraries take from the globals, until the end of `body`. */
  async rule<T>(body: () => Promise<T>): Promise<T> {
    const { setTimeout, clearTimeout } = globalThis
    const { now } = Date
    const { random } = Math
    Object.assign(globalThis, {
      setTimeout: (callback: (...args: unknown[]) => void, ms: number, ...args: unknown[]) =>
        this.timer(() => callback(...args), ms),
      clearTimeout: (timer: Timer | undefined) => {
        if (timer) timer.callback = undefined
      },
    })
    Date.now = () => this.now
    Math.random = this.random
    try {
      return await body()
    } finally {
      Object.assign(globalThis, { setTimeout, clearTimeout })
      Date.now = now
      Math.random = random
    }
  }
}
