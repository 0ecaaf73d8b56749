import type { Deadlines } from './deadlines.js'
import type { House } from './house.js'
import { STREAM_MARK_BYTES } from './limits.js'
import type { Message } from './message.js'
import type { ServerSocket } from './socket.js'

/** What goes out on one socket. While its reader is slow, streams wait; one that stays slow is given up. */
export class Outlet {
  readonly #socket: ServerSocket
  readonly #house: House
  readonly #polls: Deadlines<Outlet>
  readonly #onTooSlow: () => void
  readonly #maxBytes: number
  readonly #markBytes: number
  readonly #maxWaitMs: number
  #waiting: (() => void)[] = []
  #waitingSince = 0

  constructor(socket: ServerSocket, house: House, polls: Deadlines<Outlet>, onTooSlow: () => void) {
    const { limits, pingIntervalMs } = house.settings
    this.#socket = socket
    this.#house = house
    this.#polls = polls
    this.#onTooSlow = onTooSlow
    this.#maxBytes = limits.maxBufferedBytes
    this.#markBytes = Math.min(STREAM_MARK_BYTES, limits.maxBufferedBytes / 2)
    // As long as a client may leave pings unanswered: one that sends, and reads nothing, is as good as dead.
    this.#maxWaitMs = 2 * pingIntervalMs
  }

  /** Writes, or gives up a reader that is too slow; tells which. */
  write(message: Message): boolean {
    // Looked at before the write, so that one large message does not count against a reader that keeps up.
    const isTooSlow = this.#socket.bufferedAmount() > this.#maxBytes
    if (isTooSlow) this.#onTooSlow()
    else this.push(message)
    return !isTooSlow
  }

  /** Writes, whatever waits. */
  push({ bytes, binary }: Message): void {
    const { counters } = this.#house
    counters.messagesOut += 1
    counters.bytesOut += bytes.byteLength
    this.#socket.send(bytes, binary)
  }

  congested(): boolean {
    return this.#socket.bufferedAmount() > this.#markBytes
  }

  /** Resolves once the reader has caught up, or is gone. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) > 1) return
      this.#waitingSince = this.#house.clock.now()
      this.#polls.add(this)
    })
  }

  /** The reader's next look is due. */
  poll(): void {
    if (!this.congested()) return this.#release()
    if (this.#house.clock.now() - this.#waitingSince > this.#maxWaitMs) return this.#onTooSlow()
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
