import { isDeepStrictEqual } from 'node:util'
import { INVALID_REQUEST } from '../protocol/frames.js'
import type { Logger } from '../shared/logger.js'
import { guard } from './errors.js'
import type { DedupeStore, Outcome } from './stores.js'

const FOREIGN: Outcome = { error: { code: INVALID_REQUEST, message: 'This key is not yours.' } }

/** Runs each idempotent request once, whoever asks how often (P13.3). */
export class Dedupe {
  readonly #store: DedupeStore
  readonly #logger: Logger
  readonly #running = new Map<string, { readonly subject: unknown; readonly outcome: Promise<Outcome | undefined> }>()

  constructor(store: DedupeStore, logger: Logger) {
    this.#store = store
    this.#logger = logger
  }

  /**
   * The outcome of the request with this key: remembered, of the one that runs, or of `run`. `undefined` if it was
   * stopped without one. Rejects with what the store throws when it is asked.
   */
  async once(
    key: string,
    subject: unknown,
    signal: AbortSignal,
    run: () => Promise<Outcome | undefined>,
  ): Promise<Outcome | undefined> {
    for (let other = this.#running.get(key); other; other = this.#running.get(key)) {
      if (!isDeepStrictEqual(other.subject, subject)) return FOREIGN
      const outcome = await other.outcome
      // The other may have been stopped: then this one runs, if it is still wanted.
      if (outcome || signal.aborted) return outcome
    }
    const outcome = this.#find(key, subject, run)
    this.#running.set(key, { subject, outcome })
    try {
      return await outcome
    } finally {
      this.#running.delete(key)
    }
  }

  async #find(key: string, subject: unknown, run: () => Promise<Outcome | undefined>): Promise<Outcome | undefined> {
    const found = this.#store.get(key)
    // A store that answers at once keeps nobody waiting: requests start in the order in which they come.
    const known = found instanceof Promise ? await found : found
    if (known) return isDeepStrictEqual(known.subject, subject) ? known : FOREIGN
    const outcome = await run()
    if (outcome) await guard(this.#logger, 'dedupe.set', () => this.#store.set(key, { subject, ...outcome }))
    return outcome
  }
}
