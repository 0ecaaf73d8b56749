import { checkTime, checkWhole } from './check.js'
import { type Clock, realClock } from './clock.js'
import { ExpiringMap } from './expiring-map.js'
import type { Answer, DedupeStore } from './stores.js'

/** Limits of `memoryDedupe`. */
export interface MemoryDedupeOptions {
  /** Answers kept; one more takes the place of the oldest. Default 10,000. */
  maxEntries?: number
  /** How long each is kept, in ms. Default 24 hours. */
  ttlMs?: number
}

/** Answers in the memory of this process. They are not copied: a handler gives away what it returns. */
export class MemoryDedupe implements DedupeStore {
  readonly #answers: ExpiringMap<Answer>
  /** Keys whose requests run, and who waits for each. */
  readonly #running = new Map<string, ((answer: Answer | undefined) => void)[]>()

  constructor(clock: Clock, { maxEntries = 10_000, ttlMs = 86_400_000 }: MemoryDedupeOptions = {}) {
    this.#answers = new ExpiringMap(clock, checkWhole('maxEntries', maxEntries), checkTime('ttlMs', ttlMs))
  }

  claim(key: string): Answer | undefined | Promise<Answer | undefined> {
    const waiting = this.#running.get(key)
    if (waiting) return new Promise((resolve) => waiting.push(resolve))
    const answer = this.#answers.get(key)
    if (!answer) this.#running.set(key, [])
    return answer
  }

  set(key: string, answer: Answer): void {
    this.#answers.set(key, answer)
    const waiting = this.#running.get(key) ?? []
    this.#running.delete(key)
    for (const resolve of waiting) resolve(answer)
  }

  release(key: string): void {
    const next = this.#running.get(key)?.shift()
    if (next) next(undefined)
    else this.#running.delete(key)
  }
}

/**
 * The default of the option `dedupe`, with limits of your own. Throws `InvalidOption`, which names the field. It is
 * forgotten with the process: where a request must not run twice across a restart, use a store that outlives it.
 */
export const memoryDedupe = (options?: MemoryDedupeOptions): DedupeStore => new MemoryDedupe(realClock, options)
