/** Values as people read them. */
import type { WireData } from '../../index.js'
import { read } from './reading.js'
import type { Entry, FrameEntry } from './recording.js'

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0')

/** `14:03:59.012`, by the clock of who looks. */
export function clock(at: number): string {
  const date = new Date(at)
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => pad(part)).join(':')
  return `${time}.${pad(date.getMilliseconds(), 3)}`
}

/** `340 ms`, `1.2 s`, `4 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1000)} s`
}

export function bytes(count: number): string {
  if (count < 1000) return `${count} B`
  return count < 1e6 ? `${(count / 1000).toFixed(1)} kB` : `${(count / 1e6).toFixed(1)} MB`
}

export const plural = (count: number, what: string): string =>
  `${count.toLocaleString('en')} ${what}${count === 1 ? '' : 's'}`

/** Characters of a payload that a row shows. */
const PREVIEW = 200
const previews = new WeakMap<Entry, string>()

/** The payload on one line, cut off. Made when it is first looked at. */
export function preview(entry: FrameEntry): string {
  const known = previews.get(entry)
  if (known !== undefined) return known
  const text = write(payloadOf(entry))
    .slice(0, PREVIEW)
    .replaceAll(/\s*\n\s*/g, ' ')
  previews.set(entry, text)
  return text
}

/** The payload over several lines, as the details show it. */
export const pretty = (entry: FrameEntry): string => write(payloadOf(entry), 2)

function payloadOf({ data, kind }: FrameEntry): unknown {
  if (data === undefined) return 'Not kept.'
  if (kind === 'heartbeat' || kind === 'ack') return undefined
  const { messages, isBatch } = read(data)
  return isBatch ? messages.map(({ payload }) => payload) : messages[0].payload
}

function write(payload: unknown, indent?: number): string {
  if (payload === undefined) return ''
  if (typeof payload === 'string') return payload
  if (payload instanceof ArrayBuffer) return indent ? hexLines(payload) : hex(payload, 0, 24)
  try {
    return JSON.stringify(payload, undefined, indent)
  } catch {
    return 'Nested too deeply to be shown.'
  }
}

/** Bytes that the details show. */
const MOST_HEX = 4096

const hex = (data: ArrayBuffer, start: number, count: number): string =>
  [...new Uint8Array(data).subarray(start, start + count)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')

function hexLines(data: ArrayBuffer): string {
  const lines: string[] = []
  for (let start = 0; start < Math.min(data.byteLength, MOST_HEX); start += 16) {
    const text = String.fromCharCode(...new Uint8Array(data).subarray(start, start + 16)).replaceAll(/[^ -~]/g, '·')
    lines.push(`${start.toString(16).padStart(4, '0')}  ${hex(data, start, 16).padEnd(47)}  ${text}`)
  }
  if (data.byteLength > MOST_HEX) lines.push(`… and ${data.byteLength - MOST_HEX} bytes more`)
  return lines.join('\n')
}

/** What `copy` gives: the frame as it was kept, bytes in hexadecimal. */
export const asText = (data: WireData | undefined): string =>
  data === undefined ? '' : typeof data === 'string' ? data : hex(data, 0, data.byteLength)
