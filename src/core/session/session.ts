/**
 * The conversation: what is accepted from above goes out in order, over one connection after another.
 *
 * phase      | when                                        | a message that is sent
 * -----------|---------------------------------------------|------------------------------------------------
 * `shut`     | no connection, handshake unanswered, a move | is queued
 * `greeting` | channels join, and `open` listeners run     | is written ahead of the queue: it may be a login
 * `flowing`  | after them                                  | is written, behind what is queued
 *
 * Without the option `session` a conversation ends with its connection, and a message is done when it is written. With
 * it, it goes on over many, and a message is done when the other end has acknowledged it.
 */
import { AUTH_ID, type ErrorFrame, type Frame, type ItemFrame, type ResultFrame } from '../../protocol/frames.js'
import type { Wire } from '../../protocol/wire.js'
import type { Counters } from '../../shared/counters.js'
import { ClientClosed, DeliveryUnknown, MessageDropped, RemoteError } from '../../shared/errors.js'
import {
  type Connection,
  type ConnectionHandlers,
  type ConnectionOptions,
  createConnection,
} from '../connection/connection.js'
import { createAlarm, NEVER } from '../platform/alarm.js'
import type { Environment } from '../platform/environment.js'
import { bytesOf, copyOf, type Sendable } from '../platform/sendable.js'
import type { KeeperFactory, SessionKeeper, SessionLink, SessionReports, UnknownMessage } from './plugin.js'
import {
  createSendQueue,
  type DropReason,
  type Entry,
  type Message,
  type Owner,
  PASSING,
  type QueueLimits,
  type SendQueue,
} from './send-queue.js'

/**
 * With this many bytes in the socket's own buffer, no more are handed over: they would be lost with the socket, and a
 * ping would wait behind them. 256 KiB take 2 s at 1 Mbit/s.
 */
const HIGH_WATER_BYTES = 256 * 1024
/**
 * There is no event for a buffer that drains (WHATWG WebSockets, 3.1), so it is looked at, every so many ms: as often as
 * browsers let a timer set timers (HTML, 8.6), for on a fast way the buffer is empty long before 16 ms.
 */
const LOOK_MS = 4

export interface SessionOptions extends ConnectionOptions {
  queue: QueueLimits
  wire: Wire
  session: KeeperFactory | false
}

/** What the session calls upward. */
export interface SessionHandlers
  extends SessionReports,
    Omit<ConnectionHandlers, 'onSocketOpen' | 'onLost' | 'sayOwed'> {
  /** The connection is usable. `fresh`: nothing of what was said before is known; what is sent goes ahead of the queue. */
  onBegin(fresh: boolean): void
  /** The connection is usable; what is sent until this returns goes ahead of the queue, if the conversation is fresh. */
  onOpen(): void
  /** The other end has forgotten the conversation. Gives the number of requests whose fate is unknown. */
  onForgotten(): number
  /** A message will not be sent. */
  onDrop(message: Message, why: DropReason): void
}

export interface Session {
  readonly connection: Pick<Connection, 'state' | 'lastClose' | 'start' | 'confirmSent'>
  readonly queue: Pick<SendQueue, 'messages' | 'kept' | 'bytes' | 'remove'>
  /** What the option `session` adds, if it was given. */
  readonly keeper: Pick<SessionKeeper, 'stamp' | 'history'> | undefined
  /** Whether there is a connection that takes messages. */
  isOpen(): boolean
  /** Why the client has ended, if it has. */
  ending(): ClientClosed | undefined
  /** Writes or queues. Throws `QueueFull`, `ClientClosed`, and what the socket throws. */
  send(data: Sendable, owner?: Owner): void
  /** Writes now or not at all; while the socket is full the latest of each `slot` waits. */
  sendVolatile(data: Sendable, slot: string): void
  /**
   * Sends a frame that means something in this conversation only: it is not kept for the next. `false` if it cannot be
   * encoded.
   */
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
  /** Whether the other end knows nothing of a conversation yet. */
  let fresh = true
  const alarm = createAlarm(environment)
  /** Volatile messages that wait for the socket, the latest of each slot. */
  const latest = new Map<string, Sendable>()

  const queue = createSendQueue(options.queue, environment.now, (message, why) => {
    counters.dropped++
    const { owner } = message
    if (owner?.settle) owner.settle(new MessageDropped(why))
    else if (owner !== PASSING || why !== 'closed') handlers.onDrop(message, why)
  })

  const connection = createConnection(options, environment, counters, {
    ...handlers,
    onSocketOpen(token) {
      if (keeper) keeper.greet(token)
      else if (token === undefined) connection.confirm()
      else tell({ id: AUTH_ID, method: 'auth', params: { token } }, true)
    },
    onOpen: () => begin(handlers.onOpen),
    onData(data) {
      // Timers of a hidden page are slow; what arrives wakes a waiting flush in time.
      if (queue.messages && phase === 'flowing') flush()
      if (keeper) keeper.receive(data)
      else handlers.onData(data)
    },
    sayOwed: (final) => keeper?.sayOwed(final),
    onLost(close) {
      phase = 'shut'
      counters.dropped += latest.size
      latest.clear()
      if (keeper) keeper.onLost(close)
      else handlers.onForgotten()
      handlers.emit('close', close)
    },
    onEnd() {
      keeper?.sayOwed(true)
      queue.clear()
      flush()
      handlers.onEnd()
    },
  })

  const link: SessionLink = {
    environment,
    counters,
    queue,
    connection,
    forget() {
      fresh = true
      // Whoever is told may send: that is for the next conversation.
      phase = 'shut'
      const kept = queue.takeKept()
      queue.remove(PASSING)
      let unknown = handlers.onForgotten()
      const messages: UnknownMessage[] = []
      for (const { data, owner } of kept) {
        if (owner?.id || owner === PASSING) continue
        unknown++
        if (owner?.settle) owner.settle(new DeliveryUnknown(`a message on ${owner.channel}`))
        else messages.push({ data, channel: owner?.channel })
      }
      return { unknown, messages }
    },
    handlers,
    hold() {
      phase = 'shut'
    },
    adopt(socket, window) {
      connection.adopt(socket, window)
      begin()
    },
  }
  const keeper = options.session ? options.session(link) : undefined

  const isOpen = (): boolean => connection.state.status === 'open'

  /** The connection is usable: channels and listeners first, then what waits. */
  function begin(tell?: () => void): void {
    phase = fresh ? 'greeting' : 'flowing'
    handlers.onBegin(fresh)
    fresh = !keeper
    tell?.()
    // A listener may have closed the client.
    if (!isOpen()) return
    phase = 'flowing'
    flush()
  }

  /** Hands a message to the socket; `false` if it takes nothing, though its end has not been heard of yet. */
  const write = (data: Sendable, owner?: Owner): boolean => {
    if (!connection.send(keeper ? keeper.frame(data, false) : data)) return false
    if (owner) owner.written = counters.sent
    return true
  }

  /** What is too large for the other end would be refused, and written again, for ever. */
  const fits = (bytes: number): boolean => !keeper || bytes <= keeper.maxBytes

  /** Writes the oldest message that is not written. It leaves the queue after that, never before. */
  const writeNext = ({ data, owner, bytes }: Entry): boolean => {
    if (!fits(bytes)) queue.drop('too-large')
    else if (!write(data, owner)) return false
    else {
      queue.pass()
      if (!keeper) queue.release(1)
    }
    return true
  }

  const tell = (frame: Frame, usable = phase !== 'shut'): boolean => {
    try {
      const data = wire.encode(frame)
      if (!fits(bytesOf(data))) throw new MessageDropped('too-large')
      if (data === '') return true
      if (keeper) send(data, PASSING)
      else if (usable) write(data)
      return true
    } catch (error) {
      handlers.report('wire.encode', error)
      return false
    }
  }

  const isFull = (): boolean => connection.buffered() >= HIGH_WATER_BYTES

  /**
   * Writes from the queue what it can, and comes back when the buffer may have drained or the oldest message expires.
   * A throw of the socket neither loses nor repeats a message.
   */
  const flush = (patient = true): void => {
    let message = queue.peek()
    try {
      while (message && phase !== 'shut' && !(patient && isFull()) && writeNext(message)) message = queue.peek()
      for (const [slot, data] of latest) {
        if (isFull() || !writeVolatile(data)) break
        latest.delete(slot)
      }
    } catch (cause) {
      return connection.fail('the socket threw', cause)
    }
    const waits = (message || latest.size) && phase !== 'shut'
    alarm(Math.min(queue.restMs() + 1, waits ? LOOK_MS : NEVER), flush)
  }

  const writeVolatile = (data: Sendable): boolean =>
    phase !== 'shut' && fits(bytesOf(data)) && connection.send(keeper ? keeper.frame(data, true) : data)

  const ending = (): ClientClosed | undefined => {
    const { state, lastClose } = connection
    if (state.status !== 'closed') return undefined
    return new ClientClosed(
      state.final
        ? 'Closed: connect anew.'
        : `Ended (${lastClose?.code} ${lastClose?.reason}): reconnect(), or connect anew.`,
    )
  }

  const send = (data: Sendable, owner?: Owner): void => {
    const ended = ending()
    if (ended) throw ended
    const greeting = phase === 'greeting'
    const writable = greeting || (phase === 'flowing' && !queue.messages && !isFull())
    // What may have to be written again goes through the queue; else it is only for what has to wait.
    if (!keeper && writable && write(data, owner)) return
    queue.push(data, owner, greeting)
    if (greeting) {
      const entry = queue.peek()
      if (entry) writeNext(entry)
      // With others before it, a timer is set.
    } else if (queue.messages === 1) flush()
  }

  return {
    connection,
    queue,
    keeper,
    isOpen,
    ending,
    send,
    sendVolatile(data, slot) {
      const ended = ending()
      if (ended) throw ended
      if (phase !== 'shut' && isFull()) {
        if (latest.has(slot)) counters.dropped++
        latest.set(slot, copyOf(data))
        alarm(LOOK_MS, flush)
      } else if (!writeVolatile(data)) counters.dropped++
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
