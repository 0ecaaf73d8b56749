import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type ControlFrame,
  isBye,
  isHi,
  isNo,
  isOk,
  readAck,
  readControl,
  readData,
  writeAck,
  writeControl,
  writeHeader,
} from '../../src/protocol/session-frames.js'
import type { WireData } from '../../src/protocol/wire.js'

const HI = { version: 1, client: 'c'.repeat(16) }
const HELD = { ...HI, session: 's', key: 'k', received: 0 }
const OK = {
  session: 's',
  key: 'k',
  epoch: 'e',
  resumed: false,
  received: 0,
  sent: 0,
  ttlMs: 1,
  pingMs: 1,
  maxPayload: 1,
}
const NO = { code: 4401, reason: '' }
const BIG = 'x'.repeat(129)
const LONG = 'x'.repeat(128)
const WINDOW = { minMs: 0, maxMs: 5 }

/** What no member may be that is a name, a count, a flag, a text or a window. */
const NO_NAMES = [null, 7, '', BIG, {}, ['s'], true]
const NO_COUNTS = [null, '1', -1, 0.5, Number.NaN, 2 ** 53, Number.POSITIVE_INFINITY, {}, true]
const NO_FLAGS = [null, 0, 1, 'true', {}]
const NO_TEXTS = [null, 7, {}, ['x']]
const NO_WINDOWS = [null, 5, [], {}, { minMs: 0 }, { maxMs: 0 }, { minMs: -1, maxMs: 0 }, { minMs: '0', maxMs: 0 }]
const NO_OBJECTS = [undefined, null, 5, 'hi', true, [], {}]

const bad = (valid: object, values: Record<string, readonly unknown[]>): object[] =>
  Object.entries(values).flatMap(([member, some]) => some.map((value) => ({ ...valid, [member]: value })))

const without = (valid: object, ...members: string[]): object[] =>
  members.map((member) => ({ ...valid, [member]: undefined }))

describe('P9.6 a `hi`', () => {
  test.each([HI, HELD, { ...HI, client: LONG }, { ...HELD, session: LONG, key: LONG, received: 2 ** 53 - 1 }])(
    'may be %j',
    (hi) => {
      expect(isHi(hi)).toBe(true)
    },
  )

  test.each([{ token: null }, { token: { a: 1 } }, { capabilities: ['x'] }, { capabilities: 7 }, { other: 1 }])(
    'may have %j: nobody looks at it here',
    (more) => {
      expect(isHi({ ...HI, ...more })).toBe(true)
    },
  )

  test.each([
    ...NO_OBJECTS,
    ...without(HI, 'version', 'client'),
    ...bad(HI, { version: NO_COUNTS, client: [...NO_NAMES, 'c'.repeat(15)] }),
  ])('is not %j', (hi) => {
    expect(isHi(hi)).toBe(false)
  })

  test.each([
    ...without(HELD, 'session', 'key', 'received'),
    ...bad(HELD, { session: NO_NAMES, key: NO_NAMES, received: NO_COUNTS }),
    { ...HI, received: 0 },
    { ...HI, session: 's', key: 'k' },
    { ...HI, session: null, key: null, received: null },
  ])('P14.4 names session, key and position, or none of them: not %j', (hi) => {
    expect(isHi(hi)).toBe(false)
  })
})

describe('P9.6 an `ok`', () => {
  test.each([
    OK,
    { ...OK, resumed: true, why: 'unknown', window: WINDOW },
    { ...OK, session: LONG, key: LONG, epoch: LONG, sent: 2 ** 53 - 1 },
    { ...OK, more: 1, __proto__: { window: 7 } },
  ])('may be %j', (ok) => {
    expect(isOk(JSON.parse(JSON.stringify(ok)))).toBe(true)
  })

  test.each([
    ...NO_OBJECTS,
    ...without(OK, ...Object.keys(OK)),
    ...bad(OK, {
      session: NO_NAMES,
      key: NO_NAMES,
      epoch: NO_NAMES,
      resumed: NO_FLAGS,
      received: NO_COUNTS,
      sent: NO_COUNTS,
      ttlMs: NO_COUNTS,
      pingMs: NO_COUNTS,
      maxPayload: NO_COUNTS,
      why: NO_TEXTS,
      window: NO_WINDOWS,
    }),
  ])('P14.4 is not %j', (ok) => {
    expect(isOk(ok)).toBe(false)
  })
})

describe('P9.6 a `no`', () => {
  test.each([NO, { ...NO, window: WINDOW, more: 1 }])('may be %j', (no) => {
    expect(isNo(no)).toBe(true)
  })

  test.each([
    ...NO_OBJECTS,
    ...without(NO, 'code', 'reason'),
    ...bad(NO, { code: NO_COUNTS, reason: NO_TEXTS, window: NO_WINDOWS }),
  ])('is not %j', (no) => {
    expect(isNo(no)).toBe(false)
  })
})

describe('P9.6 a `bye`', () => {
  test.each([{}, { window: WINDOW, resume: true, url: 'wss://x/' }, { done: true }, { resume: false, more: 1 }])(
    'may be %j',
    (bye) => {
      expect(isBye(bye)).toBe(true)
    },
  )

  test.each([
    undefined,
    null,
    5,
    'bye',
    ...bad({}, { window: NO_WINDOWS, resume: NO_FLAGS, done: NO_FLAGS, url: NO_TEXTS }),
  ])('is not %j', (bye) => {
    expect(isBye(bye)).toBe(false)
  })
})

describe('P9.2 a control frame', () => {
  test('is read as it was written', () => {
    const frame: ControlFrame = { hi: { ...HELD, token: { a: [1] } } }
    expect(readControl(writeControl(frame))).toEqual(frame)
  })

  test.each(['', 'hello', '5', 'null', '"hi"', '{', '[1]', '{"hi"', '['.repeat(200_000)])('is not %j', (text) => {
    const { hi, ok, no, bye } = readControl(text)
    expect([hi, ok, no, bye]).toEqual([undefined, undefined, undefined, undefined])
  })

  test('cannot smuggle a prototype in', () => {
    const frame = readControl('{"__proto__":{"ok":{}},"constructor":{"prototype":{"no":1}}}')
    expect(frame.ok).toBeUndefined()
    expect(Reflect.get({}, 'no')).toBeUndefined()
  })
})

describe('P9.3 a data frame', () => {
  const parts = (data: WireData): unknown[] | undefined => {
    let found: unknown[] | undefined
    const taken = readData(data, (number, ack, payload) => {
      found = [number, ack, typeof payload === 'string' ? payload : [...new Uint8Array(payload)]]
    })
    expect(taken).toBe(found !== undefined)
    return found
  }
  const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer
  const MOST = 999_999_999_999_999

  test.each([
    ['1 0 x', [1, 0, 'x']],
    ['0 12 ', [0, 12, '']],
    ['17 12 {"a":"b c"}', [17, 12, '{"a":"b c"}']],
    ['1 1  two spaces', [1, 1, ' two spaces']],
    ['1 1 line\nbreak €', [1, 1, 'line\nbreak €']],
    [`${MOST} ${MOST} x`, [MOST, MOST, 'x']],
  ])('%j is read', (text, expected) => {
    expect(parts(text)).toEqual(expected)
  })

  test.each([
    '',
    ' ',
    '1',
    '1 0',
    '1  0 x',
    ' 1 0 x',
    '01 0 x',
    '1 00 x',
    '-1 0 x',
    '+1 0 x',
    '1.5 0 x',
    '1e3 0 x',
    '0x1 0 x',
    '1\t0\tx',
    '1 0\nx',
    '١ 0 x',
    '１ 0 x',
    'NaN 0 x',
    `${MOST + 1} 0 x`,
    `1 ${MOST + 1} x`,
    '9999999999999999 0 x',
    `${'9'.repeat(17)} 0 x`,
    `${'9'.repeat(400)} 0 x`,
    'ack 1',
    '{"ok":{}}',
  ])('%j is none, in text or in bytes', (text) => {
    expect(parts(text)).toBeUndefined()
    expect(parts(bytes(text))).toBeUndefined()
  })

  test('in bytes has a payload of bytes', () => {
    expect(parts(bytes('7 6 ab'))).toEqual([7, 6, [97, 98]])
    expect(parts(bytes(`${MOST} ${MOST} `))).toEqual([MOST, MOST, []])
    expect(parts(new Uint8Array([49, 32, 48, 32, 255, 0]).buffer)).toEqual([1, 0, [255, 0]])
    expect(parts(new ArrayBuffer(0))).toBeUndefined()
  })

  test('is read as it was written', () => {
    expect(parts(`${writeHeader(3, 2)}x`)).toEqual([3, 2, 'x'])
    expect(writeHeader(0, 0)).toBe('0 0 ')
  })
})

describe('P9.2 an ack', () => {
  test.each([
    ['ack 0', 0],
    ['ack 12', 12],
    [`ack ${999_999_999_999_999}`, 999_999_999_999_999],
  ])('%j is read', (text, ack) => {
    expect(readAck(text)).toBe(ack)
    expect(writeAck(ack)).toBe(text)
  })

  test.each([
    '',
    'ack',
    'ack ',
    'ack  1',
    'ack 01',
    'ack -1',
    'ack 1 ',
    'ack 1\n',
    'Ack 1',
    ' ack 1',
    'ack 1.0',
    'ack 1000000000000000',
    'ack 99999999999999999',
  ])('%j is none', (text) => {
    expect(readAck(text)).toBeUndefined()
  })
})

describe('P9.5 what is written', () => {
  const BROKEN: readonly ControlFrame[] = [
    {},
    { hi: { version: 1, client: 'short' } },
    { hi: { ...HI, session: 's' } },
    { ok: { ...OK, received: -1 } },
    { ok: { ...OK, key: BIG } },
    { no: { code: 0.5, reason: '' } },
    { bye: { window: { minMs: -1, maxMs: 0 } } },
  ]
  afterEach(() => vi.unstubAllEnvs())

  test.each(BROKEN)('is checked in development: %j throws', (frame) => {
    expect(() => writeControl(frame)).toThrow(TypeError)
  })

  test('is not checked in production, where the bytes and the time are the app’s', () => {
    vi.stubEnv('NODE_ENV', 'production')
    expect(writeControl({ hi: { version: 1, client: 'short' } })).toBe('{"hi":{"version":1,"client":"short"}}')
  })
})
