/** Waits between attempts, in ms; defaults and meaning in `BackoffOptions`. */
export interface Backoff {
  initialMs: number
  factor: number
  maxMs: number
  firstWindowMs: number
  maxAttempts: number
  stableAfterMs: number
}

/**
 * The wait before the next attempt, in ms, after `failures` failed ones. Jitter comes after the cap, over the whole of
 * it ("full jitter", AWS Architecture Blog 2015); without failures it is a first reconnect, spread over its own window.
 */
export function backoffDelay(failures: number, backoff: Backoff, random: number): number {
  const { initialMs, factor, maxMs, firstWindowMs } = backoff
  return random * (failures ? Math.min(maxMs, initialMs * factor ** (failures - 1)) : firstWindowMs)
}
