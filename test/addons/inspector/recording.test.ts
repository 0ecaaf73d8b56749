import { describe, expect, test } from 'vitest'
import { Deque } from '../../../src/addons/inspector/deque.js'
import { Matches } from '../../../src/addons/inspector/filter.js'
import { read } from '../../../src/addons/inspector/reading.js'
import { type FrameEntry, type Limits, Recording } from '../../../src/addons/inspector/recording.js'

const ROOMY: Limits = { maxFrames: 1000, maxBytes: 1_000_000 }

const frameOf = (direction: 'in' | 'out', data: string, at = 0): FrameEntry => {
  const { messages, number, ack } = read(data)
  const [{ kind, name, id }] = messages
  return {
    type: 'frame',
    at,
    direction,
    kind,
    name,
    size: data.length,
    data,
    ...(id !== undefined && { id }),
    ...(number !== undefined && { number }),
    ...(ack !== undefined && { ack }),
  }
}

/** A recording of frames in order, one a second: `> text` goes out, `< text` comes in. */
const recordingOf = (frames: readonly string[], limits = ROOMY): Recording => {
  const recording = new Recording(limits)
  for (const [i, frame] of frames.entries()) {
    recording.addFrame(frameOf(frame.startsWith('>') ? 'out' : 'in', frame.slice(2), i * 1000))
  }
  return recording
}

const frames = (recording: Recording): FrameEntry[] =>
  [...recording.entries].flatMap((entry) => (entry.type === 'frame' ? [entry] : []))

const state = (status: 'open' | 'waiting', at = 0, why: string = status) =>
  ({ type: 'state', at, status, why, attempts: 0 }) as const

describe('the limits', () => {
  test('by count: the oldest go', () => {
    const recording = recordingOf(['> a', '> b', '> c'], { maxFrames: 2, maxBytes: 1_000_000 })
    expect(frames(recording).map(({ data }) => data)).toEqual(['b', 'c'])
    expect(recording.discarded).toBe(1)
  })

  test('by bytes: the oldest go', () => {
    const many = Array.from({ length: 100 }, (_, i) => `> ${'x'.repeat(1000)}${i}`)
    const recording = recordingOf(many, { maxFrames: 1000, maxBytes: 20_000 })
    expect(recording.entries.length).toBeLessThan(20)
    expect(recording.entries.length).toBeGreaterThan(10)
    expect(recording.discarded).toBe(100 - recording.entries.length)
  })

  test('a giant is kept without its payload, and pushes out no other', () => {
    const recording = recordingOf(['> a', `> ${'x'.repeat(6000)}`, '> b'], { maxFrames: 10, maxBytes: 20_000 })
    expect(frames(recording).map(({ data }) => data)).toEqual(['a', undefined, 'b'])
    expect(frames(recording)[1]?.size).toBe(6000)
  })

  test('hold for states and samples, too', () => {
    const recording = new Recording({ maxFrames: 10, maxBytes: 1_000_000 })
    for (let i = 0; i < 2000; i++) {
      recording.addState(state(i % 2 ? 'open' : 'waiting', i))
      recording.addSample({ at: i, roundTripMs: i })
    }
    expect(recording.states.length).toBe(500)
    expect(recording.samples.length).toBe(600)
    expect(recording.entries.length).toBe(10)
  })
})

describe('open requests', () => {
  test('are open until they are answered, and the answer says what it answers and how long it took', () => {
    const recording = recordingOf(['> {"id":1,"method":"sum"}', '> {"id":2,"method":"slow"}', '< {"id":1,"result":3}'])
    expect([...recording.open.values()].map(({ method, id, direction, at }) => [method, id, direction, at])).toEqual([
      ['slow', 2, 'out', 1000],
    ])
    expect(frames(recording).at(-1)).toMatchObject({ kind: 'answer', name: 'sum', tookMs: 2000 })
  })

  test.each([
    ['error', '< {"id":1,"error":{"code":1,"message":"no"}}'],
    ['cancel', '> {"id":1,"cancel":true}'],
  ])('are ended by an %s', (_kind, frame) => {
    expect(recordingOf(['> {"id":1,"method":"sum"}', frame]).open.size).toBe(0)
  })

  test('those of the server are apart from those of the page, and count their items', () => {
    const recording = recordingOf([
      '> {"id":1,"method":"tokens"}',
      '< {"id":1,"method":"confirm"}',
      '< {"id":1,"item":"a"}',
      '< {"id":1,"item":"b"}',
    ])
    expect([...recording.open.values()].map(({ method, direction, items }) => [method, direction, items])).toEqual([
      ['tokens', 'out', 2],
      ['confirm', 'in', 0],
    ])
    recording.addFrame(frameOf('out', '{"id":1,"result":true}'))
    expect([...recording.open.values()].map(({ method }) => method)).toEqual(['tokens'])
    expect(frames(recording)[2]).toMatchObject({ kind: 'item', name: 'tokens' })
    expect(frames(recording)[2]?.tookMs).toBeUndefined()
  })

  test('of a batch are followed one by one', () => {
    const recording = recordingOf(['> [{"id":1,"method":"a"},{"id":2,"method":"b"}]', '< {"id":1,"result":1}'])
    expect([...recording.open.values()].map(({ method }) => method)).toEqual(['b'])
  })

  test('end with their connection, on the plain wire', () => {
    const recording = recordingOf(['> {"id":1,"method":"sum"}'])
    recording.addState(state('open'))
    expect(recording.open.size).toBe(1)
    recording.addState(state('waiting'))
    expect(recording.open.size).toBe(0)
  })

  test('outlive it in a session, and end with that', () => {
    const recording = recordingOf(['> 1 0 {"id":1,"method":"sum"}'])
    recording.addState(state('open'))
    recording.addState(state('waiting'))
    recording.addFrame(frameOf('out', '1 0 {"id":1,"method":"sum"}', 5000))
    expect([...recording.open.values()].map(({ at }) => at)).toEqual([0])
    recording.forgetSession()
    expect(recording.open.size).toBe(0)
    expect(recording.numbers).toBeUndefined()
  })
})

describe('numbers', () => {
  test('are those that the frames of a session have told', () => {
    const recording = recordingOf(['> 1 0 a', '> 2 0 b', '< 1 1 c', '< 2 1 d', '> ack 2', '> 0 2 volatile'])
    expect(recording.numbers).toEqual({ sent: 2, sentAcked: 1, received: 2, receivedAcked: 2 })
  })

  test('begin anew with another session, and not with a resumed one', () => {
    const ok = { session: 's', key: 'k', epoch: 'e', received: 2, sent: 0, ttlMs: 1, pingMs: 1, maxPayload: 99 }
    const recording = recordingOf(['> 1 0 a', `< {"ok":${JSON.stringify({ ...ok, resumed: true })}}`])
    expect(recording.numbers?.sent).toBe(1)
    recording.addFrame(frameOf('in', `{"ok":${JSON.stringify({ ...ok, resumed: false })}}`))
    expect(recording.numbers).toEqual({ sent: 0, sentAcked: 0, received: 0, receivedAcked: 0 })
  })

  test('there are none on the plain wire', () => {
    expect(recordingOf(['> hello']).numbers).toBeUndefined()
  })
})

test('the round trip is measured from ping to pong, and has a hole where there was no connection', () => {
  const recording = recordingOf(['< ping 15000', '> pong', '> ping', '< pong', '< pong', '> ping'])
  recording.addState(state('waiting', 6000))
  recording.addFrame(frameOf('in', 'pong', 7000))
  expect([...recording.samples]).toEqual([
    { at: 3000, roundTripMs: 1000 },
    { at: 6000, roundTripMs: undefined },
  ])
})

test('a state that says nothing new is no other entry', () => {
  const recording = new Recording(ROOMY)
  recording.addState(state('open'))
  recording.addState(state('open', 5))
  recording.addState(state('open', 6, 'Still.'))
  expect(recording.states.length).toBe(2)
})

describe('the filter', () => {
  const all = new Set<string>()
  const matching = (recording: Recording, off: readonly string[], text = ''): string[] => {
    const matches = new Matches({ off: new Set(off), text })
    expect(matches.catchUp(recording.entries, Number.POSITIVE_INFINITY)).toBe(true)
    return [...matches.found].map((entry) => (entry.type === 'frame' ? `${entry.data}` : entry.type))
  }

  test('by direction, kind and text', () => {
    const recording = recordingOf(['> {"id":1,"method":"sum"}', '< {"id":1,"result":3}', '< ping', '> Hello (world)'])
    recording.addNote({ type: 'note', at: 0, text: 'Lost.' })
    recording.addState(state('open'))
    const [asked = '', answered = ''] = ['{"id":1,"method":"sum"}', '{"id":1,"result":3}']
    expect(matching(recording, ['In'])).toEqual([asked, 'Hello (world)', 'note', 'state'])
    expect(matching(recording, ['Out', 'Heartbeats', 'States'])).toEqual([answered])
    expect(matching(recording, [], 'hello (W')).toEqual(['Hello (world)'])
    expect(matching(recording, [], 'lost')).toEqual(['note'])
    expect(matching(recording, [], 'OPEN')).toEqual(['state'])
    expect(matching(recording, [], 'request')).toEqual([asked])
  })

  test('keeps up with what comes and what goes', () => {
    const recording = recordingOf(['> a', '> b'], { maxFrames: 3, maxBytes: 1_000_000 })
    const matches = new Matches({ off: all, text: '' })
    const found = (): unknown[] => [...matches.found].map((entry) => entry.type === 'frame' && entry.data)
    matches.catchUp(recording.entries, Number.POSITIVE_INFINITY)
    expect(found()).toEqual(['a', 'b'])
    for (const text of ['c', 'd', 'e']) recording.addFrame(frameOf('out', text))
    matches.catchUp(recording.entries, Number.POSITIVE_INFINITY)
    expect(found()).toEqual(['c', 'd', 'e'])
    expect(matches.found.gone).toBe(2)
  })

  test('stops when its time is up, and goes on where it was', () => {
    const recording = recordingOf(Array.from({ length: 500 }, (_, i) => `> ${i}`))
    const matches = new Matches({ off: all, text: '' })
    let rounds = 1
    while (!matches.catchUp(recording.entries, 0)) rounds++
    expect(rounds).toBeGreaterThan(3)
    expect([...matches.found]).toEqual([...recording.entries])
  })
})

test('a deque is a list of which the start goes', () => {
  const deque = new Deque<number>()
  for (let i = 0; i < 1000; i++) deque.push(i)
  for (let i = 0; i < 900; i++) expect(deque.shift()).toBe(i)
  expect([deque.length, deque.gone, deque.at(0), deque.at(-1), deque.at(100), deque.at(-101)]).toEqual([
    100,
    900,
    900,
    999,
    undefined,
    undefined,
  ])
  const copy = deque.copy()
  deque.shift()
  expect([...copy].length).toBe(100)
  expect(new Deque<number>().shift()).toBeUndefined()
})
