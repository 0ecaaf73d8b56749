import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Message, read } from '../../../src/addons/inspector/reading.js'
import { writeControl, writeHeader } from '../../../src/protocol/session-frames.js'

/** What is told of a frame of one message: kind and name, and of a session its number and ack. */
const told = (data: string | ArrayBuffer): unknown[] => {
  const { messages, number, ack } = read(data)
  const [{ kind, name, id }] = messages
  return [kind, name, id, number, ack].filter((part) => part !== undefined)
}

const payloads = (data: string | ArrayBuffer): unknown[] => read(data).messages.map(({ payload }) => payload)

describe('the plain wire', () => {
  test.each([
    ['{"id":7,"method":"sum","params":[1,2]}', ['request', 'sum', 7], [1, 2]],
    ['{"id":"a","method":"sum"}', ['request', 'sum', 'a'], undefined],
    ['{"id":8,"method":"join","params":{"channel":"chat","params":1}}', ['request', 'join chat', 8], expect.anything()],
    ['{"id":7,"result":3}', ['answer', '', 7], 3],
    ['{"id":7,"result":null}', ['answer', '', 7], null],
    ['{"id":7,"error":{"code":"no","message":"No."}}', ['error', '', 7], { code: 'no', message: 'No.' }],
    ['{"id":7,"item":"Hello"}', ['item', '', 7], 'Hello'],
    ['{"id":7,"cancel":true}', ['cancel', '', 7], undefined],
    ['{"channel":"chat","event":"said","data":"hi"}', ['event', 'chat / said'], 'hi'],
    ['ping', ['heartbeat', 'ping'], undefined],
    ['ping 15000', ['heartbeat', 'ping 15000'], undefined],
    ['pong', ['heartbeat', 'pong'], undefined],
    [' {"id":1,"result":true}', ['answer', '', 1], true],
  ])('%s', (text, expected, payload) => {
    expect(told(text)).toEqual(expected)
    expect(payloads(text)).toEqual([payload])
  })

  test.each(['', 'hello', '{"hello":"world"}', '{broken', 'null', '"ping"', '{"id":{},"method":"sum"}', '[]', '[1,2]'])(
    'what is no frame is the app’s own: %s',
    (text) => {
      expect(told(text)).toEqual(['raw', ''])
      expect(payloads(text)).toEqual([text])
    },
  )

  test('bytes are the app’s own', () => {
    const bytes = new Uint8Array([1, 2, 3]).buffer
    expect(told(bytes)).toEqual(['raw', ''])
    expect(payloads(bytes)).toEqual([bytes])
  })
})

describe('JSON-RPC', () => {
  test('a notification is an event', () => {
    const text = '{"jsonrpc":"2.0","method":"moved","params":{"x":1}}'
    expect(told(text)).toEqual(['event', 'moved'])
    expect(payloads(text)).toEqual([{ x: 1 }])
  })

  test('a batch is read message by message', () => {
    const { messages, isBatch } = read('[{"id":1,"method":"sum"},{"id":2,"method":"now"}]')
    expect(isBatch).toBe(true)
    expect(messages.map(({ name, id }: Message) => [name, id])).toEqual([
      ['sum', 1],
      ['now', 2],
    ])
  })

  test('a list with something else in it is no batch', () => {
    expect(told('[{"id":1,"method":"sum"},5]')).toEqual(['raw', ''])
  })
})

describe('a session', () => {
  const ok = { session: 's', key: 'k', epoch: 'e', received: 0, sent: 0, ttlMs: 1, pingMs: 1, maxPayload: 99 }

  test.each([
    [{ hi: { version: 1, client: 'c'.repeat(16) } }, ['hi', 'new session']],
    [{ hi: { version: 1, client: 'c'.repeat(16), session: 's', key: 'k', received: 3 } }, ['hi', 'resume']],
    [{ ok: { ...ok, resumed: false } }, ['ok', 'new session']],
    [{ ok: { ...ok, resumed: true } }, ['ok', 'resumed']],
    [{ no: { code: 4401, reason: 'token expired' } }, ['no', 'token expired']],
    [{ bye: {} }, ['bye', '']],
    [{ bye: { done: true } }, ['bye', 'done']],
  ])('%j', (frame, expected) => {
    expect(told(writeControl(frame))).toEqual(expected)
    expect(payloads(writeControl(frame))).toEqual([Object.values(frame)[0]])
  })

  test('a data frame has number, ack, and what is inside', () => {
    expect(told('17 12 {"id":7,"result":3}')).toEqual(['answer', '', 7, 17, 12])
    expect(told('0 12 volatile')).toEqual(['raw', '', 0, 12])
    expect(payloads('0 12 volatile')).toEqual(['volatile'])
  })

  test('so has one of bytes', () => {
    const bytes = new TextEncoder().encode(`${writeHeader(3, 2)}xyz`).buffer
    expect(told(bytes)).toEqual(['raw', '', 3, 2])
    expect(new TextDecoder().decode(payloads(bytes)[0] as ArrayBuffer)).toBe('xyz')
  })

  test('a lone ack', () => {
    expect(told('ack 12')).toEqual(['ack', '', 12])
  })

  test('what only looks like a handshake is the app’s own', () => {
    expect(told('{"ok":{"session":5}}')).toEqual(['raw', ''])
  })
})

test('whatever comes is read without a throw', () => {
  const nested = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  expect(told(nested)).toEqual(['raw', ''])
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), (data) => {
      const { messages } = read(typeof data === 'string' ? data : new Uint8Array(data).buffer)
      expect(messages.length).toBeGreaterThan(0)
    }),
  )
})
