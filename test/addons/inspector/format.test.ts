import { expect, test } from 'vitest'
import { asText, bytes, clock, duration, plural, pretty, preview } from '../../../src/addons/inspector/format.js'
import type { FrameEntry } from '../../../src/addons/inspector/recording.js'

const frame = (data: FrameEntry['data'], kind: FrameEntry['kind'] = 'raw'): FrameEntry => ({
  type: 'frame',
  at: 0,
  direction: 'in',
  kind,
  name: '',
  size: 1,
  ...(data !== undefined && { data }),
})

test('times, sizes and numbers', () => {
  expect(clock(new Date(2026, 0, 2, 3, 4, 5, 6).getTime())).toBe('03:04:05.006')
  expect([0.4, 340, 1234, 59_949, 245_000].map(duration)).toEqual(['0 ms', '340 ms', '1.2 s', '59.9 s', '4 min 5 s'])
  expect([0, 999, 1000, 1_250_000].map(bytes)).toEqual(['0 B', '999 B', '1.0 kB', '1.3 MB'])
  expect([plural(1, 'message'), plural(12_000, 'message')]).toEqual(['1 message', '12,000 messages'])
})

test('a payload on one line, cut off, and over several', () => {
  const entry = frame('{"id":1,"result":{"a":[1]}}', 'answer')
  expect(preview(entry)).toBe('{"a":[1]}')
  expect(preview(entry)).toBe('{"a":[1]}')
  expect(pretty(entry)).toBe('{\n  "a": [\n    1\n  ]\n}')
  expect(preview(frame('x'.repeat(1000)))).toHaveLength(200)
  expect(preview(frame('a\n\n  b'))).toBe('a b')
  expect(preview(frame('[{"id":1,"result":2},{"id":2,"result":3}]', 'answer'))).toBe('[2,3]')
  expect(preview(frame('ping', 'heartbeat'))).toBe('')
  expect(pretty(frame(undefined))).toBe('Not kept.')
})

test('what is nested too deeply is said to be', () => {
  const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  expect(pretty(frame(`{"id":1,"result":${nested}}`, 'answer'))).toBe('Nested too deeply to be shown.')
})

test('bytes in hexadecimal, beside them what can be read', () => {
  const data = new TextEncoder().encode('holdfast\u0000inspector').buffer
  expect(preview(frame(data))).toBe('68 6f 6c 64 66 61 73 74 00 69 6e 73 70 65 63 74 6f 72')
  expect(pretty(frame(data))).toBe(
    '0000  68 6f 6c 64 66 61 73 74 00 69 6e 73 70 65 63 74  holdfast·inspect\n' +
      '0010  6f 72                                            or',
  )
  expect(pretty(frame(new ArrayBuffer(5000)))).toMatch(/\n… and 904 bytes more$/)
  expect([asText(data.slice(0, 2)), asText('text'), asText(undefined)]).toEqual(['68 6f', 'text', ''])
})
