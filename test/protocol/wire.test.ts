import { describe, expect, test } from 'vitest'
import type { Frame } from '../../src/protocol/frames.js'
import { jsonRpcWire, jsonWire } from '../../src/protocol/wire.js'

const FRAMES: readonly Frame[] = [
  { id: 7, method: 'sum', params: [1, 2] },
  { id: 7, result: null },
  { id: 'x', error: { code: 'no', message: 'No' } },
  { id: 7, item: { a: 1 } },
  { id: 7, cancel: true },
  { channel: 'chat', event: 'message', data: 'hi' },
]

describe.each([
  ['json', jsonWire],
  ['jsonrpc', jsonRpcWire],
])('the wire %s', (_, wire) => {
  test.each(FRAMES)('P1.2 carries %j as text', (frame) => {
    const text = wire.encode(frame)
    if (typeof text !== 'string') throw new Error('no text')
    expect(wire.decode(text)).toMatchObject(frame)
  })

  test.each(['', 'text', '{broken', '[1]', '"{}"', ' {}', 'null'])('P2.3 takes %j for no frame', (text) => {
    expect(wire.decode(text)).toBeUndefined()
  })

  test('P1.2 takes no bytes', () => {
    expect(wire.decode(new TextEncoder().encode('{"id":7,"result":1}').buffer)).toBeUndefined()
  })
})

test('P2.2 jsonrpc adds its member to requests and answers', () => {
  expect(FRAMES.map((frame) => JSON.parse(String(jsonRpcWire.encode(frame))).jsonrpc)).toEqual([
    '2.0',
    '2.0',
    '2.0',
    '2.0',
    '2.0',
    undefined,
  ])
})
