import { describe, expect, test } from 'vitest'
import { read } from '../../../src/addons/inspector/reading.js'
import { type FrameEntry, type Limits, Recording } from '../../../src/addons/inspector/recording.js'
import { MAX_FILE_BYTES, readReport, writeReport } from '../../../src/addons/inspector/report.js'
import type { Stats } from '../../../src/index.js'

const LIMITS: Limits = { maxFrames: 1000, maxBytes: 1_000_000 }
const STATS: Stats = {
  roundTripMs: 12.5,
  queuedMessages: 1,
  unacknowledged: 2,
  queuedBytes: 3,
  openRequests: 4,
  attempts: 5,
  reconnects: 6,
  sent: 7,
  received: 8,
  dropped: 9,
  protocolErrors: 10,
  duplicates: 11,
}
const ABOUT = {
  userAgent: 'Test/1.0',
  discarded: 3,
  explain: { status: 'waiting', why: 'Waiting to try again.', attempts: 5, until: 99 },
  stats: STATS,
} as const

const frameOf = (direction: 'in' | 'out', data: string | ArrayBuffer): FrameEntry => {
  const [{ kind, name }] = read(data).messages
  return { type: 'frame', at: 5000, direction, kind, name, size: 4, data }
}

const HEADER = '{"holdfast":"0.1.0","format":1}'

const reading = (...lines: string[]) => readReport(new Blob([lines.join('\n')]), LIMITS)

/** The entries of a recording as they were recorded. */
const entriesOf = (recording: Recording): unknown[] => [...recording.entries].map(({ place: _, ...entry }) => entry)

test('what was written is read as it was', async () => {
  const recording = new Recording(LIMITS)
  recording.addState({ type: 'state', at: 1000, status: 'open', why: 'Connected.', attempts: 0 })
  recording.addFrame({ ...frameOf('out', '3 2 {"id":7,"method":"sum"}'), id: 7, number: 3, ack: 2 })
  recording.addFrame(frameOf('in', new Uint8Array([0, 128, 255]).buffer))
  recording.addFrame({ type: 'frame', at: 6000, direction: 'out', kind: 'raw', name: 'Blob', size: 10 })
  recording.addNote({ type: 'note', at: 7000, text: 'Lost.' })
  const lines = [...writeReport(recording.entries, ABOUT)]
  expect(lines).toHaveLength(6)
  for (const line of lines) expect(line).toMatch(/^\{[^\n]*\}\n$/)
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ holdfast: 'from source', format: 1, ...ABOUT })

  const report = await readReport(new Blob(lines), LIMITS)
  expect(report.problems).toEqual([])
  expect(report.header).toMatchObject(ABOUT)
  expect(entriesOf(report.recording)).toEqual(entriesOf(recording))
  expect([...report.recording.open.values()].map(({ method }) => method)).toEqual(['sum'])
  expect(report.recording.numbers).toMatchObject({ sent: 3, receivedAcked: 2 })
})

test('a header without explanation and figures is read as one of a client that did nothing', async () => {
  const { header } = await reading(HEADER)
  expect(header.explain).toEqual({ status: 'idle', why: '', attempts: 0 })
  expect(header.stats.roundTripMs).toBeUndefined()
  expect(header.stats.sent).toBe(0)
})

describe('a hostile file', () => {
  test.each([
    ['', /no report/],
    ['hello', /no report/],
    ['null', /no report/],
    ['{"holdfast":1,"format":1}', /no report/],
    ['{"holdfast":"9.0.0","format":2}', /newer/],
  ])('that begins with %j is refused', async (line, why) => {
    await expect(reading(line, '{"type":"note","at":"2026-01-01T00:00:00Z","text":"hi"}')).rejects.toThrow(why)
  })

  const at = '"at":"2026-01-01T00:00:00.000Z"'

  test.each([
    ['{broken', /^Line 2: this is not a JSON object/],
    ['5', /^Line 2: this is not a JSON object/],
    ['{"type":"note","text":"hi"}', /^Line 2: `at`/],
    [`{"type":"note","at":"yesterday","text":"hi"}`, /^Line 2: `at`/],
    [`{"type":"note",${at},"text":5}`, /^Line 2: it is no frame/],
    [`{"type":"other",${at}}`, /^Line 2: it is no frame/],
    [`{"type":"state",${at},"status":"great","why":""}`, /^Line 2: it is no frame/],
    [`{"type":"frame",${at},"direction":"up","kind":"raw","name":"","size":1}`, /^Line 2: `direction`/],
    [`{"type":"frame",${at},"direction":"in","kind":"<b>","name":"","size":1}`, /^Line 2: `kind`/],
    [`{"type":"frame",${at},"direction":"in","kind":"raw","name":5,"size":1}`, /^Line 2: `name` or `size`/],
    [`{"type":"frame",${at},"direction":"in","kind":"raw","name":"","size":-1}`, /^Line 2: `name` or `size`/],
    [`{"type":"frame",${at},"direction":"in","kind":"raw","name":"","size":1,"data":5}`, /^Line 2: `data`/],
    [`{"type":"frame",${at},"direction":"in","kind":"raw","name":"","size":1,"base64":"%"}`, /^Line 2: `data`/],
  ])('has its bad lines named, and the others are read: %s', async (line, why) => {
    const { problems, recording } = await reading(HEADER, line, '', `{"type":"note",${at},"text":"hi"}`)
    expect(problems).toEqual([expect.stringMatching(why)])
    expect(entriesOf(recording)).toEqual([{ type: 'note', at: Date.UTC(2026), text: 'hi' }])
  })

  test('has its members checked one by one', async () => {
    const { recording } = await reading(
      HEADER,
      `{"type":"frame",${at},"direction":"in","kind":"raw","name":"","size":1,"id":{},"number":-1,"ack":"x","__proto__":{"evil":1}}`,
    )
    expect(entriesOf(recording)).toEqual([
      { type: 'frame', at: Date.UTC(2026), direction: 'in', kind: 'raw', name: '', size: 1 },
    ])
    expect(Object.hasOwn(Object.prototype, 'evil')).toBe(false)
  })

  test('with many bad lines has ten of them named, and the rest counted', async () => {
    const { problems } = await reading(HEADER, ...Array.from({ length: 600 }, () => 'x'))
    expect(problems).toHaveLength(11)
    expect(problems.at(-1)).toBe('590 more lines are bad.')
    expect(problems[9]).toMatch(/^Line 11:/)
  })

  test('with more entries than the limits allow keeps the last ones', async () => {
    const notes = Array.from({ length: 1500 }, (_, i) => `{"type":"note",${at},"text":"${i}"}`)
    const { recording } = await reading(HEADER, ...notes)
    expect(recording.entries.length).toBe(1000)
    expect(recording.entries.at(-1)).toMatchObject({ text: '1499' })
  })

  test('that is huge is read up to a limit', async () => {
    const read: unknown[] = []
    const huge = new Blob([HEADER])
    Object.defineProperty(huge, 'size', { value: MAX_FILE_BYTES + 1 })
    huge.slice = (...range) => {
      read.push(range)
      return new Blob([HEADER])
    }
    const { problems } = await readReport(huge, LIMITS)
    expect(read).toEqual([[0, MAX_FILE_BYTES]])
    expect(problems).toEqual([expect.stringMatching(/larger than 64 MiB/)])
  })
})
