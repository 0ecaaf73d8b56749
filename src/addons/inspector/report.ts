/**
 * A recording as JSON Lines, for a bug report (docs/guide/inspector.md has the format).
 *
 * What is read here was written by somebody else: each line is checked, and none can do more than be shown as text.
 */
import type { Explanation, Stats, Status, WireData } from '../../index.js'
import type { Kind } from './reading.js'
import { type Entry, type FrameEntry, type Limits, Recording } from './recording.js'

/** Number of the format; a higher one is refused. */
const FORMAT = 1
/** What is read of a file at most, in bytes. */
export const MAX_FILE_BYTES = 64 * 2 ** 20
/** Bad lines that are named one by one. */
const MAX_NAMED = 10

/** The first line. */
export interface ReportHeader {
  readonly holdfast: string
  readonly format: number
  readonly userAgent: string
  readonly exportedAt: string
  /** Entries that had been recorded and were no longer kept. */
  readonly discarded: number
  readonly explain: Explanation
  readonly stats: Stats
}

/** A report that was read, and what was wrong with it. */
export interface Report {
  readonly header: ReportHeader
  readonly recording: Recording
  readonly problems: readonly string[]
}

/** Filled in by the build. */
declare const HOLDFAST_VERSION: string | undefined
const VERSION = typeof HOLDFAST_VERSION === 'string' ? HOLDFAST_VERSION : 'from source'

/** Gives the lines of a report. */
export function* writeReport(
  entries: Iterable<Entry>,
  about: Pick<ReportHeader, 'userAgent' | 'discarded'> & { explain: Explanation | undefined; stats: Stats | undefined },
): Generator<string> {
  const exportedAt = new Date().toISOString()
  yield `${JSON.stringify({ holdfast: VERSION, format: FORMAT, exportedAt, ...about })}\n`
  for (const entry of entries) yield `${writeEntry(entry)}\n`
}

/** One entry as a line, without its end. */
export function writeEntry(entry: Entry): string {
  const { type, at, ...rest } = entry
  const line: { [member: string]: unknown } = { type, at: new Date(at).toISOString(), ...rest }
  delete line['place']
  delete line['tookMs']
  if (line['data'] instanceof ArrayBuffer) {
    line['base64'] = toBase64(line['data'])
    delete line['data']
  }
  return JSON.stringify(line)
}

function toBase64(bytes: ArrayBuffer): string {
  let binary = ''
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/**
 * Reads a report. Rejects with a sentence for people if it is none; lines that are bad are left out and named. More
 * entries than `limits` allow push out the first ones, as when they are recorded.
 */
export async function readReport(file: Blob, limits: Limits): Promise<Report> {
  const problems: string[] = []
  if (file.size > MAX_FILE_BYTES)
    problems.push(`It is larger than ${MAX_FILE_BYTES / 2 ** 20} MiB: only that much of it was read.`)
  const text = await file.slice(0, MAX_FILE_BYTES).text()
  const header = headerOf(text.slice(0, lineEnd(text, 0)))
  const recording = new Recording(limits)
  let bad = 0
  let number = 1
  for (let start = lineEnd(text, 0) + 1; start < text.length; number++) {
    const end = lineEnd(text, start)
    const line = text.slice(start, end).trim()
    start = end + 1
    // The page goes on to live meanwhile.
    if (number % 500 === 0) await new Promise((resolve) => setTimeout(resolve))
    if (!line) continue
    const problem = addLine(recording, line)
    if (problem && ++bad <= MAX_NAMED) problems.push(`Line ${number + 1}: ${problem}`)
  }
  if (bad > MAX_NAMED) problems.push(`${bad - MAX_NAMED} more lines are bad.`)
  return { header, recording, problems }
}

const lineEnd = (text: string, start: number): number => {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

type Fields = { readonly [member: string]: unknown }

function parse(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const isText = (value: unknown): value is string => typeof value === 'string'
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const isNumber = (value: unknown): value is number => Number.isFinite(value)
const STATUSES: ReadonlySet<unknown> = new Set<Status>(['idle', 'connecting', 'open', 'waiting', 'closed'])
const KINDS: ReadonlySet<unknown> = new Set<Kind>([
  'request',
  'answer',
  'error',
  'item',
  'event',
  'cancel',
  'heartbeat',
  'ack',
  'hi',
  'ok',
  'no',
  'bye',
  'raw',
])
const isStatus = (value: unknown): value is Status => STATUSES.has(value)
const isKind = (value: unknown): value is Kind => KINDS.has(value)

function headerOf(line: string): ReportHeader {
  const header = parse(line)
  if (!header || !isText(header['holdfast']) || !isCount(header['format'])) {
    throw new TypeError('This is no report of the inspector: its first line has no `holdfast` and `format`.')
  }
  const { holdfast, format, exportedAt, discarded } = header
  if (format > FORMAT)
    throw new TypeError(`This report was made by holdfast ${holdfast}, which is newer: update this one.`)
  return {
    holdfast,
    format,
    userAgent: isText(header['userAgent']) ? header['userAgent'] : '',
    exportedAt: isText(exportedAt) && !Number.isNaN(Date.parse(exportedAt)) ? exportedAt : new Date(0).toISOString(),
    discarded: isCount(discarded) ? discarded : 0,
    explain: explanationOf(header['explain']),
    stats: statsOf(header['stats']),
  }
}

function explanationOf(given: unknown): Explanation {
  const { status, why, until, attempts } = Object(given)
  return {
    status: isStatus(status) ? status : 'idle',
    why: isText(why) ? why : '',
    attempts: isCount(attempts) ? attempts : 0,
    ...(isNumber(until) && { until }),
  }
}

function statsOf(given: unknown): Stats {
  const fields: Fields = Object(given)
  const count = (name: keyof Stats): number => (isCount(fields[name]) ? Number(fields[name]) : 0)
  return {
    roundTripMs: isNumber(fields['roundTripMs']) ? fields['roundTripMs'] : undefined,
    queuedMessages: count('queuedMessages'),
    unacknowledged: count('unacknowledged'),
    queuedBytes: count('queuedBytes'),
    openRequests: count('openRequests'),
    attempts: count('attempts'),
    reconnects: count('reconnects'),
    sent: count('sent'),
    received: count('received'),
    dropped: count('dropped'),
    protocolErrors: count('protocolErrors'),
    duplicates: count('duplicates'),
  }
}

/** Takes a line, or says what is wrong with it. */
function addLine(recording: Recording, line: string): string | undefined {
  const fields = parse(line)
  if (!fields) return 'this is not a JSON object.'
  const { type, status, why, text } = fields
  const at = isText(fields['at']) ? Date.parse(fields['at']) : Number.NaN
  if (Number.isNaN(at)) return '`at` is no time.'
  if (type === 'note' && isText(text)) recording.addNote({ type, at, text })
  else if (type === 'state' && isStatus(status) && isText(why)) {
    recording.addState({ type, at, ...explanationOf(fields) })
  } else if (type === 'frame') {
    const frame = frameOf(fields, at)
    if (isText(frame)) return frame
    recording.addFrame(frame)
  } else return 'it is no frame, state or note with what those need.'
  return undefined
}

/** The frame of a line, or what is wrong with it. */
function frameOf(fields: Fields, at: number): FrameEntry | string {
  const { direction, kind, name, id, number, ack, size, data, base64 } = fields
  if (direction !== 'in' && direction !== 'out') return '`direction` is neither `in` nor `out`.'
  if (!isKind(kind)) return '`kind` is none that there is.'
  if (!isText(name) || !isCount(size)) return '`name` or `size` is missing.'
  const kept = isText(base64) ? fromBase64(base64) : data
  if (kept !== undefined && !isText(kept) && !(kept instanceof ArrayBuffer)) return '`data` or `base64` is no text.'
  return {
    type: 'frame',
    at,
    direction,
    kind,
    name,
    size,
    ...((isText(id) || Number.isSafeInteger(id)) && { id: isText(id) ? id : Number(id) }),
    ...(isCount(number) && { number }),
    ...(isCount(ack) && { ack }),
    ...(kept !== undefined && { data: kept }),
  }
}

function fromBase64(text: string): WireData | null {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer
  } catch {
    return null
  }
}
