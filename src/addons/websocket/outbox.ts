import type { Connection } from '../../core/connection/connection.js'
import { createAlarm, NEVER } from '../../core/platform/alarm.js'
import type { Environment } from '../../core/platform/environment.js'
import type { Sendable } from '../../core/platform/sendable.js'
import { createSendQueue, type DropReason, type QueueLimits } from '../../core/session/send-queue.js'

/** With this many bytes in the socket's own buffer no more are handed over: they would be lost with the socket. */
const HIGH_WATER_BYTES = 256 * 1024
/** There is no event for a buffer that drains, so it is looked at, every so many ms: as often as timers may set timers. */
const LOOK_MS = 4

/** What has been sent and is not with the socket yet. */
export interface Outbox {
  readonly bytes: number
  /** Hands data to the socket behind all that waits, or keeps it. Throws `QueueFull`, and what the socket throws. */
  send(data: Sendable): void
  /** Lets `greet` send ahead of what waits, and then hands that over. */
  open(greet: () => void): void
  /** Hands over what the socket takes; not `patient`: all of it. */
  flush(patient?: boolean): void
  /** What waits will not be sent. */
  clear(): void
}

export function createOutbox(
  limits: QueueLimits,
  environment: Environment,
  connection: Pick<Connection, 'send' | 'fail' | 'buffered' | 'state'>,
  onDrop: (data: Sendable, why: DropReason) => void,
): Outbox {
  const queue = createSendQueue(limits, environment.now, ({ data }, why) => onDrop(data, why))
  const alarm = createAlarm(environment)
  let greeting = false

  const isOpen = (): boolean => connection.state.status === 'open'
  const isFull = (): boolean => connection.buffered() >= HIGH_WATER_BYTES

  const flush = (patient = true): void => {
    let message = queue.peek()
    try {
      while (message && isOpen() && !(patient && isFull()) && connection.send(message.data)) {
        queue.pass()
        queue.release(1)
        message = queue.peek()
      }
    } catch (cause) {
      return connection.fail('the socket threw', cause)
    }
    alarm(Math.min(queue.restMs() + 1, message && isOpen() ? LOOK_MS : NEVER), flush)
  }

  return {
    get bytes() {
      return queue.bytes
    },
    send(data) {
      const writable = isOpen() && (greeting || !(queue.messages || isFull()))
      if (writable && connection.send(data)) return
      queue.push(data, undefined, false)
      if (queue.messages === 1) flush()
    },
    open(greet) {
      greeting = true
      greet()
      greeting = false
      flush()
    },
    flush,
    clear() {
      queue.clear()
      alarm(NEVER)
    },
  }
}
