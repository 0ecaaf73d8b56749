import { describe, expect, test } from 'vitest'
import { read } from '../../../src/addons/inspector/reading.js'
import { type Redact, redacted } from '../../../src/addons/inspector/redaction.js'

const keep = (data: string | ArrayBuffer, redact?: Redact): string | ArrayBuffer =>
  redacted(data, read(data), 'out', redact)

const hide: Redact = () => '-'

describe('without a function', () => {
  test('what the app says is kept to the letter', () => {
    const text = '{ "id": 7, "method": "sum", "params": [1, 2], "more": true }'
    expect(keep(text)).toBe(text)
  })

  test('keys and tokens of the handshake are not kept', () => {
    const hi = { version: 1, client: 'c'.repeat(16), session: 's', key: 'secret', received: 3, token: { t: 'secret' } }
    const ok = {
      session: 's',
      key: 'secret',
      epoch: 'e',
      resumed: true,
      received: 0,
      sent: 0,
      ttlMs: 1,
      pingMs: 1,
      maxPayload: 9,
    }
    const auth = { id: 0, method: 'auth', params: { token: 'secret' } }
    for (const frame of [{ hi }, { ok }, auth]) {
      const kept = keep(JSON.stringify(frame))
      expect(kept).not.toContain('secret')
      expect(kept).toContain('[hidden]')
    }
    expect(read(keep(JSON.stringify({ hi }))).messages[0].kind).toBe('hi')
  })

  test('an `auth` without a token is as it was', () => {
    expect(keep('{"id":0,"method":"auth"}')).toBe('{"id":0,"method":"auth"}')
  })
})

describe('with a function', () => {
  test.each([
    ['{"id":7,"method":"sum","params":[1,2],"extra":"secret"}', '{"id":7,"method":"sum","params":"-"}'],
    ['{"id":7,"result":"secret"}', '{"id":7,"result":"-"}'],
    ['{"id":7,"error":{"code":1,"message":"secret"}}', '{"id":7,"error":"-"}'],
    ['{"id":7,"item":"secret"}', '{"id":7,"item":"-"}'],
    ['{"id":7,"cancel":true}', '{"id":7,"cancel":true}'],
    [
      '{"channel":"chat","event":"said","data":"secret","offset":4}',
      '{"channel":"chat","event":"said","offset":4,"data":"-"}',
    ],
    ['17 12 {"id":7,"result":"secret"}', '17 12 {"id":7,"result":"-"}'],
    ['0 3 secret', '0 3 -'],
    ['secret', '-'],
    ['{"id":{},"method":"secret"}', '-'],
    ['[{"id":1,"result":"secret"},{"id":2,"result":"secret"}]', '[{"id":1,"result":"-"},{"id":2,"result":"-"}]'],
    ['ping', 'ping'],
    ['ack 3', 'ack 3'],
  ])('%s is kept as %s', (text, kept) => {
    expect(keep(text, hide)).toBe(kept)
  })

  test('bytes are kept as what it gives, with the header of a session', () => {
    const bytes = new TextEncoder().encode('3 2 secret').buffer
    const kept = keep(bytes, () => new TextEncoder().encode('gone').buffer)
    expect(new TextDecoder().decode(kept as ArrayBuffer)).toBe('3 2 gone')
    expect(keep(bytes, () => ({ gone: true }))).toBe('3 2 {"gone":true}')
    expect(keep(new Uint8Array([1, 2]).buffer, () => undefined)).toBe('')
  })

  test('it is told what the frame is', () => {
    const asked: unknown[] = []
    keep('{"channel":"chat","event":"said","data":"hi"}', (payload, frame) => asked.push(payload, frame))
    expect(asked).toEqual(['hi', { direction: 'out', kind: 'event', name: 'chat / said' }])
  })

  test('where it throws, or gives what cannot be written, nothing is kept', () => {
    const thrown = keep('{"id":7,"result":"secret"}', () => {
      throw new Error('secret')
    })
    expect(thrown).toBe('{"id":7,"result":"[redact threw]"}')
    expect(keep('secret', () => 5n)).toBe('[hidden]')
    expect(keep('{"id":7,"result":"secret"}', () => undefined)).toBe('{"id":7,"result":null}')
  })

  test('the handshake is kept but for its secrets', () => {
    const no = '{"no":{"code":4401,"reason":"token expired"}}'
    expect(keep(no, hide)).toBe(no)
    const kept = keep('{"id":0,"method":"auth","params":{"token":"secret"}}', (payload) => payload)
    expect(kept).toBe('{"id":0,"method":"auth","params":{"token":"[hidden]"}}')
  })
})
