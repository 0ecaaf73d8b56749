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

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
/** P14.4 */
const isName = (value: unknown): boolean => typeof value === 'string' && !!value && value.length <= 128
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0
const isMissing = (value: unknown): boolean => value === undefined
const isFlag = (value: unknown): boolean => typeof value === 'boolean'
const isText = (value: unknown): boolean => typeof value === 'string'
const isWindow = (value: unknown): boolean => isObject(value) && all(value, isCount, 'minMs', 'maxMs')

const all = (of: Fields, holds: (value: unknown) => boolean, ...members: string[]): boolean =>
  members.every((member) => holds(of[member]))

const orMissing = (holds: (value: unknown) => boolean) => (value: unknown) => isMissing(value) || holds(value)

export const isHi = (value: unknown): value is Hi =>
  isObject(value) &&
  all(value, isCount, 'version') &&
  all(value, isName, 'client') &&
  all(value, orMissing(isCount), 'attempt') &&
  String(value['client']).length >= 16 &&
  (all(value, isMissing, 'session', 'key', 'received') ||
    (all(value, isName, 'session', 'key') && all(value, isCount, 'received')))

export const isOk = (value: unknown): value is Ok =>
  isObject(value) &&
  all(value, isName, 'session', 'key', 'epoch') &&
  all(value, isFlag, 'resumed') &&
  all(value, isCount, 'received', 'sent', 'ttlMs', 'pingMs', 'maxPayload') &&
  all(value, orMissing(isText), 'why') &&
  all(value, orMissing(isWindow), 'window')

export const isNo = (value: unknown): value is No =>
  isObject(value) &&
  all(value, isCount, 'code') &&
  all(value, isText, 'reason') &&
  all(value, orMissing(isWindow), 'window')

export const isBye = (value: unknown): value is Bye =>
  isObject(value) &&
  all(value, orMissing(isWindow), 'window') &&
  all(value, orMissing(isFlag), 'resume', 'done') &&
  all(value, orMissing(isText), 'url')

/** The members of a control frame, unchecked; none for what is no JSON object. */
export function readControl(text: string): { readonly [Kind in keyof ControlFrame]?: unknown } {
  try {
    const frame: unknown = JSON.parse(text)
    return isObject(frame) ? frame : {}
  } catch {
    return {}
  }
}

const LONE_ACK = /^ack (0|[1-9]\d{0,15})$/
const HEADER = /^(0|[1-9]\d{0,15}) (0|[1-9]\d{0,15}) /
/** Two numbers of 16 digits and two spaces. */
const MAX_HEADER = 34

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
export function writeHeader(number: number, ack: number): string {
  if (typeof process !== 'undefined' && process.env.NODE_ENV !== 'production') {
    if (!isCount(number) || !isCount(ack)) throw new TypeError(`malformed: ${number} ${ack}`)
  }
  return `${number} ${ack} `
}

export const writeAck = (ack: number): string => `ack ${ack}`

/** The ack of a lone `ack`; `undefined` if the text is none. */
export function readAck(text: string): number | undefined {
  const [, ack] = LONE_ACK.exec(text) ?? []
  return isCount(Number(ack)) ? Number(ack) : undefined
}

/** Reads a data frame and gives its parts to `take`; `false` if it is none. */
export function readData(data: WireData, take: (number: number, ack: number, payload: WireData) => void): boolean {
  const start = typeof data === 'string' ? data : String.fromCharCode(...new Uint8Array(data).subarray(0, MAX_HEADER))
  const header = HEADER.exec(start)
  if (!header) return false
  const number = Number(header[1])
  const ack = Number(header[2])
  if (!isCount(number) || !isCount(ack)) return false
  take(number, ack, data.slice(header[0].length))
  return true
}
