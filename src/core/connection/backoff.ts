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
 * The wait before the next attempt, in ms, after `failures` failed ones: at random between half of the last cap and the
 * present one. So a server that returns meets a steady rate, N / (3/4 maxMs), where waits from 0 ("full jitter") begin
 * with 2 N / maxMs. Without failures it is a first reconnect, spread over the whole of its own window.
 */
export function backoffDelay(failures: number, backoff: Backoff, random: number): number {
  const { initialMs, factor, maxMs, firstWindowMs } = backoff
  // 0 times Infinity is no number.
  const cap = (after: number): number => Math.min(maxMs, initialMs * factor ** after || 0)
  const least = cap(failures - 2) / 2
  return failures ? least + random * (cap(failures - 1) - least) : random * firstWindowMs
}
