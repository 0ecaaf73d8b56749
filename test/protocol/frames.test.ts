import { describe, expect, test } from 'vitest'
import { readFrame } from '../../src/protocol/frames.js'

const FRAMES = [
  { id: 7, method: 'sum', params: [1, 2] },
  { id: 'a', method: 'sum' },
  { id: 0, method: 'auth' },
  { id: -1, method: 'm' },
  { id: Number.MAX_SAFE_INTEGER, method: 'm' },
  { id: '', method: '' },
  { id: 7, result: 3 },
  { id: 7, result: null },
  { id: 7, result: undefined },
  { id: 7, result: 1, error: null },
  { id: 7, result: null, error: { code: 1, message: 'm' } },
  { id: 7, error: { code: -32601, message: 'm' } },
  { id: 7, error: { code: 'no', message: '', data: {} } },
  { id: 7, item: 'x' },
  { id: 7, item: null },
  { id: 7, cancel: true },
  { channel: 'chat', event: 'message', data: 1 },
  { channel: '', event: '' },
  { jsonrpc: '2.0', id: 7, method: 'm', extra: {} },
]

const NO_FRAMES = [
  undefined,
  null,
  true,
  7,
  'text',
  [],
  {},
  [1],
  { id: 7 },
  { method: 'm' },
  { result: 1 },
  { channel: 'c' },
  { event: 'e' },
  { jsonrpc: '2.0' },
  new Date(),
  new ArrayBuffer(1),
]

const MALFORMED = [
  { id: null, method: 'm' },
  { id: {}, method: 'm' },
  { id: [7], method: 'm' },
  { id: 1.5, method: 'm' },
  { id: Number.NaN, method: 'm' },
  { id: Number.MAX_SAFE_INTEGER + 1, method: 'm' },
  { id: true, result: 1 },
  { id: 7, method: 7 },
  { id: 7, method: {} },
  { id: 7, error: 'no' },
  { id: 7, error: {} },
  { id: 7, error: { code: 1 } },
  { id: 7, error: { message: 'm' } },
  { id: 7, error: { code: 1.5, message: 'm' } },
  { id: 7, error: { code: true, message: 'm' } },
  { id: 7, error: { code: 1, message: 1 } },
  { id: 7, cancel: false },
  { id: 7, cancel: 1 },
  { channel: 7, event: 'e' },
  { channel: 'c', event: 7 },
  { channel: {}, event: {} },
]

describe('readFrame', () => {
  test.each(FRAMES)('P2.1 takes %j, as it is', (frame) => {
    expect(readFrame(frame)).toBe(frame)
  })

  test.each(NO_FRAMES)('P2.3 says of %j: no frame', (value) => {
    expect(readFrame(value)).toBeUndefined()
  })

  test.each(MALFORMED)('P2.4 throws for %j', (value) => {
    expect(() => readFrame(value)).toThrow(TypeError)
  })
})
