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
  receive(frame: EventFrame): void
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
  const emitter = createEmitter<Record<string, unknown>>((where, cause) => options.report(`${where} on ${name}`, cause))
  const owner: Owner = { channel: name, written: false }
  let membership: Membership | undefined
  let leaving: Call | undefined

  const endOf = (mine: Membership): void => {
    if (membership === mine) membership = undefined
  }

  /** Asks the server for a change of membership; `onCall` is given the call that waits for the answer. */
  const ask = (
    method: string,
    params: unknown,
    onLost: 'hold' | undefined,
    onCall: (call: Call) => void,
  ): Promise<unknown> =>
    new Promise((onResult, onError) => {
      onCall(calls.open({ method, params: { channel: name, params }, timeoutMs, onLost, onResult, onError }))
    })

  const askToJoin = async (mine: Membership): Promise<unknown> => {
    try {
      return await ask(Reserved.join, mine.params, 'hold', (call) => {
        mine.call = call
      })
    } finally {
      mine.call = undefined
    }
  }

  const join = async (params?: unknown): Promise<unknown> => {
    const mine: Membership = { params }
    membership = mine
    // Without a connection this join would go out before a leave that waits in the queue.
    if (leaving && !leaving.written) calls.cancel(leaving, new HoldfastError('REPLACED', `${name} was joined again.`))
    try {
      return await askToJoin(mine)
    } catch (error) {
      endOf(mine)
      throw error
    }
  }

  const joinAgain = async (mine: Membership): Promise<void> => {
    try {
      await askToJoin(mine)
    } catch (error) {
      // A member stays one if the answer is only slow; not if it is refused.
      if (error instanceof RemoteError) endOf(mine)
      onError(error)
    }
  }

  const onError = (cause: unknown): void =>
    options.onError(new HoldfastError('JOIN_FAILED', `Joining ${name} failed: see the cause, join again.`, cause))

  return {
    channel: {
      name,
      on: emitter.on,
      send: (event, data) => session.send(options.wire.encode({ channel: name, event, data }), owner),
      join,
      async leave() {
        const mine = membership
        if (!mine) return undefined
        try {
          return await ask(Reserved.leave, undefined, undefined, (call) => {
            leaving = call
          })
        } finally {
          endOf(mine)
        }
      },
    },
    keepJoined(params) {
      if (!membership) join(params).catch(onError)
    },
    receive({ event, data }) {
      emitter.emit(event, data)
    },
    onOpen() {
      const mine = membership
      if (mine?.call) {
        // It may have been waiting its turn when the last connection went.
        session.queue.remove(mine.call)
        calls.submit(mine.call)
      } else if (mine) void joinAgain(mine)
    },
  }
}
