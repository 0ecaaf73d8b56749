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
    request: { readonly isAborted: boolean },
    run: () => Promise<Outcome | undefined>,
  ): Promise<Outcome | undefined> {
    const claimed = this.#store.claim(key)
    // A store that answers at once keeps nobody waiting: requests start in the order in which they come.
    const known = claimed instanceof Promise ? await claimed : claimed
    // An answer is for who asked first, and for nobody else.
    if (known) return isDeepStrictEqual(known.subject, subject) ? known.outcome : FOREIGN
    // The one before was stopped, and this one may have been, too.
    const outcome = request.isAborted ? undefined : await run()
    await guard(this.#logger, `dedupe.${outcome ? 'set' : 'release'}`, () =>
      outcome ? this.#store.set(key, { subject, outcome }) : this.#store.release(key),
    )
    return outcome
  }
}
