import { checkTime, checkWhole } from './check.js'
import { type Clock, realClock } from './clock.js'
import type { Answer, DedupeStore } from './stores.js'

export interface MemoryDedupeOptions {
  /** Answers kept; one more takes the place of the oldest. Default 10,000. */
  maxEntries?: number
  /** How long each is kept, in ms. Default 24 hours. */
  ttlMs?: number
}

/** Answers in the memory of this process. They are not copied: a handler gives away what it returns. */
export class MemoryDedupe implements DedupeStore {
  readonly #clock: Clock
  readonly #maxEntries: number
  readonly #ttlMs: number
  /** Oldest first, and so in the order in which they expire. */
  readonly #entries = new Map<string, { readonly answer: Answer; readonly until: number }>()

  constructor(clock: Clock, { maxEntries = 10_000, ttlMs = 86_400_000 }: MemoryDedupeOptions = {}) {
    this.#clock = clock
    this.#maxEntries = checkWhole('maxEntries', maxEntries)
    this.#ttlMs = checkTime('ttlMs', ttlMs)
  }

  get(key: string): Answer | undefined {
    const entry = this.#entries.get(key)
    return entry && entry.until > this.#clock.now() ? entry.answer : undefined
  }

  set(key: string, answer: Answer): void {
    const now = this.#clock.now()
    this.#entries.delete(key)
    this.#entries.set(key, { answer, until: now + this.#ttlMs })
    for (const [oldest, { until }] of this.#entries) {
      if (until > now && this.#entries.size <= this.#maxEntries) break
      this.#entries.delete(oldest)
    }
  }
}

/**
 * The default of the option `dedupe`, with limits of your own. Throws `InvalidOption`, which names the field. It is
 * forgotten with the process: where a request must not run twice across a restart, use a store that outlives it.
 */
export const memoryDedupe = (options?: MemoryDedupeOptions): DedupeStore => new MemoryDedupe(realClock, options)
