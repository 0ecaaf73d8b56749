/**
 * The state of the connection, as a pure function of the state before and an event.
 *
 *          start         prepared        opened        confirmed
 *     idle ──────▶ [address] ────▶ [socket] ────▶ [auth] ────▶ open
 *                   ▲   ▲ │           │             │           │
 *              wake │   │ └───────────┴──── failed ─┴───────────┤
 *                   │   │ timeout, wake       │                 │
 *                   │   └─── [retry], ◀───────┤                 │
 *                   │        [server-window]  │ stop            │
 *                   │             │ hidden    ▼                 │
 *                   └── [page] ◀──┘         closed ◀── close    │
 *                          ▲                                    │
 *                          └──────────────── suspend ───────────┘
 *
 * from                   | event   | to
 * -----------------------|---------|----------------------------------------------------------------------------
 * all but a final closed | start   | address
 * connecting, open       | failed  | retry; server-window, if the server named one; closed, by policy or maxAttempts
 * retry, server-window   | timeout | address; page, if nobody has seen it for long
 * retry                  | wake    | address
 * retry                  | hurry   | retry, but sooner
 * page                   | wake    | address; server-window, if that is not over
 * connecting, open, wait | suspend | page
 * all                    | close   | closed, final
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
  | {
      readonly status: 'waiting'
      readonly waitingFor: 'page'
      readonly attempts: number
      /** The server asked not to come before this. */
      readonly notBefore: number
    }
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

type Failure = Extract<Event, { type: 'failed' }>

export const IDLE: State = { status: 'idle', waitingFor: 'start', attempts: 0 }

export function transition(state: State, event: Event, given: Circumstances): State {
  const { status } = state
  const { now, random, backoff } = given
  // Only a connection that proved itself makes the failures before it forgotten; so does a client that starts anew.
  const isStable = status === 'open' && now >= state.stableAt
  const attempts = isStable || status === 'closed' ? 0 : state.attempts
  const waitingFor = 'waitingFor' in state ? state.waitingFor : undefined

  const connecting = (step: 'address' | 'socket' | 'auth'): State => ({
    status: 'connecting',
    waitingFor: step,
    attempts,
    until: now + given.openTimeoutMs,
  })
  const page = (notBefore = 0): State => ({ status: 'waiting', waitingFor: 'page', attempts, notBefore })

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
      if (status === 'connecting' || status === 'open') return afterFailure(isStable ? 0 : attempts + 1, event, given)
      break
    case 'timeout':
      if (status === 'waiting') return event.hidden ? page() : connecting('address')
      break
    case 'wake':
      if (waitingFor === 'retry') return connecting('address')
      // What the server asked for is not cut short, not even by a page that slept in between.
      if (status === 'waiting' && state.waitingFor === 'page') {
        return state.notBefore > now ? wait(attempts, state.notBefore, 'server-window') : connecting('address')
      }
      break
    case 'hurry':
      // The page came online, as everybody in the building, or has the focus, perhaps again and again: soon, and jittered.
      if (status === 'waiting' && state.waitingFor === 'retry') {
        const soon = now + backoffDelay(0, backoff, random)
        if (soon < state.until) return wait(attempts, soon, 'retry')
      }
      break
    case 'suspend':
      if (status === 'waiting' && state.waitingFor === 'server-window') return page(state.until)
      if (status === 'connecting' || status === 'open' || waitingFor === 'retry') return page()
      break
    case 'close':
      if (status !== 'closed' || !state.final) return { status: 'closed', attempts: state.attempts, final: true }
  }
  return state
}

function afterFailure(attempts: number, { stop, window }: Failure, { now, random, backoff }: Circumstances): State {
  if (stop || attempts >= backoff.maxAttempts) return { status: 'closed', attempts, final: false }
  return window
    ? wait(attempts, now + window.minMs + random * (window.maxMs - window.minMs), 'server-window')
    : wait(attempts, now + backoffDelay(attempts, backoff, random), 'retry')
}

const wait = (attempts: number, until: number, waitingFor: 'retry' | 'server-window'): State => ({
  status: 'waiting',
  waitingFor,
  attempts,
  until,
})
