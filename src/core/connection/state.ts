/**
 * The state of the connection, as a pure function of the state before and an event.
 *
 *            start              prepared           opened           confirmed
 *     idle ────────▶ [address] ─────────▶ [socket] ───────▶ [auth] ───────────▶ open
 *                     ▲     ▲                │                 │                 │
 *      timeout, wake, │     │ wake           └──────┬──────────┴── failed ───────┤
 *      start          │     │                       │                            │
 *           [retry] or [server-window] ◀────────────┤ (stop, maxAttempts)        │
 *                     │     │                       ▼                            │
 *             timeout,│   [page] ◀── suspend     closed ◀── close              suspend,
 *             hidden  └────▶│                                                    close
 *
 * What stands in brackets is what a `connecting` or `waiting` client waits for. `start` (the app's `reconnect()`) begins
 * an attempt from every state but a final `closed`. A state gives back itself for what it does not know: late answers
 * of providers, timers and sockets are harmless.
 *
 * The effects follow from the state that is entered, and only from it (`connection.ts`): `address` begins an attempt in
 * place of whatever there was, `waiting` and `closed` abandon it, and a state with `until` has a timer that ends with it.
 */
import type { ReconnectWindow } from '../../protocol/window.js'
import { type Backoff, backoffDelay } from './backoff.js'

/** `attempts`: those that failed since the last stable connection. `until`, `stableAt`: times of the clock. */
export type State =
  | { readonly status: 'idle'; readonly waitingFor: 'start'; readonly attempts: 0 }
  | {
      readonly status: 'connecting'
      readonly waitingFor: 'address' | 'socket' | 'auth'
      readonly attempts: number
      readonly until: number
    }
  | { readonly status: 'open'; readonly attempts: number; readonly stableAt: number }
  | {
      readonly status: 'waiting'
      readonly waitingFor: 'retry' | 'server-window'
      readonly attempts: number
      readonly until: number
    }
  /** The page is frozen, in the back/forward cache, or has been hidden for long: no attempts. */
  | { readonly status: 'waiting'; readonly waitingFor: 'page'; readonly attempts: number }
  /** `final`: closed by the app, for good. */
  | { readonly status: 'closed'; readonly attempts: number; readonly final: boolean }

export type Event =
  | { readonly type: 'start' | 'prepared' | 'opened' | 'confirmed' | 'suspend' | 'wake' | 'hurry' | 'close' }
  /** An attempt failed or the connection was lost. `stop`: by policy there is no other. `window`: the server's wish. */
  | { readonly type: 'failed'; readonly stop: boolean; readonly window: ReconnectWindow | undefined }
  /** The wait is over; `hidden`: and nobody has seen the page for long. */
  | { readonly type: 'timeout'; readonly hidden: boolean }

/** What the function needs to know beside state and event; `random` from 0, inclusive, to 1, exclusive. */
export interface Circumstances {
  readonly backoff: Backoff
  readonly openTimeoutMs: number
  readonly now: number
  readonly random: number
}

type Waiting = Extract<State, { waitingFor: 'retry' | 'server-window' }>
type Failure = Extract<Event, { type: 'failed' }>

export const IDLE: State = { status: 'idle', waitingFor: 'start', attempts: 0 }

export function transition(state: State, event: Event, given: Circumstances): State {
  const { attempts, status } = state
  const { now, backoff } = given
  const waitingFor = 'waitingFor' in state ? state.waitingFor : undefined
  const connecting = (step: 'address' | 'socket' | 'auth'): State => ({
    status: 'connecting',
    waitingFor: step,
    attempts,
    until: now + given.openTimeoutMs,
  })
  const page: State = { status: 'waiting', waitingFor: 'page', attempts }
  const ended = status === 'idle' || status === 'closed'

  switch (event.type) {
    case 'start':
      if (status !== 'closed' || !state.final) return connecting('address')
      break
    case 'prepared':
      if (waitingFor === 'address') return connecting('socket')
      break
    case 'opened':
      if (waitingFor === 'socket') return connecting('auth')
      break
    case 'confirmed':
      if (waitingFor === 'auth') return { status: 'open', attempts, stableAt: now + backoff.stableAfterMs }
      break
    case 'failed':
      if (status === 'connecting' || status === 'open') return afterFailure(state, event, given)
      break
    case 'timeout':
      if (status === 'waiting') return event.hidden ? page : connecting('address')
      break
    case 'wake':
      // What the server asked for is not cut short.
      if (waitingFor === 'retry' || waitingFor === 'page') return connecting('address')
      break
    case 'hurry':
      // The page came online, as everybody in the building, or has the focus, perhaps again and again: soon, and jittered.
      if (waitingFor === 'retry')
        return wait(attempts, Math.min(untilOf(state), now + backoffDelay(0, backoff, given.random)))
      break
    case 'suspend':
      if (!ended) return page
      break
    case 'close':
      if (status !== 'closed' || !state.final) return { status: 'closed', attempts, final: true }
  }
  return state
}

function afterFailure(state: State, { stop, window }: Failure, { now, random, backoff }: Circumstances): State {
  // Only a connection that proved itself makes the failures before it forgotten.
  const attempts = state.status === 'open' && now >= state.stableAt ? 0 : state.attempts + 1
  if (stop || attempts >= backoff.maxAttempts) return { status: 'closed', attempts, final: false }
  return window
    ? wait(attempts, now + window.minMs + random * (window.maxMs - window.minMs), 'server-window')
    : wait(attempts, now + backoffDelay(attempts, backoff, random))
}

const untilOf = (state: State): number => ('until' in state ? state.until : 0)

const wait = (attempts: number, until: number, waitingFor: Waiting['waitingFor'] = 'retry'): Waiting => ({
  status: 'waiting',
  waitingFor,
  attempts,
  until,
})
