/** Gives meaning to what the session carries: tells frames apart, and passes each to the part that it concerns. */
import { AUTH_ID, type EventFrame, type Frame, readFrame } from '../../protocol/frames.js'
import type { WireData } from '../../protocol/wire.js'
import type { Counters } from '../../shared/counters.js'
import { HoldfastError } from '../../shared/errors.js'
import type { Environment } from '../platform/environment.js'
import { createSession, type Session, type SessionHandlers, type SessionOptions } from '../session/session.js'
import { type Answers, createAnswers } from './answers.js'
import { createCalls } from './calls.js'
import { createRoom, type Room } from './room.js'
import { createStream } from './streams.js'

export interface MessengerOptions extends SessionOptions {
  requestTimeoutMs: number
}

/** What the messenger calls upward; `message` and `onDrop` only for what is nobody's here. */
export type MessengerHandlers = Omit<SessionHandlers, 'onBegin' | 'onData' | 'onForgotten' | 'onViolation'>

/** Limits for one request. */
export interface RequestOptions {
  /** Time for this request, in ms, instead of `requestTimeoutMs`. */
  timeoutMs?: number
  /** Aborts the request, on the server too; it rejects with `signal.reason`. */
  signal?: AbortSignal
  /**
   * The server may safely run it twice: after a cut it is written again instead of rejecting with `DeliveryUnknown`.
   * Default `false`.
   */
  idempotent?: boolean
}

/** Limits for one stream. */
export interface StreamOptions {
  /** Aborts the stream, on the server too; the iteration throws `signal.reason`. */
  signal?: AbortSignal
}

export interface Messenger {
  readonly session: Session
  readonly openCalls: number
  request(method: string, params: unknown, options?: RequestOptions): Promise<unknown>
  stream(method: string, params: unknown, options?: StreamOptions): AsyncIterable<unknown>
  handle: Answers['handle']
  room(name: string): Room
}

export function createMessenger(
  options: MessengerOptions,
  environment: Environment,
  counters: Counters,
  handlers: MessengerHandlers,
): Messenger {
  const { wire, requestTimeoutMs } = options
  const rooms = new Map<string, Room>()
  /** Codes of errors that were reported of the present connection. */
  const reported = new Set<unknown>()
  /** The last message that is taken after others whose decoding takes time, until it is. */
  let turn: Promise<unknown> | undefined
  /** Counts those that were forgotten: what was asked in one is not answered in the next. */
  let conversation = 0

  const session = createSession(options, environment, counters, {
    ...handlers,
    onData(data: WireData) {
      counters.received++
      try {
        const decoded = wire.decode(data, calls.methodOf)
        if (turn || decoded instanceof Promise) void takeInTurn(decoded, data)
        else take(decoded, data, conversation)
      } catch (error) {
        violation(error)
      }
    },
    onBegin(fresh) {
      for (const room of rooms.values()) room.onBegin(fresh)
    },
    onOpen() {
      reported.clear()
      handlers.onOpen()
    },
    onForgotten() {
      conversation++
      answers.stop()
      return calls.onForgotten()
    },
    onViolation: violation,
    onEnd() {
      calls.onEnd()
      handlers.onEnd()
    },
    onDrop(message, why) {
      if (!calls.onDrop(message.owner, why)) handlers.onDrop(message, why)
    },
  })
  const calls = createCalls(session, wire, environment)
  const answers = createAnswers(session, environment)

  /** Takes what the wire made of a message, once that is known, and after all that came before. */
  async function takeInTurn(decoded: unknown, data: WireData): Promise<void> {
    const since = conversation
    const mine = Promise.allSettled([decoded, turn])
    turn = mine
    const [outcome] = await mine
    if (turn === mine) turn = undefined
    if (outcome.status === 'rejected') violation(outcome.reason)
    else take(outcome.value, data, since)
  }

  function take(decoded: unknown, data: WireData, since: number): void {
    if (Array.isArray(decoded)) for (const one of decoded) takeOne(one, since) || violation(one, one)
    else if (!takeOne(decoded, since)) handlers.emit('message', data)
  }

  /** `false` if it is nobody's here. */
  function takeOne(value: unknown, since: number): boolean {
    try {
      const frame = readFrame(value)
      // An event on a channel that nobody has asked for may be the app's own message.
      if (!frame || ('event' in frame && 'channel' in frame))
        return !!frame && !!rooms.get(frame.channel)?.receive(frame)
      if (!pass(frame, since)) violation(frame)
    } catch (error) {
      violation(error)
    }
    return true
  }

  /** Passes a frame on; `false` if its id was never asked for, or is in use. */
  function pass(frame: Exclude<Frame, EventFrame>, since: number): boolean {
    // Whoever asked in a conversation that was forgotten while it was decoded hears nothing.
    if ('method' in frame) return since < conversation || answers.receive(frame)
    if ('cancel' in frame) answers.stop(frame.id)
    else return frame.id === AUTH_ID ? session.receiveAuth(frame) : calls.receive(frame)
    return true
  }

  /** Each is counted; the first of a kind on a connection is reported, so that a flood does not flood the app. */
  function violation(cause: unknown, named?: unknown): void {
    counters.protocolErrors++
    const isNamed = named instanceof HoldfastError
    const error = isNamed
      ? named
      : new HoldfastError('PROTOCOL', 'Bad frame: compare the server with PROTOCOL.md.', cause)
    if (!reported.has(error.code)) handlers.onError(error)
    reported.add(error.code)
  }

  return {
    session,
    get openCalls() {
      return calls.size
    },
    request: (method, params, { timeoutMs = requestTimeoutMs, signal, idempotent } = {}) =>
      new Promise((onResult, onError) => {
        calls.open({ method, params, timeoutMs, signal, onLost: idempotent ? 'resend' : 'fail', onResult, onError })
      }),
    stream: (method, params, { signal } = {}) =>
      createStream(calls, { method, params, signal, timeoutMs: requestTimeoutMs }),
    handle: answers.handle,
    room(name) {
      const room = rooms.get(name) ?? createRoom(name, session, calls, { ...options, ...handlers })
      rooms.set(name, room)
      return room
    },
  }
}
