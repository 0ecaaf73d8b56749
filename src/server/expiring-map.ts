import type { Clock } from './clock.js'

/** A map that forgets: each entry after `ttlMs`, and the oldest when there are more than `maxSize`. */
export class ExpiringMap<Value> {
  readonly #clock: Clock
  readonly #maxSize: number
  readonly #ttlMs: number
  /** Oldest first, and so in the order in which they expire. */
  readonly #entries = new Map<string, { readonly value: Value; readonly until: number }>()

  constructor(clock: Clock, maxSize: number, ttlMs: number) {
    this.#clock = clock
    this.#maxSize = maxSize
    this.#ttlMs = ttlMs
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    return entry && entry.until > this.#clock.now() ? entry.value : undefined
  }

  set(key: string, value: Value): void {
    const now = this.#clock.now()
    this.#entries.delete(key)
    this.#entries.set(key, { value, until: now + this.#ttlMs })
    for (const [oldest, { until }] of this.#entries) {
      if (until > now && this.#entries.size <= this.#maxSize) break
      this.#entries.delete(oldest)
    }
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}
