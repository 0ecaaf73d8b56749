/**
 * One channel: its listeners, and the membership that a server may keep.
 *
 * A membership is wanted from `join()` until `leave()` is answered or the server refuses. It is asked for on every
 * connection, before anything else goes out; `leave()` waits its turn behind what was sent before it.
 */
import { type EventFrame, INTERNAL } from '../../protocol/frames.js'
import type { Wire } from '../../protocol/wire.js'
import { createEmitter, type Report } from '../../shared/emitter.js'
import { ClientClosed, HoldfastError, InvalidOption, RemoteError } from '../../shared/errors.js'
import { NEVER } from '../platform/alarm.js'
import type { Owner } from '../session/send-queue.js'
import type { Session } from '../session/session.js'
import type { Call, CallOptions, Calls } from './calls.js'

/** A channel as the app holds it. */
export interface UntypedChannel {
  readonly name: string
  on(event: string, listener: (data: unknown) => void): () => void
  send(event: string, data?: unknown, options?: SendOptions): void
  deliver(event: string, data?: unknown): Promise<void>
  join(params?: unknown): Promise<unknown>
  leave(): Promise<unknown>
}

/** How one message is sent. */
export interface SendOptions {
  /**
   * Fit for what is soon out of date, such as a position: written now or not at all. While the connection takes no more,
   * only the latest (of each event of a channel) waits. Default `false`.
   */
  volatile?: boolean
}

export interface Room {
  readonly channel: UntypedChannel
  /** Joins without anyone waiting for it, unless that is wanted already. */
  keepJoined(params: unknown): void
  receive(frame: EventFrame): true
  /** There is a connection. `fresh`: one on which the server knows of no membership. */
  onBegin(fresh: boolean): void
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
  /** The server has let it in. */
  isIn?: boolean
  /** The answer to `leave`, once it was called. */
  left?: Promise<unknown>
}

export function createRoom(name: string, session: Session, calls: Calls, options: RoomOptions): Room {
  const { requestTimeoutMs: timeoutMs, wire } = options
  const history = session.keeper?.history
  const emitter = createEmitter<Record<string, unknown>>((where, cause) => options.report(`${where} on ${name}`, cause))
  const owner: Owner = { channel: name, written: 0 }
  let membership: Membership | undefined
  let leaving: Call | undefined

  const endOf = (mine: Membership): void => {
    if (membership === mine) membership = undefined
  }

  /** Asks the server for a change of membership; `onCall` is given the call that waits for the answer. */
  const ask = (
    method: string,
    params: unknown,
    limitMs: number,
    onLost: CallOptions['onLost'],
    onCall: (call: Call) => void,
  ): Promise<unknown> =>
    new Promise((onResult, onError) => {
      const since = history?.since(name)
      onCall(
        calls.open({
          method,
          params: { channel: name, params, since },
          timeoutMs: limitMs,
          onLost,
          onResult(result, position) {
            history?.onJoined(name, position)
            onResult(result)
          },
          onError,
        }),
      )
    })

  const askToJoin = async (mine: Membership, limitMs: number): Promise<unknown> => {
    try {
      mine.isIn = false
      const result = await ask('join', mine.params, limitMs, 'hold', (call) => {
        mine.call = call
      })
      mine.isIn = true
      return result
    } catch (error) {
      if (isFinal(error)) endOf(mine)
      throw error
    } finally {
      mine.call = undefined
    }
  }

  const askToLeave = async (mine: Membership): Promise<unknown> => {
    giveWay(mine.call)
    try {
      return await ask('leave', undefined, timeoutMs, 'fail', (call) => {
        leaving = call
      })
    } finally {
      endOf(mine)
      // A new session may have begun with a join.
      giveWay(mine.call)
    }
  }

  /** What waits for an answer, or for its turn, gives way to a newer `join` or `leave`. */
  const giveWay = (call: Call | undefined): void => {
    if (call) calls.cancel(call, new HoldfastError('REPLACED', `${name} was joined or left anew.`))
  }

  const join = (params: unknown, limitMs: number): Promise<unknown> => {
    const before = membership?.call
    const mine: Membership = { params }
    membership = mine
    giveWay(before)
    // Without a connection this join would go out before a leave that waits in the queue.
    if (!leaving?.written) giveWay(leaving)
    return askToJoin(mine, limitMs)
  }

  /** Nobody waits for it, so it has no limit but the connection's: a slow answer must not be taken for a refusal. */
  const joinQuietly = async (answer: Promise<unknown>): Promise<void> => {
    try {
      await answer
    } catch (cause) {
      // Nothing failed: something newer came, or the client ended, which is told elsewhere.
      if (cause instanceof ClientClosed || (cause instanceof HoldfastError && cause.code === 'REPLACED')) return
      options.onError(new HoldfastError('JOIN_FAILED', `Joining ${name} failed: see the cause, join again.`, cause))
    }
  }

  return {
    channel: {
      name,
      on: emitter.on,
      send(event, data, { volatile } = {}) {
        const message = wire.encode({ channel: name, event, data })
        if (volatile) session.sendVolatile(message, `${name} ${event}`)
        else session.send(message, owner)
      },
      deliver: (event, data) =>
        new Promise((resolve, reject) => {
          if (!session.keeper) throw new InvalidOption('session', 'resumable()')
          const settle = (error?: unknown): void => (error ? reject(error) : resolve())
          session.send(wire.encode({ channel: name, event, data }), { channel: name, written: 0, settle })
        }),
      join: (params) => join(params, timeoutMs),
      async leave() {
        const mine = membership
        if (mine) mine.left ??= askToLeave(mine)
        return mine?.left
      },
    },
    keepJoined(params) {
      if (!membership) void joinQuietly(join(params, NEVER))
    },
    receive({ event, data, offset }) {
      if (!history || history.isNew(name, offset)) emitter.emit(event, data)
      return true
    },
    onBegin(fresh) {
      const mine = membership
      if (!mine || (!fresh && (mine.isIn || mine.call || mine.left))) return
      // A leave that was written is lost with the session, and comes to the same.
      if (mine.left && leaving?.written) return
      // One from before this join would come after it.
      if (!mine.left && !leaving?.written) giveWay(leaving)
      if (mine.call) {
        // It may have been waiting its turn when the last connection went.
        session.queue.remove(mine.call)
        calls.submit(mine.call)
      } else void joinQuietly(askToJoin(mine, NEVER))
    },
  }
}

/** A refusal ends the joining, as does what cannot be encoded. A passing fault of the server or the network does not. */
const isFinal = (error: unknown): boolean =>
  error instanceof RemoteError ? error.code !== INTERNAL : !(error instanceof HoldfastError)
