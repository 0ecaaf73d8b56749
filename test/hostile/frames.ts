/** What a hostile end may say: generated, mutated, giant, deep. */
import fc from 'fast-check'

const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', 'a', 'chat', 'sum']
const MEMBERS = ['id', 'method', 'params', 'result', 'error', 'item', 'cancel', 'channel', 'event', 'data', 'offset']
const KINDS = ['hi', 'ok', 'no', 'bye', 'ack', 'ping', 'unknown']

const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 20 }))
const number = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, -1, 0.5, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER + 1, 1e21),
  fc.nat(100),
)
const scalar = fc.oneof(name, number, fc.boolean(), fc.constant(null))
/** Text and not an object: only `JSON.parse` makes a member called `__proto__`. */
const json: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar.map((value) => JSON.stringify(value)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items}]`),
    fc
      .array(fc.tuple(fc.oneof(name, fc.constantFrom(...MEMBERS)), tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`)}}`),
  ),
})).value

const objectOf = (members: readonly string[]) =>
  fc
    .array(fc.tuple(fc.constantFrom(...members), json), { minLength: 1, maxLength: 6 })
    .map((pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${value}`)}}`)

/** A frame of the plain wire, more or less. */
const plain = objectOf([...MEMBERS, ...NAMES])

const control = fc
  .tuple(
    fc.constantFrom(...KINDS),
    objectOf(['version', 'client', 'session', 'key', 'received', 'sent', 'epoch', 'resumed', 'code', 'window', 'done']),
  )
  .map(([kind, body]) => `{"${kind}":${body}}`)

const payload = fc.oneof(plain, json, fc.string())

const data = fc.tuple(number, number, payload).map(([seq, ack, text]) => `${seq} ${ack} ${text}`)

const deep = fc.constantFrom('[', '{"a":').map((open) => open.repeat(5_000))
const giant = fc.constantFrom(
  `{"id":1,"result":"${'x'.repeat(200_000)}"}`,
  'x'.repeat(200_000),
  `${'9'.repeat(200_000)} 0 `,
)

/** A text that is not a frame of anybody's. */
export const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: data },
  { weight: 4, arbitrary: plain },
  { weight: 4, arbitrary: control },
  { weight: 2, arbitrary: fc.string() },
  { weight: 2, arbitrary: number.map((ack) => `ack ${ack}`) },
  { weight: 1, arbitrary: fc.constantFrom('ping', 'pong', 'ping 1', 'ping 99999999', 'ack', 'ack -1', '0 0 ', ' ') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('{"id":1,"result":1}', '{"id":0,"result":null}', '1 0 {"id":1,"result":1}'),
  },
)

export const bytes: fc.Arbitrary<ArrayBuffer> = fc
  .oneof(
    fc.uint8Array({ maxLength: 64 }),
    data.map((frame) => new TextEncoder().encode(frame)),
  )
  .map((array) => Uint8Array.from(array).buffer)

export const hostile: fc.Arbitrary<string | ArrayBuffer> = fc.oneof(
  { weight: 90, arbitrary: text },
  { weight: 9, arbitrary: bytes },
  { weight: 1, arbitrary: fc.oneof(deep, giant) },
)

/** What the prototypes have that they must not have. */
export const pollution = (): string[] => [...Object.keys(Object.prototype), ...Object.keys(Array.prototype)]

/** A fixed seed and a fresh one; the title of the test tells it. */
export const seeds = (fixed: number): number[] => [fixed, Math.floor(Math.random() * 2 ** 31)]
