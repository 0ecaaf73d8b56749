/**
 * Tells a dead connection from a quiet one, by evidence: any frame that comes in is proof of life, and no timer alone
 * is proof of death (PROTOCOL.md, section 3).
 *
 * One timer, in turn: after `intervalMs` a ping goes out; within `timeoutMs` something must come in. A deadline that
 * fires late means that the page slept, so a frame may be waiting behind it: it asks once more, with a short limit.
 */
import { PING, PONG, readPing } from '../../protocol/heartbeat.js'
import type { Counters } from '../../shared/counters.js'
import { createAlarm, NEVER } from '../platform/alarm.js'
import type { Environment } from '../platform/environment.js'
import { bytesOf, type Sendable } from '../platform/sendable.js'

/** What goes over the wire as a ping or its answer. Bytes that arrive are for whoever gave them to recognise. */
export type Beat = string | Uint8Array<ArrayBuffer>

/** Options of the heartbeat; `intervalMs` is 0 until the server has announced its own. */
export interface HeartbeatSettings {
  intervalMs: number
  timeoutMs: number
  ping: Beat
  pong: Beat
}

/** Silent until the server pings, and then as strict as with settings of one's own. */
export const AUTO_HEARTBEAT = { intervalMs: 0, timeoutMs: 5000, ping: PING, pong: PONG }

/** A timer that is later than this, in ms, tells of a page that slept: browsers delay visible pages by far less. */
const LATE_MS = 1000
/** Limit for the answer after a doubt, in ms: a round trip around the world takes less than a tenth of it. */
const PROBE_TIMEOUT_MS = 2500
/** The page allows the server this many times its interval: pings come late by the way they take. */
const PATIENCE = 1.2
/** A server cannot make the page ping more often than this, in ms. */
const SHORTEST_INTERVAL_MS = 100

/** What the heartbeat knows of its connection. */
export interface HeartbeatLink {
  readonly counters: Counters
  send(beat: Beat): void
  /** Bytes that the socket has taken and not handed on. */
  buffered(): number
  /** A ping or a pong is about to go out: what is owed goes first. */
  sayOwed(final: false): void
  /** A ping was answered, and so what was sent when `counters.sent` was `sent` has arrived. */
  onConfirmed(sent: number): void
  onDead(silentMs: number): void
}

/** Of one socket. */
export interface Heartbeat {
  /** The connection is usable: until then it only answers. */
  start(): void
  /** A frame came in. On the path of every message. */
  heard(): void
  /** Takes a text that belongs to the heartbeat; tells whether it did. */
  take(text: string): boolean
  /** Doubts, and asks. */
  probe(): void
  /** A message goes out; after a sleep that no timer has noticed yet, it asks first. On the path of every message. */
  sending(data: Sendable): void
  stop(): void
}

export function createHeartbeat(settings: HeartbeatSettings, environment: Environment, link: HeartbeatLink): Heartbeat {
  const { now } = environment
  const { counters, buffered } = link
  const { ping, pong, timeoutMs } = settings
  let { intervalMs } = settings
  const alarm = createAlarm(environment)
  let dueAt = NEVER
  let started = false
  let waitingSince = 0
  let askedAgain = false
  // Bytes handed to the socket while it waits: they are counted then only, for that takes time.
  let handedOver = 0
  let drainedAtPing = 0
  // Pings without their pong. Only one that starts from none is measured, so that no pong is taken for another's.
  let unanswered = 0
  let measured: { at: number; sent: number } | undefined

  const arm = (ms: number, then: () => void): void => {
    dueAt = now() + ms
    alarm(ms, then)
  }

  const say = (beat: Beat): void => {
    link.sayOwed(false)
    link.send(beat)
  }

  /** Bytes that have left the socket for the network, from some beginning. */
  const drained = (): number => handedOver - buffered()

  const ask = (limitMs = timeoutMs): void => {
    waitingSince ||= now()
    drainedAtPing = drained()
    if (!unanswered++) measured = { at: now(), sent: counters.sent }
    arm(limitMs, judge)
    say(ping)
  }

  const judge = (): void => {
    if (!askedAgain && now() - dueAt > LATE_MS) {
      askedAgain = true
      ask(PROBE_TIMEOUT_MS)
    } else if (buffered() && drained() > drainedAtPing) {
      // The ping waits behind a large upload that is moving.
      drainedAtPing = drained()
      arm(timeoutMs, judge)
    } else link.onDead(now() - waitingSince)
  }

  const probe = (): void => {
    // While it waits for an answer its deadline stands: hints that keep coming must not put off the verdict.
    if (started && intervalMs && !waitingSince) ask(Math.min(PROBE_TIMEOUT_MS, timeoutMs))
  }

  return {
    start() {
      started = true
      if (intervalMs) ask()
    },
    heard() {
      if (!waitingSince) return
      waitingSince = 0
      askedAgain = false
      arm(intervalMs, ask)
    },
    take(text) {
      if (text === pong && intervalMs) {
        if (measured) {
          // Another environment's clock may have been set back in between.
          counters.roundTripMs = Math.max(0, now() - measured.at)
          link.onConfirmed(measured.sent)
        }
        measured = undefined
        if (unanswered) unanswered--
        return true
      }
      const announcedMs = ping === PING ? readPing(text) : text === ping ? 0 : undefined
      if (announcedMs === undefined) return false
      say(pong)
      // With an interval of its own the page keeps to that.
      if (announcedMs && !settings.intervalMs) {
        intervalMs = Math.max(SHORTEST_INTERVAL_MS, announcedMs) * PATIENCE
        if (started) ask()
      }
      return true
    },
    probe,
    sending(data) {
      if (now() - dueAt > LATE_MS) probe()
      if (waitingSince) handedOver += bytesOf(data)
    },
    stop: () => alarm(NEVER),
  }
}
