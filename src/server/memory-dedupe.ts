import { checkTime, checkWhole } from './check.js'
import { type Clock, realClock } from './clock.js'
import { ExpiringMap } from './expiring-map.js'
import type { Answer, DedupeStore } from './stores.js'

export interface MemoryDedupeOptions {
  /** Answers kept; one more takes the place of the oldest. Default 10,000. */
  maxEntries?: number
  /** How long each is kept, in ms. Default 24 hours. */
  ttlMs?: number
}

/** Answers in the memory of this process. They are not copied: a handler gives away what it returns. */
export class MemoryDedupe implements DedupeStore {
  readonly #answers: ExpiringMap<Answer>

  constructor(clock: Clock, { maxEntries = 10_000, ttlMs = 86_400_000 }: MemoryDedupeOptions = {}) {
    this.#answers = new ExpiringMap(clock, checkWhole('maxEntries', maxEntries), checkTime('ttlMs', ttlMs))
  }

  get(key: string): Answer | undefined {
    return this.#answers.get(key)
  }

  set(key: string, answer: Answer): void {
    this.#answers.set(key, answer)
  }
}

/**
 * The default of the option `dedupe`, with limits of your own. Throws `InvalidOption`, which names the field. It is
 * forgotten with the process: where a request must not run twice across a restart, use a store that outlives it.
 */
export const memoryDedupe = (options?: MemoryDedupeOptions): DedupeStore => new MemoryDedupe(realClock, options)
