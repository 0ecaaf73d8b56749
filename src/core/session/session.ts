/**
 * The conversation: what is accepted from above goes out in order, over one connection after another.
 *
 * phase      | when                                  | a message that is sent
 * -----------|---------------------------------------|------------------------------------------------
 * `shut`     | no connection, or `auth` unanswered   | is queued
 * `greeting` | the `open` listeners run              | is written ahead of the queue: it may be a login
 * `flowing`  | after them                            | is written, behind what is queued
 */
import { AUTH_ID, type Frame, Reserved, readFrame } from '../../protocol/frames.js'
import type { Wire, WireData } from '../../protocol/wire.js'
import type { Counters } from '../../shared/counters.js'
import { ClientClosed, HoldfastError, RemoteError } from '../../shared/errors.js'
import {
  type Connection,
  type ConnectionHandlers,
  type ConnectionOptions,
  createConnection,
} from '../connection/connection.js'
import type { Environment, Sendable } from '../platform/environment.js'
import { createSendQueue, type DropReason, type Message, type Owner, type QueueLimits, type SendQueue } from './send-queue.js'

/**
 * With this many bytes in the socket's own buffer, no more are handed over: they would be lost with the socket, and a
 * ping would wait behind them. 256 KiB take 2 s at 1 Mbit/s.
 */
const HIGH_WATER_BYTES = 256 * 1024
/** There is no event for a buffer that drains (WHATWG WebSockets, 3.1), so it is looked at, in ms: often, then less. */
const FIRST_LOOK_MS = 4
const LAST_LOOK_MS = 256

export interface SessionOptions extends ConnectionOptions {
  queue: QueueLimits
  wire: Wire
}

/** What the session calls upward. */
export interface SessionHandlers extends Omit<ConnectionHandlers, 'onSocketOpen'> {
  /** The connection is usable; what is sent until this returns goes ahead of the queue. */
  onOpen(): void
  /** A message will not be sent. */
  onDrop(message: Message, why: DropReason): void
}

export interface Session {
  readonly connection: Pick<Connection, 'state' | 'lastClose' | 'start'>
  readonly queue: Pick<SendQueue, 'messages' | 'bytes' | 'remove'>
  /** Whether there is a connection that takes messages. */
  isOpen(): boolean
  /** Why the client has ended, if it has. */
  ending(): ClientClosed | undefined
  /** Writes or queues. Throws `QueueFull`, `ClientClosed`, and what the socket throws. */
  send(data: Sendable, owner?: Owner): void
  /** Writes now or not at all: for what makes sense on this connection only. `false` if the wire cannot encode it. */
  tell(frame: Frame): boolean
  /** Puts messages that were written back in front of the queue. */
  resend(messages: readonly Message[]): void
  /** Writes what is queued if it can, and ends. */
  close(code: number, reason: string): void
}

export function createSession(
  options: SessionOptions,
  environment: Environment,
  counters: Counters,
  handlers: SessionHandlers,
): Session {
  const { wire } = options
  let phase: 'shut' | 'greeting' | 'flowing' = 'shut'
  let authenticating = false
  let lookMs = FIRST_LOOK_MS
  let cancelLook: (() => void) | undefined
  let cancelExpiry: (() => void) | undefined

  const queue = createSendQueue(options.queue, environment.now, (message, why) => {
    counters.dropped++
    handlers.onDrop(message, why)
  })

  const connection = createConnection(options, environment, counters, {
    ...handlers,
    onSocketOpen(token) {
      authenticating = token !== undefined
      if (!authenticating) connection.confirm()
      else tell({ id: AUTH_ID, method: Reserved.auth, params: { token } })
    },
    onOpen() {
      phase = 'greeting'
      handlers.onOpen()
      // A listener may have closed the client.
      if (phase !== 'greeting') return
      phase = 'flowing'
      flush()
    },
    onData(data) {
      // Timers of a hidden page are slow; what arrives wakes a waiting flush in time.
      if (cancelLook) flush()
      if (!authenticating || !takesAnswer(data)) handlers.onData(data)
    },
    onLost(close) {
      shut()
      handlers.onLost(close)
    },
    onEnd() {
      queue.clear()
      watchExpiry()
      handlers.onEnd()
    },
  })

  function shut(): void {
    phase = 'shut'
    stopLooking()
  }

  function stopLooking(): void {
    cancelLook?.()
    cancelLook = undefined
  }

  /** Takes the answer to `auth`; tells whether it was that. */
  function takesAnswer(data: WireData): boolean {
    const frame = readFrame(wire.decode(data))
    if (!frame || !('id' in frame) || frame.id !== AUTH_ID || 'method' in frame) return false
    authenticating = false
    if ('error' in frame) connection.refuse(new HoldfastError('CONNECT_FAILED', 'Token refused', new RemoteError(frame.error)))
    else connection.confirm()
    return true
  }

  /** Hands a message to the socket; `false` if it takes nothing, though its end has not been heard of yet. */
  function write(data: Sendable, owner?: Owner): boolean {
    if (!connection.send(data)) return false
    counters.sent++
    if (owner) owner.written = true
    return true
  }

  function tell(frame: Frame): boolean {
    try {
      write(wire.encode(frame))
      return true
    } catch (error) {
      handlers.report('wire.encode', error)
      return false
    }
  }

  /** Writes from the queue until `enough`; a message leaves it after it was written, and so a throw loses none. */
  function drain(enough: () => boolean): void {
    for (let entry = queue.peek(); entry && phase !== 'shut'; entry = queue.peek()) {
      if (enough()) return lookAgain()
      try {
        if (!write(entry.data, entry.owner)) return
      } catch (cause) {
        return connection.fail('the socket threw', cause)
      }
      queue.shift()
      lookMs = FIRST_LOOK_MS
    }
  }

  function flush(): void {
    stopLooking()
    drain(isFull)
    watchExpiry()
  }

  function isFull(): boolean {
    return connection.bufferedAmount() >= HIGH_WATER_BYTES
  }

  function lookAgain(): void {
    cancelLook ??= environment.timer(flush, lookMs)
    lookMs = Math.min(lookMs * 2, LAST_LOOK_MS)
  }

  /** Keeps a timer on the oldest message, so that its end is told in time also while nothing is written. */
  function watchExpiry(): void {
    cancelExpiry?.()
    const at = queue.expiresAt()
    cancelExpiry = at < Number.POSITIVE_INFINITY ? environment.timer(expire, at - environment.now() + 1) : undefined
  }

  function expire(): void {
    queue.peek()
    watchExpiry()
  }

  function ending(): ClientClosed | undefined {
    const { state, lastClose } = connection
    if (state.status !== 'closed') return undefined
    return new ClientClosed(
      state.final ? 'Closed: connect anew.' : `Ended (${lastClose?.code} ${lastClose?.reason}): reconnect(), or connect anew.`,
    )
  }

  return {
    connection,
    queue,
    isOpen: () => phase !== 'shut',
    ending,
    send(data, owner) {
      const ended = ending()
      if (ended) throw ended
      if ((phase === 'greeting' || (phase === 'flowing' && !queue.messages && !isFull())) && write(data, owner)) return
      queue.push(data, owner)
      if (queue.messages === 1) watchExpiry()
      if (phase === 'flowing') lookAgain()
    },
    tell,
    resend(messages) {
      queue.putBack(messages)
      watchExpiry()
    },
    close(code, reason) {
      drain(() => false)
      connection.close(code, reason)
    },
  }
}
