/**
 * The conversation: what is accepted from above goes out in order, over one connection after another.
 *
 * phase      | when                                  | a message that is sent
 * -----------|---------------------------------------|------------------------------------------------
 * `shut`     | no connection, or `auth` unanswered   | is queued
 * `greeting` | the `open` listeners run              | is written ahead of the queue: it may be a login
 * `flowing`  | after them                            | is written, behind what is queued
 */
import {
  AUTH_ID,
  type ErrorFrame,
  type Frame,
  type ItemFrame,
  Reserved,
  type ResultFrame,
} from '../../protocol/frames.js'
import type { Wire } from '../../protocol/wire.js'
import type { Counters } from '../../shared/counters.js'
import { ClientClosed, RemoteError } from '../../shared/errors.js'
import {
  type Connection,
  type ConnectionHandlers,
  type ConnectionOptions,
  createConnection,
} from '../connection/connection.js'
import { createAlarm, NEVER } from '../platform/alarm.js'
import type { Environment } from '../platform/environment.js'
import type { Sendable } from '../platform/sendable.js'
import {
  createSendQueue,
  type DropReason,
  type Message,
  type Owner,
  type QueueLimits,
  type SendQueue,
} from './send-queue.js'

/**
 * With this many bytes in the socket's own buffer, no more are handed over: they would be lost with the socket, and a
 * ping would wait behind them. 256 KiB take 2 s at 1 Mbit/s.
 */
const HIGH_WATER_BYTES = 256 * 1024
/** There is no event for a buffer that drains (WHATWG WebSockets, 3.1), so it is looked at, every so many ms. */
const LOOK_MS = 16

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
  readonly connection: Pick<Connection, 'state' | 'lastClose' | 'start' | 'confirmSent'>
  readonly queue: Pick<SendQueue, 'messages' | 'bytes' | 'remove'>
  /** Whether there is a connection that takes messages. */
  isOpen(): boolean
  /** Why the client has ended, if it has. */
  ending(): ClientClosed | undefined
  /** Writes or queues. Throws `QueueFull`, `ClientClosed`, and what the socket throws. */
  send(data: Sendable, owner?: Owner): void
  /** Writes now or not at all: for what makes sense on this connection only. `false` if the wire cannot encode it. */
  tell(frame: Frame): boolean
  /** Takes the answer to `auth`; `false` if there is none to come. */
  receiveAuth(frame: ResultFrame | ErrorFrame | ItemFrame): boolean
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
  const alarm = createAlarm(environment)

  const queue = createSendQueue(options.queue, environment.now, (message, why) => {
    counters.dropped++
    handlers.onDrop(message, why)
  })

  const connection = createConnection(options, environment, counters, {
    ...handlers,
    onSocketOpen(token) {
      if (token === undefined) connection.confirm()
      else tell({ id: AUTH_ID, method: Reserved.auth, params: { token } }, true)
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
      if (queue.messages && phase === 'flowing') flush()
      handlers.onData(data)
    },
    onLost(close) {
      phase = 'shut'
      handlers.onLost(close)
    },
    onEnd() {
      queue.clear()
      flush()
      handlers.onEnd()
    },
  })

  /** Hands a message to the socket; `false` if it takes nothing, though its end has not been heard of yet. */
  const write = (data: Sendable, owner?: Owner): boolean => {
    if (!connection.send(data)) return false
    if (owner) owner.written = counters.sent
    return true
  }

  const tell = (frame: Frame, usable = phase !== 'shut'): boolean => {
    try {
      if (usable) write(wire.encode(frame))
      return true
    } catch (error) {
      handlers.report('wire.encode', error)
      return false
    }
  }

  const isFull = (): boolean => connection.bufferedAmount() >= HIGH_WATER_BYTES

  /**
   * Writes from the queue what it can, and comes back when the buffer may have drained or the oldest message expires.
   * A message leaves the queue after it was written, never before: a throw neither loses nor repeats it.
   */
  const flush = (patient = true): void => {
    let message = queue.peek()
    try {
      while (message && phase !== 'shut' && !(patient && isFull()) && write(message.data, message.owner)) {
        queue.shift()
        message = queue.peek()
      }
    } catch (cause) {
      return connection.fail('the socket threw', cause)
    }
    alarm(Math.min(queue.restMs() + 1, message && phase !== 'shut' ? LOOK_MS : NEVER), flush)
  }

  const ending = (): ClientClosed | undefined => {
    const { state, lastClose } = connection
    if (state.status !== 'closed') return undefined
    return new ClientClosed(
      state.final
        ? 'Closed: connect anew.'
        : `Ended (${lastClose?.code} ${lastClose?.reason}): reconnect(), or connect anew.`,
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
      // With others before it, a timer is set.
      if (queue.messages === 1) flush()
    },
    tell: (frame) => tell(frame),
    receiveAuth(frame) {
      const { state } = connection
      if (!('waitingFor' in state) || state.waitingFor !== 'auth') return false
      // A refusal is followed by the server's close, whose code says what next; at the latest by the end of the step.
      if ('error' in frame && frame.error) handlers.onError(new RemoteError(frame.error))
      else if ('result' in frame) connection.confirm()
      else return false
      return true
    },
    resend(messages) {
      queue.putBack(messages)
      flush()
    },
    close(code, reason) {
      flush(false)
      connection.close(code, reason)
    },
  }
}
