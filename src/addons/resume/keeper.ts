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
import {
  ACK_BYTES,
  ACK_MESSAGES,
  ACK_MS,
  FENCED,
  type Hi,
  isBye,
  isNo,
  isOk,
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

/** Longest header of a data frame: two numbers of 16 digits, two spaces. */
const MAX_HEADER = 34

export function createKeeper(link: SessionLink): SessionKeeper {
  const { environment, queue, handlers } = link
  const { now } = environment
  const ackAlarm = createAlarm(environment)
  const client = randomName()
  /** The session that is held, as the server named it last. */
  let session: Ok | undefined
  let acked = 0
  let received = 0
  /** Whether the socket has its `ok`. */
  let greeted = false
  let owed = 0
  let owedBytes = 0
  let lostAt = 0
  let maxBytes = NEVER

  const hi = (token: unknown): string => {
    const held = session && { session: session.session, key: session.key, received }
    const frame: Hi = { version: SESSION_VERSION, client, ...held, token }
    return writeControl({ hi: frame })
  }

  const sendAck = (): void => {
    if (owed && greeted && link.write(writeAck(received))) paid()
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
    acked = received = 0
    paid()
    const lost = link.forget()
    if (isSaid || lost.unknown) handlers.onSessionLost({ why, ...lost })
    if (isSaid && why !== 'closed') handlers.onGap({ from, why })
  }

  const onAck = (ack: number): boolean => {
    if (ack > acked + queue.kept) return false
    if (ack > acked) {
      const count = ack - acked
      acked = ack
      queue.release(count)
    }
    return true
  }

  /** Takes the answer to `hi`; tells whether the conversation is fresh. `isMoved`: the server had its last word. */
  const onOk = (ok: Ok, isMoved = false): boolean => {
    const isHeld = !!session && ok.resumed && ok.session === session.session
    const isSane = isHeld && ok.received >= acked && ok.received <= acked + queue.kept && ok.sent >= received
    if (!isSane) lose(isHeld ? 'protocol' : (ok.why ?? 'unknown'), !isMoved)
    session = ok
    greeted = true
    maxBytes = ok.maxPayload - MAX_HEADER
    if (isSane) {
      const replayed = acked + queue.kept - ok.received + ok.sent - received
      queue.rewind(ok.received - acked)
      if (!isMoved) handlers.onResumed({ replayed, missedMs: now() - lostAt })
    }
    return !isSane
  }

  const onData = (number: number, ack: number, payload: WireData): void => {
    if (!onAck(ack)) return onFuture()
    if (number > received + 1) return link.fail(OUT_OF_ORDER, `expected ${received + 1}, got ${number}`)
    if (number === received + 1) {
      // Before it is handled: a listener may reconnect, and would be sent it again.
      received = number
      owedBytes += typeof payload === 'string' ? payload.length : payload.byteLength
      if (++owed === 1) ackAlarm(ACK_MS, sendAck)
    } else if (number) {
      link.counters.duplicates++
      return
    }
    handlers.onData(payload)
    if (owed >= ACK_MESSAGES || owedBytes >= ACK_BYTES) sendAck()
  }

  /** An ack for what was never written: nobody knows what this session is any more. */
  const onFuture = (): void => {
    handlers.onViolation('an ack from the future')
    lose('protocol')
    link.fail(OUT_OF_ORDER, 'ack from the future')
  }

  const onControl = (text: string): void => {
    const { ok, no, bye } = readControl(text)
    if (isOk(ok) && !greeted) link.confirm(onOk(ok), ok.window)
    else if (isNo(no)) handlers.onError(new RemoteError({ code: no.code, message: no.reason }))
    else if (isBye(bye) && greeted) move.onBye(bye)
    else handlers.onViolation(text)
  }

  const move = createMove(link, {
    hi,
    onOk: (ok) => onOk(ok, true),
    onDone(isKept) {
      if (!isKept) lose('closed', false)
    },
  })

  return {
    get maxBytes() {
      return maxBytes
    },
    history: createHistory(handlers.onGap),
    greet(token) {
      greeted = false
      link.write(hi(token))
    },
    receive(data) {
      if (greeted && readData(data, onData)) return
      const ack = typeof data === 'string' ? readAck(data) : undefined
      if (typeof data !== 'string') handlers.onViolation(data)
      else if (ack === undefined || !greeted) onControl(data)
      else if (!onAck(ack)) onFuture()
    },
    frame(data, isVolatile) {
      paid()
      return frameOf(writeHeader(isVolatile ? 0 : acked + queue.kept + 1, received), data)
    },
    stamp: (id, timeoutMs, isIdempotent) => ({
      ...(timeoutMs < NEVER && { timeoutMs }),
      ...(isIdempotent && { key: `${client}:${id}` }),
    }),
    beforeBeat: sendAck,
    beforeLeave(final) {
      if (!final) return sendAck()
      link.write(writeControl({ bye: {} }))
      lose('closed', false)
    },
    onLost({ code }: CloseInfo) {
      greeted = false
      lostAt = now()
      paid()
      move.cancel()
      if (code === FENCED) lose('fenced')
    },
    onEnd() {
      move.cancel()
      lose('closed', false)
    },
  }
}

/** 128 bits of chance: nobody can guess it. */
function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
