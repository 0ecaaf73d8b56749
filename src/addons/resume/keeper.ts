/**
 * One session of the page (PROTOCOL.md, sections 9 to 13).
 *
 * The replay buffer is the send queue: its kept messages have the numbers `acked + 1`, `acked + 2` …, and the one that
 * is written next follows them. So no message carries its number about, and none can get another one's.
 *
 * session  | socket                      | what happens
 * ---------|-----------------------------|-------------------------------------------------------------------
 * none     | opens                       | `hi` without a session; `ok` begins one: joins, then what waits
 * held     | is lost                     | nothing: the numbers stay as they are
 * held     | opens                       | `hi` with session, key and position
 *          | ok, resumed                 | what is above the server's position is written again
 *          | ok, not resumed             | the session is lost: what was written is settled, a new one begins
 * held     | closes with 4001 (fenced)   | the session was copied, and is lost
 * held     | server says `bye`           | a move: see `move.ts`
 * held     | the client ends             | `bye`, and the session is gone on both ends
 */
import type { CloseInfo } from '../../core/connection/close-codes.js'
import { createAlarm, NEVER } from '../../core/platform/alarm.js'
import type { LossReason, SessionKeeper, SessionLink } from '../../core/session/plugin.js'
import { PONG, readPing } from '../../protocol/heartbeat.js'
import {
  ACK_BYTES,
  ACK_MESSAGES,
  ACK_MS,
  BAD_FRAME,
  FENCED,
  isBye,
  isNo,
  isOk,
  MAX_HEADER,
  type Ok,
  OUT_OF_ORDER,
  readAck,
  readControl,
  readData,
  SESSION_VERSION,
  writeAck,
  writeControl,
  writeHeader,
} from '../../protocol/session-frames.js'
import type { WireData } from '../../protocol/wire.js'
import { RemoteError } from '../../shared/errors.js'
import { frameOf } from './frame.js'
import { createHistory } from './history.js'
import { createMove } from './move.js'

export function createKeeper(link: SessionLink): SessionKeeper {
  const { environment, connection, queue, handlers } = link
  const { now } = environment
  const ackAlarm = createAlarm(environment)
  /** 128 bits of chance: nobody can guess it. */
  const client = crypto.getRandomValues(new Uint32Array(4)).join('-')
  /** The session that is held, as the server named it last. */
  let session: Ok | undefined
  /** Counts every `hi`. */
  let attempt = 0
  let acked = 0
  let received = 0
  /** What may be acknowledged: all that was received but the one whose handler is running. */
  let handled = 0
  /** Whether the socket has its `ok`. */
  let greeted = false
  let owed = 0
  let owedBytes = 0
  let lostAt = 0
  let maxBytes = NEVER

  const hi = (token: unknown): string => {
    const held = session && { session: session.session, key: session.key, received }
    return writeControl({ hi: { version: SESSION_VERSION, client, attempt: ++attempt, ...held, token } })
  }

  /** A socket that throws, or a token that is no JSON, is as good as a cut. */
  const say = (text: () => string): boolean => {
    try {
      return connection.send(text(), false)
    } catch (cause) {
      connection.fail('the socket threw', cause)
      return false
    }
  }

  const sendAck = (): void => {
    if (owed && greeted && say(() => writeAck(handled))) paid()
  }

  const paid = (): void => {
    owed = owedBytes = 0
    ackAlarm(NEVER)
  }

  /** What the session held is settled, and said. */
  const lose = (why: LossReason, isSaid = true): void => {
    if (!session) return
    const from = received + 1
    session = undefined
    acked = received = handled = 0
    paid()
    const lost = link.forget()
    if (isSaid || lost.unknown) handlers.emit('sessionlost', { why, ...lost })
    if (isSaid) handlers.emit('gap', { from, why })
  }

  const onAck = (ack: number): boolean => {
    const isSane = ack <= acked + queue.kept
    if (!isSane) breakOff('future ack')
    else if (ack > acked) {
      queue.release(ack - acked)
      acked = ack
    }
    return isSane
  }

  /** Takes the answer to `hi`. `isMoved`: the server had its last word. */
  const onOk = (ok: Ok, isMoved = false): void => {
    const written = acked + queue.kept
    const isSane = ok.resumed
      ? ok.session === session?.session && ok.received >= acked && ok.received <= written && ok.sent >= received
      : !ok.received
    if (!isSane) return breakOff('wrong ok')
    greeted = true
    maxBytes = ok.maxPayload - MAX_HEADER
    if (!ok.resumed) lose(ok.why ?? 'unknown', !isMoved)
    session = ok
    if (!ok.resumed) return
    queue.rewind(ok.received - acked)
    // The last ack may have been lost with its socket.
    if (received) {
      owed = 1
      ackAlarm(ACK_MS, sendAck)
    }
    if (isMoved) return
    handlers.emit('resumed', { replayed: written - ok.received + ok.sent - received, missedMs: now() - lostAt })
  }

  const onData = (number: number, ack: number, payload: WireData): void => {
    if (!onAck(ack)) return
    if (number > received + 1) return connection.fail(`got ${number} after ${received}`, undefined, OUT_OF_ORDER)
    if (number && number <= received) {
      link.counters.duplicates++
      return
    }
    // Before it is handled: a listener may reconnect, and would be sent it again.
    if (number) received = number
    handlers.onData(payload)
    handled = received
    // A listener may have left the socket: the next `hi` says it.
    if (!number || !greeted) return
    // To count the bytes of a text would take as long as to read it.
    owedBytes += typeof payload === 'string' ? payload.length : payload.byteLength
    if (++owed === 1) ackAlarm(ACK_MS, sendAck)
    if (owed >= ACK_MESSAGES || owedBytes >= ACK_BYTES) sendAck()
  }

  /** Nobody knows what this session is any more. */
  const breakOff = (why: string): void => {
    connection.fail(why, undefined, BAD_FRAME)
    handlers.onViolation(why)
    lose('protocol')
  }

  const onControl = (text: string): void => {
    const { ok, no, bye } = readControl(text)
    if (greeted && isBye(bye)) move.onBye(bye)
    else if (!greeted && isOk(ok)) {
      onOk(ok)
      connection.confirm(ok.window)
    } else if (!greeted && isNo(no)) handlers.onError(new RemoteError({ code: no.code, message: no.reason }))
    else handlers.onViolation(text)
  }

  const move = createMove(link, {
    hi,
    say,
    onOk: (ok) => onOk(ok, true),
    onDone(isKept) {
      if (!isKept) lose('closed', false)
    },
  })

  return {
    get maxBytes() {
      return maxBytes
    },
    history: createHistory(handlers),
    greet(token) {
      greeted = false
      say(() => hi(token))
    },
    receive(data) {
      // After a last word there is no session here any more.
      if (greeted && session && readData(data, onData)) return
      if (typeof data !== 'string') return handlers.onViolation(data)
      const ack = readAck(data)
      // With `heartbeat: false` too: a server closes who does not answer.
      if (readPing(data) !== undefined) {
        sendAck()
        say(() => PONG)
      } else if (ack === undefined || !greeted) onControl(data)
      else onAck(ack)
    },
    frame(data, isVolatile) {
      paid()
      return frameOf(writeHeader(isVolatile ? 0 : acked + queue.kept + 1, handled), data)
    },
    stamp: (id, timeoutMs, isIdempotent) => ({
      ...(timeoutMs < NEVER && { timeoutMs }),
      ...(isIdempotent && { key: `${client}:${id}` }),
    }),
    sayOwed(final) {
      if (!final) return sendAck()
      if (greeted) say(() => writeControl({ bye: {} }))
      lose('closed', false)
    },
    onLost({ code }: CloseInfo) {
      greeted = false
      lostAt = now()
      paid()
      move.cancel()
      if (code === FENCED) lose('fenced')
    },
  }
}
