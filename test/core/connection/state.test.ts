import { describe, expect, test } from 'vitest'
import type { Backoff } from '../../../src/core/connection/backoff.js'
import { type Event, IDLE, type State, transition } from '../../../src/core/connection/state.js'

const NOW = 1000
const backoff: Backoff = {
  initialMs: 100,
  factor: 2,
  maxMs: 1000,
  firstWindowMs: 50,
  maxAttempts: 3,
  stableAfterMs: 5000,
}
const given = { backoff, openTimeoutMs: 7000, now: NOW, random: 0.5 }

/** Every state there is, in every shape that matters. */
const STATES: { readonly [name: string]: State } = {
  idle: IDLE,
  address: { status: 'connecting', waitingFor: 'address', attempts: 1, until: 2000 },
  socket: { status: 'connecting', waitingFor: 'socket', attempts: 1, until: 2000 },
  auth: { status: 'connecting', waitingFor: 'auth', attempts: 1, until: 2000 },
  'open, unstable': { status: 'open', attempts: 1, stableAt: NOW + 1 },
  'open, stable': { status: 'open', attempts: 1, stableAt: NOW },
  retry: { status: 'waiting', waitingFor: 'retry', attempts: 1, until: 1100 },
  'retry, soon': { status: 'waiting', waitingFor: 'retry', attempts: 1, until: NOW + 25 },
  'server-window': { status: 'waiting', waitingFor: 'server-window', attempts: 1, until: 1100 },
  page: { status: 'waiting', waitingFor: 'page', attempts: 1, notBefore: 0 },
  'page, window over': { status: 'waiting', waitingFor: 'page', attempts: 1, notBefore: NOW },
  'page, in a window': { status: 'waiting', waitingFor: 'page', attempts: 1, notBefore: NOW + 1 },
  closed: { status: 'closed', attempts: 1, final: false },
  'closed for good': { status: 'closed', attempts: 1, final: true },
}

const EVENTS: { readonly [name: string]: Event } = {
  start: { type: 'start' },
  prepared: { type: 'prepared' },
  opened: { type: 'opened' },
  confirmed: { type: 'confirmed' },
  suspend: { type: 'suspend' },
  wake: { type: 'wake' },
  hurry: { type: 'hurry' },
  close: { type: 'close' },
  failed: { type: 'failed', stop: false, window: undefined },
  'failed, window': { type: 'failed', stop: false, window: { minMs: 200, maxMs: 400 } },
  'failed, stop': { type: 'failed', stop: true, window: undefined },
  'failed, stop and window': { type: 'failed', stop: true, window: { minMs: 200, maxMs: 400 } },
  timeout: { type: 'timeout', hidden: false },
  'timeout, hidden': { type: 'timeout', hidden: true },
}

const address = (attempts: number): State => ({
  status: 'connecting',
  waitingFor: 'address',
  attempts,
  until: NOW + 7000,
})
const page = (attempts: number, notBefore = 0): State => ({
  status: 'waiting',
  waitingFor: 'page',
  attempts,
  notBefore,
})
const final: State = { status: 'closed', attempts: 1, final: true }
const retry = (attempts: number, until: number): State => ({ status: 'waiting', waitingFor: 'retry', attempts, until })
const inWindow = (attempts: number): State => ({
  status: 'waiting',
  waitingFor: 'server-window',
  attempts,
  until: NOW + 300,
})

/** What changes; a pair that is not here leaves the state as it is, the same object. */
const CHANGES: { readonly [state: string]: { readonly [event: string]: State } } = {
  idle: { start: address(0), close: { status: 'closed', attempts: 0, final: true } },
  address: {
    start: address(1),
    prepared: { status: 'connecting', waitingFor: 'socket', attempts: 1, until: NOW + 7000 },
    suspend: page(1),
    close: final,
    failed: retry(2, NOW + 125),
    'failed, window': inWindow(2),
    'failed, stop': { status: 'closed', attempts: 2, final: false },
    'failed, stop and window': { status: 'closed', attempts: 2, final: false },
  },
  socket: {
    start: address(1),
    opened: { status: 'connecting', waitingFor: 'auth', attempts: 1, until: NOW + 7000 },
    suspend: page(1),
    close: final,
    failed: retry(2, NOW + 125),
    'failed, window': inWindow(2),
    'failed, stop': { status: 'closed', attempts: 2, final: false },
    'failed, stop and window': { status: 'closed', attempts: 2, final: false },
  },
  auth: {
    start: address(1),
    confirmed: { status: 'open', attempts: 1, stableAt: NOW + 5000 },
    suspend: page(1),
    close: final,
    failed: retry(2, NOW + 125),
    'failed, window': inWindow(2),
    'failed, stop': { status: 'closed', attempts: 2, final: false },
    'failed, stop and window': { status: 'closed', attempts: 2, final: false },
  },
  'open, unstable': {
    start: address(1),
    suspend: page(1),
    close: final,
    failed: retry(2, NOW + 125),
    'failed, window': inWindow(2),
    'failed, stop': { status: 'closed', attempts: 2, final: false },
    'failed, stop and window': { status: 'closed', attempts: 2, final: false },
  },
  'open, stable': {
    start: address(0),
    suspend: page(0),
    close: final,
    failed: retry(0, NOW + 25),
    'failed, window': inWindow(0),
    'failed, stop': { status: 'closed', attempts: 0, final: false },
    'failed, stop and window': { status: 'closed', attempts: 0, final: false },
  },
  retry: {
    start: address(1),
    suspend: page(1),
    close: final,
    wake: address(1),
    hurry: retry(1, NOW + 25),
    timeout: address(1),
    'timeout, hidden': page(1),
  },
  // What would not make it shorter changes nothing.
  'retry, soon': {
    start: address(1),
    suspend: page(1),
    close: final,
    wake: address(1),
    timeout: address(1),
    'timeout, hidden': page(1),
  },
  'server-window': {
    start: address(1),
    suspend: page(1, 1100),
    close: final,
    timeout: address(1),
    'timeout, hidden': page(1),
  },
  page: { start: address(1), close: final, wake: address(1), timeout: address(1), 'timeout, hidden': page(1) },
  'page, window over': {
    start: address(1),
    close: final,
    wake: address(1),
    timeout: address(1),
    'timeout, hidden': page(1),
  },
  'page, in a window': {
    start: address(1),
    close: final,
    wake: { status: 'waiting', waitingFor: 'server-window', attempts: 1, until: NOW + 1 },
    timeout: address(1),
    'timeout, hidden': page(1),
  },
  closed: { start: address(0), close: final },
  'closed for good': {},
}

const PAIRS = Object.entries(STATES).flatMap(([stateName, state]) =>
  Object.entries(EVENTS).map(([eventName, event]) => ({ stateName, eventName, state, event })),
)

describe('every state in every event', () => {
  test.each(PAIRS)('$stateName, $eventName', ({ stateName, eventName, state, event }) => {
    const next = transition(state, event, given)
    const change = CHANGES[stateName]?.[eventName]
    if (change) expect(next).toEqual(change)
    else expect(next).toBe(state)
  })

  test('is told in a table of states and events that there are', () => {
    expect(Object.keys(CHANGES)).toEqual(Object.keys(STATES))
    for (const changes of Object.values(CHANGES))
      expect(Object.keys(EVENTS)).toEqual(expect.arrayContaining(Object.keys(changes)))
  })
})

describe('in every state and event', () => {
  const randoms = [0, 0.25, 0.999999]

  test.each(PAIRS)('$stateName, $eventName keeps the promises of the machine', ({ state, event }) => {
    for (const random of randoms) {
      const before = structuredClone(state)
      const next = transition(state, event, { ...given, random })
      expect(state, 'the state before is left alone').toEqual(before)
      expect(transition(state, event, { ...given, random }), 'the same again gives the same').toEqual(next)
      if (next === state) continue
      if ('until' in next) {
        expect(next.until).toBeGreaterThanOrEqual(NOW)
        expect(next.until).toBeLessThanOrEqual(NOW + 7000)
      }
      if (next.status === 'open') expect(next.stableAt).toBe(NOW + backoff.stableAfterMs)
      expect(next.attempts).toBeLessThanOrEqual(state.attempts + 1)
      expect(next.attempts).toBeGreaterThanOrEqual(0)
    }
  })

  test('nothing leads out of a final closed', () => {
    for (const event of Object.values(EVENTS)) {
      expect(transition(final, event, given)).toBe(final)
    }
  })

  test('only start leads out of idle and closed, apart from close', () => {
    for (const state of [IDLE, STATES['closed']]) {
      if (!state) throw new Error('no such state')
      for (const event of Object.values(EVENTS)) {
        if (event.type === 'start' || event.type === 'close') continue
        expect(transition(state, event, given)).toBe(state)
      }
    }
  })

  test('every state is reached from idle', () => {
    const key = (state: State): string =>
      [state.status, 'waitingFor' in state && state.waitingFor, 'final' in state && state.final].join()
    const seen = new Map<string, State>([[key(IDLE), IDLE]])
    for (const state of seen.values()) {
      for (const event of Object.values(EVENTS)) {
        const next = transition(state, event, given)
        if (!seen.has(key(next))) seen.set(key(next), next)
      }
    }
    expect([...seen.keys()].sort()).toEqual([...new Set(Object.values(STATES).map(key))].sort())
  })
})

describe('a failure', () => {
  const attempt: State = { status: 'connecting', waitingFor: 'socket', attempts: 0, until: 2000 }
  const failed: Event = { type: 'failed', stop: false, window: undefined }

  test('waits within the bounds of the backoff, for every number of failures', () => {
    for (let failures = 0; failures < 12; failures++) {
      const most = Math.min(1000, 100 * 2 ** failures)
      const least = Math.min(1000, 100 * 2 ** (failures - 1)) / 2
      for (const random of [0, 0.3, 0.999]) {
        const circumstances = { ...given, backoff: { ...backoff, maxAttempts: 99 }, random }
        const next = transition({ ...attempt, attempts: failures }, failed, circumstances)
        expect(next).toMatchObject({ status: 'waiting', attempts: failures + 1 })
        expect(next).toHaveProperty('until', NOW + least + random * (most - least))
      }
    }
  })

  test('ends the client at maxAttempts, and not before', () => {
    expect(transition({ ...attempt, attempts: 1 }, failed, given)).toMatchObject({ status: 'waiting', attempts: 2 })
    expect(transition({ ...attempt, attempts: 2 }, failed, given)).toEqual({
      status: 'closed',
      attempts: 3,
      final: false,
    })
  })

  test('ends the client at maxAttempts also where the server named a window', () => {
    const event: Event = { ...failed, window: { minMs: 0, maxMs: 10 } }
    expect(transition({ ...attempt, attempts: 2 }, event, given)).toMatchObject({ status: 'closed' })
  })

  test('of a connection that was not stable counts as one', () => {
    const state: State = { status: 'open', attempts: 2, stableAt: NOW + 1 }
    expect(transition(state, failed, given)).toMatchObject({ status: 'closed', attempts: 3 })
  })

  test('of a stable connection is forgiven, and all before it', () => {
    const state: State = { status: 'open', attempts: 2, stableAt: NOW }
    expect(transition(state, failed, given)).toMatchObject({ status: 'waiting', attempts: 0 })
  })

  test('P7.1 waits for a random moment in the window of the server', () => {
    for (const [random, until] of [
      [0, 200],
      [0.5, 300],
      [0.75, 350],
    ] as const) {
      const event: Event = { ...failed, window: { minMs: 200, maxMs: 400 } }
      expect(transition(attempt, event, { ...given, random })).toMatchObject({
        waitingFor: 'server-window',
        until: NOW + until,
      })
    }
  })
})

describe('coming online', () => {
  test('shortens a wait to a jittered one, and never lengthens it', () => {
    const long: State = { status: 'waiting', waitingFor: 'retry', attempts: 5, until: NOW + 30_000 }
    const short: State = { status: 'waiting', waitingFor: 'retry', attempts: 5, until: NOW + 10 }
    expect(transition(long, { type: 'hurry' }, { ...given, random: 0.8 })).toMatchObject({ until: NOW + 40 })
    expect(transition(short, { type: 'hurry' }, { ...given, random: 0.8 })).toBe(short)
  })
})
