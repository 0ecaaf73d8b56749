import { describe, expect, test } from 'vitest'
import { announcePing, readPing } from '../../src/protocol/heartbeat.js'

describe('P3.2 a ping', () => {
  test('may announce an interval', () => {
    expect(announcePing(15_000)).toBe('ping 15000')
    expect(readPing('ping 15000')).toBe(15_000)
    expect(readPing('ping 99999999')).toBe(99_999_999)
  })

  test('may announce none', () => {
    expect(readPing('ping')).toBe(0)
  })

  test.each([
    '',
    'pong',
    'PING',
    'ping ',
    'ping  1',
    'ping -1',
    'ping 1.5',
    'ping 1e3',
    'ping 123456789',
    ' ping',
    'ping\n1',
    'ping 1\n',
  ])('is not %j', (text) => {
    expect(readPing(text)).toBeUndefined()
  })
})
