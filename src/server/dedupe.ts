import { isDeepStrictEqual } from 'node:util'
import { INVALID_REQUEST } from '../protocol/frames.js'
import type { Logger } from '../shared/logger.js'
import { guard } from './errors.js'
import type { Answer, DedupeStore, Outcome } from './stores.js'

const FOREIGN: Outcome = { error: { code: INVALID_REQUEST, message: 'This key is not yours.' } }

/** An answer is for who asked first, and for nobody else. */
const outcomeFor = (subject: unknown, answer: Answer | undefined): Outcome | undefined =>
  answer && (isDeepStrictEqual(answer.subject, subject) ? answer.outcome : FOREIGN)

/** Runs each idempotent request once, whoever asks how often (P13.3). */
export class Dedupe {
  readonly #store: DedupeStore
  readonly #logger: Logger
  /** Requests that are looked up or run, by key. */
  readonly #running = new Map<string, Promise<Answer | undefined>>()

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
      const answer = await other
      // The other may have been stopped: then this one runs, if it is still wanted.
      if (answer || signal.aborted) return outcomeFor(subject, answer)
    }
    const answer = this.#find(key, subject, run)
    this.#running.set(key, answer)
    try {
      return outcomeFor(subject, await answer)
    } finally {
      this.#running.delete(key)
    }
  }

  async #find(key: string, subject: unknown, run: () => Promise<Outcome | undefined>): Promise<Answer | undefined> {
    const found = this.#store.get(key)
    // A store that answers at once keeps nobody waiting: requests start in the order in which they come.
    const known = found instanceof Promise ? await found : found
    if (known) return known
    const outcome = await run()
    if (!outcome) return undefined
    const answer = { subject, outcome }
    await guard(this.#logger, 'dedupe.set', () => this.#store.set(key, answer))
    return answer
  }
}
