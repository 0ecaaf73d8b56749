/**
 * What the page has asked and the server has not answered: requests, streams and joins alike.
 *
 * A call is written once. If the connection is lost after that, its fate is unknown and it fails as exactly that, but
 * for those that may be written twice: an idempotent request goes back to the front of the queue, and a join is held
 * until its channel submits it on the next connection.
 */
import { AUTH_ID, type ErrorFrame, type FrameId, type ItemFrame, type ResultFrame } from '../../protocol/frames.js'
import type { Wire } from '../../protocol/wire.js'
import {
  DeliveryUnknown,
  HoldfastError,
  InvalidOption,
  MessageDropped,
  RemoteError,
  RequestTimeout,
} from '../../shared/errors.js'
import { createAlarm, NEVER } from '../platform/alarm.js'
import type { Environment } from '../platform/environment.js'
import type { Sendable } from '../platform/sendable.js'
import type { DropReason, Message, Owner } from '../session/send-queue.js'
import type { Session } from '../session/session.js'

/** What the one who asks gives along. */
export interface CallOptions {
  method: string
  params: unknown
  timeoutMs: number
  signal?: AbortSignal | undefined
  /**
   * What becomes of it, once written, when the connection (or the session, where there is one) is lost. `hold`: it waits
   * for its channel to submit it again; without a session it is not even submitted at first if there is no connection.
   */
  onLost: 'fail' | 'resend' | 'hold'
  /** `position`: of a join to a channel with history. */
  onResult(result: unknown, position: unknown): void
  onError(error: unknown): void
  /** Makes it a stream: its timeout ends when it is written, for a stream may be silent for long. */
  onItem?(item: unknown): void
}

export interface Call extends Owner {
  readonly id: number
  readonly options: CallOptions
  readonly data: Sendable
  readonly dueAt: number
  readonly onAbort: (() => void) | undefined
  /** Was written on a connection that is gone, and is to be written again. */
  doubtful?: boolean
}

export interface Calls {
  readonly size: number
  /** Opens a call, and submits it unless it is held. Throws `signal.reason`, and what encoding throws. */
  open(options: CallOptions): Call
  /** Writes or queues a call, which fails with what `Session.send` throws. */
  submit(call: Call): void
  /** Ends a call for the one who asked, and tells the server. */
  cancel(call: Call, error?: unknown): void
  /** A message was dropped; `false` if it is no call. */
  onDrop(owner: Owner | undefined, why: DropReason): boolean
  /** Takes a frame; `false` if no call ever had its id. */
  receive(frame: ResultFrame | ErrorFrame | ItemFrame): boolean
  /** Of an open call. */
  methodOf(id: FrameId): string | undefined
  /** The other end has forgotten what was asked. Gives the number of calls whose fate is unknown. */
  onForgotten(): number
  onEnd(): void
}

export function createCalls(session: Session, wire: Wire, environment: Environment): Calls {
  const calls = new Map<FrameId, Call>()
  let lastId = AUTH_ID
  // One timer for all, for the earliest deadline known when it was set. It is left to fire though that call has ended:
  // the next one can use it, and who asks often sets none at all.
  const alarm = createAlarm(environment)
  let lookAt = NEVER

  const setLook = (at: number): void => {
    lookAt = at
    alarm(at - environment.now(), look)
  }

  const look = (): void => {
    let earliest = NEVER
    for (const call of calls.values()) {
      const { method, timeoutMs, onItem } = call.options
      if (onItem && call.written) continue
      if (call.dueAt <= environment.now()) cancel(call, new RequestTimeout(method, timeoutMs))
      else earliest = Math.min(earliest, call.dueAt)
    }
    setLook(earliest)
  }

  /** Takes a call off the books; `false` if it has ended before. */
  const end = (call: Call): boolean => {
    if (!calls.delete(call.id)) return false
    if (call.onAbort) call.options.signal?.removeEventListener('abort', call.onAbort)
    return true
  }

  const fail = (call: Call, error: unknown): void => {
    if (end(call)) call.options.onError(error)
  }

  const cancel = (call: Call, error?: unknown): void => {
    if (!calls.has(call.id)) return
    if (call.written) session.tell({ id: call.id, cancel: true })
    else session.queue.remove(call)
    fail(call, error)
  }

  const submit = (call: Call): void => {
    try {
      session.send(call.data, call)
    } catch (error) {
      fail(call, error)
    }
  }

  return {
    get size() {
      return calls.size
    },
    open(options) {
      const { method, params, signal, timeoutMs } = options
      if (!(timeoutMs > 0)) throw new InvalidOption('timeoutMs', 'more than 0')
      signal?.throwIfAborted()
      const id = ++lastId
      const stamp = session.keeper?.stamp(id, options.onItem ? NEVER : timeoutMs, options.onLost === 'resend')
      const data = wire.encode({ id, method, params, ...stamp })
      const dueAt = environment.now() + timeoutMs
      const onAbort = signal && (() => cancel(call, signal.reason))
      const call: Call = { id, options, data, dueAt, onAbort, written: 0 }
      calls.set(id, call)
      if (onAbort) signal.addEventListener('abort', onAbort)
      if (options.onLost !== 'hold' || session.keeper || session.isOpen() || session.ending()) submit(call)
      // None is left of a client that has ended.
      if (calls.size && dueAt < lookAt) setLook(dueAt)
      return call
    },
    submit,
    cancel,
    onDrop(owner, why) {
      const call = owner?.id && calls.get(owner.id)
      if (call) fail(call, call.doubtful ? new DeliveryUnknown(call.options.method) : new MessageDropped(why))
      return !!call
    },
    receive(frame) {
      const call = calls.get(frame.id)
      // An id that was used: the answer crossed the cancel, came after the timeout, or is meant for another socket.
      if (!call?.written) return typeof frame.id === 'number' && frame.id > AUTH_ID && frame.id <= lastId
      // The server has read as far as this call.
      session.connection.confirmSent(call.written)
      if ('item' in frame) call.options.onItem?.(frame.item)
      // No server can send the first: the wire finds the answer, or the item, no good.
      else if ('error' in frame && frame.error instanceof HoldfastError) cancel(call, frame.error)
      else if ('error' in frame && frame.error) fail(call, new RemoteError(frame.error))
      else if ('result' in frame && end(call)) call.options.onResult(frame.result, frame.position)
      return true
    },
    methodOf: (id) => calls.get(id)?.options.method,
    onForgotten() {
      let unknown = 0
      const again: Message[] = []
      for (const call of calls.values()) {
        if (!call.written) continue
        const { onLost, method } = call.options
        if (onLost === 'fail') {
          unknown++
          fail(call, new DeliveryUnknown(method))
        } else {
          call.written = 0
          if (onLost === 'hold') continue
          call.doubtful = true
          again.push({ data: call.data, owner: call })
        }
      }
      session.resend(again)
      return unknown
    },
    onEnd() {
      const error = session.ending()
      // A listener of `drop` may have called reconnect(): then what is open waits for the new connection.
      if (!error) return
      for (const call of calls.values()) fail(call, error)
      setLook(NEVER)
    },
  }
}
