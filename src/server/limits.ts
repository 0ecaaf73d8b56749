import type { ReconnectWindow } from '../protocol/window.js'
import type { Clock } from './clock.js'

/** When a client that was sent away for a limit may come back. */
export const RETRY_WINDOW: ReconnectWindow = { minMs: 0, maxMs: 5_000 }

/** How long a socket that was told to close may take, in ms; then it is cut. */
export const CLOSE_GRACE_MS = 5_000

/** Longest id that a client may pick, in characters: ids are remembered. */
export const MAX_ID_LENGTH = 256

/** Longest `hi`, in bytes (P14.4). */
export const MAX_HI_BYTES = 65_536

/** How many dropped sessions are remembered, and for how long, in ms, to tell their pages why they are gone. */
export const MAX_TOMBSTONES = 10_000
export const TOMBSTONE_MS = 86_400_000

/** A stream waits while more than this many bytes wait for its reader. */
export const STREAM_MARK_BYTES = 64 * 1024

/** How often a waiting stream looks whether its reader has caught up, in ms: sockets need not tell (`ServerSocket`). */
export const STREAM_POLL_MS = 20

/** Seconds' worth that may come at once: a page that was away sends all that it queued, 10,000 messages by default. */
const BURST_SECONDS = 10

/** Takes `perSecond` messages a second, and ten times as many at once after a pause. */
export class TokenBucket {
  readonly #clock: Clock
  readonly #perSecond: number
  #tokens: number
  #filledAt: number

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock
    this.#filledAt = clock.now()
    this.#perSecond = perSecond
    this.#tokens = BURST_SECONDS * perSecond
  }

  /** Whether one more message may pass now. */
  take(): boolean {
    const now = this.#clock.now()
    const refill = ((now - this.#filledAt) * this.#perSecond) / 1_000
    this.#tokens = Math.min(BURST_SECONDS * this.#perSecond, this.#tokens + refill)
    this.#filledAt = now
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}
