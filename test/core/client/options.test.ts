import { describe, expect, test } from 'vitest'
import { type ConnectOptions, connect, InvalidOption } from '../../../src/index.js'
import { fakeEnvironment } from '../../../src/testing/fake-environment.js'
import { ADDRESS } from '../support.js'

const attempt = (url: string, options: object): unknown => {
  const environment = fakeEnvironment()
  try {
    // As a caller without types has it.
    Reflect.apply(connect, undefined, [url, { environment, ...options }])
  } catch (error) {
    expect(environment.timers).toBe(0)
    return error
  }
  return undefined
}

const NO_NUMBERS = ['5', null, {}, Number.NaN, -1]

const NUMBERS = [
  'openTimeoutMs',
  'requestTimeoutMs',
  'backoff.initialMs',
  'backoff.factor',
  'backoff.maxMs',
  'backoff.firstWindowMs',
  'backoff.maxAttempts',
  'backoff.stableAfterMs',
  'heartbeat.intervalMs',
  'heartbeat.timeoutMs',
  'queue.maxMessages',
  'queue.maxBytes',
  'queue.ttlMs',
]

/** `{ queue: { ttlMs: value } }` of `queue.ttlMs`. */
const nest = (field: string, value: unknown): object => {
  const [first = '', second] = field.split('.')
  const inner = first === 'heartbeat' ? { intervalMs: 1000 } : {}
  return { [first]: second ? { ...inner, [second]: value } : value }
}

const BAD: readonly (readonly [field: string, value: unknown])[] = [
  ...NUMBERS.flatMap((field) => NO_NUMBERS.map((value) => [field, value] as const)),
  ['backoff.factor', 0.9],
  ['backoff.maxAttempts', 0],
  ['heartbeat.intervalMs', 0],
  ['queue.overflow', 'drop'],
  ['queue.overflow', 7],
  ['shouldReconnect', true],
  ['auth', 'token'],
  ['auth', null],
  ['wire', 'xml'],
  ['wire', {}],
  ['wire', { encode: JSON.stringify }],
  ['wire', { decode: JSON.parse }],
  ['timeout', 5],
  ['queue.max', 5],
  ['backoff.jitter', true],
  ['heartbeat.interval', 5],
  ['heartbeat.ping', 5],
  ['heartbeat.pong', null],
  ['queue', 5],
  ['queue', null],
  ['backoff', null],
  ['backoff', 'fast'],
  ['wire', null],
  ['session', null],
  ['session', true],
  ['session', 0],
  ['session', ''],
  ['session', 'resumable'],
  ['session', {}],
  ['autoConnect', 'yes'],
  ['logger', null],
  ['logger', {}],
  ['logger', { warn() {}, error() {} }],
]

describe('an option that makes no sense', () => {
  test.each(BAD)('%s: %j throws, and the error names it', (field, value) => {
    const error = attempt(ADDRESS, nest(field, value))
    expect(error).toBeInstanceOf(InvalidOption)
    expect(error).toMatchObject({ code: 'INVALID_OPTION', field })
    expect(String(error)).toContain(`${field}: expected`)
  })

  test('is a heartbeat without its interval', () => {
    expect(attempt(ADDRESS, { heartbeat: {} })).toMatchObject({ field: 'heartbeat.intervalMs' })
    expect(attempt(ADDRESS, { heartbeat: true })).toMatchObject({ field: 'heartbeat.intervalMs' })
  })

  test.each(['', '/ws', 'server.test', 'ftp://server.test', 'wss://', 'wss://server.test/#part', 'javascript:0'])(
    'is the address %j, where there is no page that it could be relative to',
    (url) => {
      expect(attempt(url, {})).toMatchObject({ code: 'INVALID_OPTION', field: 'url' })
    },
  )
})

describe('an option that makes sense', () => {
  const GOOD: readonly ConnectOptions[] = [
    {},
    { protocols: 'chat' },
    { protocols: ['a', 'b'] },
    { backoff: {} },
    { backoff: { maxAttempts: Number.POSITIVE_INFINITY, initialMs: 0, firstWindowMs: 0, factor: 1 } },
    { heartbeat: false },
    { heartbeat: 'auto' },
    { heartbeat: { intervalMs: 1000 } },
    { heartbeat: { intervalMs: 1000, timeoutMs: 500, ping: 'PING', pong: 'PONG' } },
    { queue: { maxMessages: 0, maxBytes: 0, ttlMs: 0, overflow: 'drop-newest' } },
    { requestTimeoutMs: Number.POSITIVE_INFINITY, openTimeoutMs: Number.POSITIVE_INFINITY },
    { wire: 'json' },
    { wire: 'jsonrpc' },
    { wire: { encode: () => '', decode: () => undefined } },
    { autoConnect: false },
    { logger: console },
  ]

  test.each(GOOD)('%j is taken', (options) => {
    expect(attempt(ADDRESS, options)).toBeUndefined()
  })

  test('may be undefined, and is the default then', () => {
    const options = { openTimeoutMs: undefined, queue: { ttlMs: undefined }, backoff: undefined, heartbeat: undefined }
    expect(attempt(ADDRESS, options)).toBeUndefined()
  })

  test.each(['ws://server.test', 'wss://server.test/a?b=c', 'http://server.test', 'https://server.test'])(
    'is the address %j',
    (url) => {
      expect(attempt(url, {})).toBeUndefined()
    },
  )
})
