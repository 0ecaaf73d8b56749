import { type ErrorBody, INTERNAL } from '../protocol/frames.js'
import { HoldfastError, RemoteError } from '../shared/errors.js'
import type { Logger } from '../shared/logger.js'

/** What the client hears of a failure that the app did not word itself. */
export const INTERNAL_ERROR: ErrorBody = { code: INTERNAL, message: 'internal error' }

/** An error that a client is to read: `throw new RemoteError({ code, message, data })` in any handler. */
export const refusal = (code: number | string, message: string): RemoteError => new RemoteError({ code, message })

/**
 * What of a throw may travel: the errors of holdfast, of which `RemoteError` is the app's. Those of other libraries may
 * have a code too, but they name files, hosts and people, and what a contract finds wrong with what this server sends may
 * quote it. `undefined`: nothing.
 */
export function wordedBody(error: unknown): ErrorBody | undefined {
  if (!(error instanceof HoldfastError) || error.code === 'CONTRACT') return undefined
  const { code, message } = error
  return error instanceof RemoteError && error.data !== undefined
    ? { code, message, data: error.data }
    : { code, message }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'

/** Runs a hook of the app. A throw, now or later, is logged and ends there. */
export function guard(logger: Logger, where: string, hook: () => unknown): Promise<void> | undefined {
  const report = (error: unknown): void => logger.error(`holdfast: ${where} threw`, error)
  try {
    const done = hook()
    if (isThenable(done)) return Promise.resolve(done).then(() => {}, report)
  } catch (error) {
    report(error)
  }
  return undefined
}
