import { describe, expect, test } from 'vitest'
import { UpLane } from './ledger.js'

/** Three messages: the old server hears 0 and the new one 2, and then one of them hears 1. */
function laneOf(fate: 'unknown' | 'pending', server: number, isUnaware: boolean): UpLane {
  const lane = new UpLane('event')
  for (let i = 0; i < 3; i++) lane.send(() => undefined)
  lane.settle(1, fate)
  lane.received.push(
    { number: 0, server: 0, isUnaware: false },
    { number: 2, server: 1, isUnaware: false },
    { number: 1, server, isUnaware },
  )
  return lane
}

describe('the ledger', () => {
  test('P13.1 lets what is of unknown fate be late at a server that goes and cannot know that its page is elsewhere', () => {
    expect(laneOf('unknown', 0, true).violations(false)).toEqual([])
  })

  test.each([
    ['was not named', laneOf('pending', 0, true)],
    ['is late at the server that heard the later one', laneOf('unknown', 1, true)],
    ['is late at a server that knows', laneOf('unknown', 0, false)],
  ])('does not if it %s', (_what, lane) => {
    expect(lane.violations(false)).toEqual(['event 1 arrived after 2'])
  })
})
