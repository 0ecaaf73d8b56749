import { expect, test } from 'vitest'
import { en } from '../../demo/page/words/en.js'

test.each([
  [{ replayed: 7, missedMs: 2_345 }, 'Resumed after 2.3 s, 7 messages replayed.'],
  [{ replayed: 1, missedMs: 90 }, 'Resumed after 0.1 s, 1 message replayed.'],
  [{ replayed: 0, missedMs: 61_000 }, 'Resumed after 61.0 s, nothing to replay.'],
])('resumed: %o', (event, words) => {
  expect(en.session.resumed(event)).toBe(words)
})

test('a lost session: why, and what is in doubt', () => {
  expect(en.session.lost({ why: 'unknown', unknown: 0, messages: [] })).toBe(
    'Session lost: the server has forgotten it. Nothing from here is in doubt; what it sent meanwhile may be missing.',
  )
  expect(en.session.lost({ why: 'expired', unknown: 1, messages: [] })).toMatch(
    /too long\. 1 message from here may have/,
  )
  expect(en.session.lost({ why: 'overflow', unknown: 2, messages: [] })).toMatch(
    /too slowly\. 2 messages from here may have/,
  )
})

test('a gap: how much is missing, where that is known', () => {
  expect(en.session.gap({ channel: 'chat', from: 4, to: 6, why: 'history' })).toMatch(
    /^3 events of the chat are missing/,
  )
  expect(en.session.gap({ channel: 'chat', from: 4, to: 4, why: 'history' })).toMatch(/^1 event of the chat is missing/)
  expect(en.session.gap({ channel: 'chat', from: 4, why: 'epoch' })).toMatch(/^Some .* the server was restarted/)
})
