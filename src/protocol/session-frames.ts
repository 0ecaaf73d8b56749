/**
 * The frames of a session (PROTOCOL.md, sections 9 to 14): their types, how they are written, and how each end tells
 * that what arrived is one. Both ends import this file, and nothing else knows how a session looks on the wire.
 */
import type { ReconnectWindow } from './window.js'
import type { WireData } from './wire.js'

/** First on every socket: who the page is, and the session that it would go on with. */
export interface Hi {
  version: number
  client: string
  attempt?: number | undefined
  session?: string | undefined
  key?: string | undefined
  received?: number | undefined
  token?: unknown
}

/** The answer to `hi`: the session from now on. Times in ms, `maxPayload` in bytes. */
export interface Ok {
  session: string
  key: string
  epoch: string
  resumed: boolean
  why?: LostWhy | undefined
  received: number
  sent: number
  ttlMs: number
  pingMs: number
  maxPayload: number
  window?: ReconnectWindow | undefined
}

/** Why a server did not resume a session (P9.6). */
export type LostWhy = 'unknown' | 'expired' | 'overflow' | 'subject' | 'position'

/** The other answer to `hi`; a close follows. */
export interface No {
  code: number
  reason: string
  window?: ReconnectWindow | undefined
}

/** A farewell: of the server first, then of the page, then the server's last word (section 12). */
export interface Bye {
  window?: ReconnectWindow | undefined
  resume?: boolean | undefined
  url?: string | undefined
  done?: boolean | undefined
}

/** What travels without number and payload; one of these. */
export interface ControlFrame {
  hi?: Hi
  ok?: Ok
  no?: No
  bye?: Bye
}

export const SESSION_VERSION = 1

/** An ack goes out after so many messages, after so many bytes, or so many ms after the first that is owed (P10.5). */
export const ACK_MESSAGES = 32
export const ACK_BYTES = 65_536
export const ACK_MS = 250

/** Close codes of a session (P12.1), and that for who does not speak this protocol (as HTTP's 400). */
export const FENCED = 4001
export const TOO_SLOW = 4002
export const OUT_OF_ORDER = 4003
export const BAD_FRAME = 4400

type Fields = { readonly [member: string]: unknown }
type Check = (value: unknown) => boolean

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string'

/** P14.4 */
const isName: Check = (value) => isText(value) && !!value && value.length <= 128
const isClient: Check = (value) => isText(value) && value.length >= 16 && value.length <= 128
const isCount: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0
const isFlag: Check = (value) => value === !!value
const isMissing: Check = (value) => value === undefined
const isWindow: Check = (value) => fits(value, { minMs: isCount, maxMs: isCount })

const orMissing =
  (holds: Check): Check =>
  (value) =>
    value === undefined || holds(value)

/** Whether each member is as its check wants it. Members without a check are not looked at. */
const fits = (value: unknown, checks: { readonly [member: string]: Check }): boolean =>
  isObject(value) && Object.keys(checks).every((member) => checks[member]?.(value[member]))

const FRESH = { session: isMissing, key: isMissing, received: isMissing }
const HELD = { session: isName, key: isName, received: isCount }

export const isHi = (value: unknown): value is Hi =>
  fits(value, { version: isCount, client: isClient, attempt: orMissing(isCount) }) &&
  (fits(value, FRESH) || fits(value, HELD))

export const isOk = (value: unknown): value is Ok =>
  fits(value, {
    session: isName,
    key: isName,
    epoch: isName,
    resumed: isFlag,
    why: orMissing(isText),
    received: isCount,
    sent: isCount,
    ttlMs: isCount,
    pingMs: isCount,
    maxPayload: isCount,
    window: orMissing(isWindow),
  })

export const isNo = (value: unknown): value is No =>
  fits(value, { code: isCount, reason: isText, window: orMissing(isWindow) })

export const isBye = (value: unknown): value is Bye =>
  fits(value, {
    window: orMissing(isWindow),
    resume: orMissing(isFlag),
    url: orMissing(isText),
    done: orMissing(isFlag),
  })

/** The members of a control frame, unchecked; none for what is no JSON object in a text. */
export function readControl(data: WireData): { readonly [Kind in keyof ControlFrame]?: unknown } {
  try {
    // Bytes turn into a text that is no JSON.
    const frame: unknown = JSON.parse(`${data}`)
    return Object(frame)
  } catch {
    return {}
  }
}

/** Numbers have at most 15 digits (P9.3): each of them is exact, and ten thousand messages a second take 3,000 years. */
const LONE_ACK = /^ack (0|[1-9]\d{0,14})$/
const HEADER = /^(0|[1-9]\d{0,14}) (0|[1-9]\d{0,14}) /
/** Longest header of a data frame: two numbers and two spaces. */
export const MAX_HEADER = 32

/**
 * Bundlers put the build's kind in its place, and leave out what is for development. The test for it is written out
 * where it is used: minifiers do not see through a name.
 */
declare const process: { readonly env: { readonly NODE_ENV?: string } } | undefined

/** Writes a control frame. In development builds a frame that the other end would not take throws a `TypeError`. */
export function writeControl(frame: ControlFrame): string {
  if (typeof process !== 'undefined' && process.env.NODE_ENV !== 'production') {
    const { hi, ok, no, bye } = frame
    if (!(isHi(hi) || isOk(ok) || isNo(no) || isBye(bye))) throw new TypeError(`malformed: ${JSON.stringify(frame)}`)
  }
  return JSON.stringify(frame)
}

/** What stands before the payload of a data frame. */
export const writeHeader = (number: number, ack: number): string => `${number} ${ack} `

export const writeAck = (ack: number): string => `ack ${ack}`

/** The ack of a lone `ack`; `undefined` if the text is none. */
export function readAck(text: string): number | undefined {
  const found = LONE_ACK.exec(text)
  return found ? Number(found[1]) : undefined
}

/** Where the header of bytes is, as text. */
function startOf(data: ArrayBuffer): string {
  let text = ''
  for (const byte of new Uint8Array(data).subarray(0, MAX_HEADER)) text += String.fromCharCode(byte)
  return text
}

/** Reads a data frame and gives its parts to `take`; `false` if it is none. */
export function readData(data: WireData, take: (number: number, ack: number, payload: WireData) => void): boolean {
  const header = HEADER.exec(typeof data === 'string' ? data : startOf(data))
  if (!header) return false
  take(Number(header[1]), Number(header[2]), data.slice(header[0].length))
  return true
}
