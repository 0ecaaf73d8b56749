/**
 * One channel: its listeners, and the membership that a server may keep.
 *
 * A membership is wanted from `join()` until `leave()` is answered or the server refuses. It is asked for on every
 * connection, before anything else goes out; `leave()` waits its turn behind what was sent before it.
 */
import { type EventFrame, Reserved } from '../../protocol/frames.js'
import type { Wire } from '../../protocol/wire.js'
import { createEmitter, type Report } from '../../shared/emitter.js'
import { HoldfastError, RemoteError } from '../../shared/errors.js'
import type { Owner } from '../session/send-queue.js'
import type { Session } from '../session/session.js'
import type { Call, Calls } from './calls.js'

/** A channel as the app holds it. */
export interface UntypedChannel {
  readonly name: string
  on(event: string, listener: (data: unknown) => void): () => void
  send(event: string, data?: unknown): void
  join(params?: unknown): Promise<unknown>
  leave(): Promise<unknown>
}

export interface Room {
  readonly channel: UntypedChannel
  /** Joins without anyone waiting for it, unless that is wanted already. */
  keepJoined(params: unknown): void
  receive(frame: EventFrame): unknown
  onOpen(): void
}

export interface RoomOptions {
  wire: Wire
  requestTimeoutMs: number
  report: Report
  onError(error: HoldfastError): void
}

interface Membership {
  readonly params: unknown
  /** The join that is unanswered: on its way, or held until there is a connection. */
  call?: Call | undefined
}

export function createRoom(name: string, session: Session, calls: Calls, options: RoomOptions): Room {
  const { requestTimeoutMs: timeoutMs } = options
  const emitter = createEmitter<Record<string, unknown>>(options.report)
  const owner: Owner = { channel: name, written: false }
  let membership: Membership | undefined

  const endOf = (mine: Membership): void => {
    if (membership === mine) membership = undefined
  }

  const ask = (mine: Membership, first: boolean): Promise<unknown> =>
    new Promise((resolve, reject) => {
      mine.call = calls.open({
        method: Reserved.join,
        params: { channel: name, params: mine.params },
        timeoutMs,
        onLost: 'hold',
        onResult(result) {
          mine.call = undefined
          resolve(result)
        },
        onError(error) {
          mine.call = undefined
          // A member stays one if the answer is only slow; not if it is refused.
          if (first || error instanceof RemoteError) endOf(mine)
          reject(error)
        },
      })
    })

  const join = (params?: unknown): Promise<unknown> => {
    membership = { params }
    return ask(membership, true)
  }

  const onError = (cause: unknown): void =>
    options.onError(new HoldfastError('JOIN_FAILED', `Joining ${name} failed: see the cause, join again.`, cause))

  return {
    channel: {
      name,
      on: emitter.on,
      send: (event, data) => session.send(options.wire.encode({ channel: name, event, data }), owner),
      join,
      leave: () =>
        new Promise((resolve, reject) => {
          const mine = membership
          if (!mine) return resolve(undefined)
          const settle = (how: (value: unknown) => void) => (value: unknown) => {
            endOf(mine)
            how(value)
          }
          calls.open({
            method: Reserved.leave,
            params: { channel: name },
            timeoutMs,
            onResult: settle(resolve),
            onError: settle(reject),
          })
        }),
    },
    keepJoined(params) {
      if (!membership) join(params).catch(onError)
    },
    receive: ({ event, data }) => emitter.emit(event, data),
    onOpen() {
      const mine = membership
      if (mine?.call) {
        // It may have been waiting its turn when the last connection went.
        session.queue.remove(mine.call)
        calls.submit(mine.call)
      } else if (mine) ask(mine, false).catch(onError)
    },
  }
}
