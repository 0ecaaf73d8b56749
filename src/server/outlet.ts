import type { Deadlines } from './deadlines.js'
import { STREAM_MARK_BYTES } from './limits.js'
import type { Message } from './message.js'
import type { Counters } from './metrics.js'
import type { Settings } from './options.js'
import type { ServerSocket } from './public.js'

/** What goes out to one client. While its reader is slow, streams wait; one that stays slow is given up. */
export class Outlet {
  readonly #socket: ServerSocket
  readonly #counters: Counters
  readonly #polls: Deadlines<Outlet>
  readonly #onTooSlow: () => void
  readonly #maxBytes: number
  readonly #markBytes: number
  readonly #maxWaitMs: number
  #waiting: (() => void)[] = []
  #waitingSince = 0

  constructor(
    socket: ServerSocket,
    settings: Settings,
    counters: Counters,
    polls: Deadlines<Outlet>,
    onTooSlow: () => void,
  ) {
    const { maxBufferedBytes } = settings.limits
    this.#socket = socket
    this.#counters = counters
    this.#polls = polls
    this.#onTooSlow = onTooSlow
    this.#maxBytes = maxBufferedBytes
    this.#markBytes = Math.min(STREAM_MARK_BYTES, maxBufferedBytes / 2)
    // As long as a client may leave pings unanswered: one that sends, and reads nothing, is as good as dead.
    this.#maxWaitMs = 2 * settings.pingIntervalMs
  }

  write({ bytes, binary }: Message): void {
    // Looked at before the write, so that one large message does not count against a reader that keeps up.
    if (this.#socket.bufferedAmount() > this.#maxBytes) return this.#onTooSlow()
    this.#counters.messagesOut += 1
    this.#counters.bytesOut += bytes.byteLength
    this.#socket.send(bytes, binary)
  }

  congested(): boolean {
    return this.#socket.bufferedAmount() > this.#markBytes
  }

  /** Resolves once the reader has caught up, or is gone. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) > 1) return
      this.#waitingSince = performance.now()
      this.#polls.add(this)
    })
  }

  /** The reader's next look is due. */
  poll(): void {
    if (!this.congested()) return this.#release()
    if (performance.now() - this.#waitingSince > this.#maxWaitMs) return this.#onTooSlow()
    this.#polls.add(this)
  }

  /** The connection is gone. */
  end(): void {
    this.#polls.delete(this)
    this.#release()
  }

  #release(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
