/** Tells what a frame is from what travelled, by PROTOCOL.md. Pure, and total: whatever it is given, it throws nothing. */
import { type Frame, type FrameId, Reserved, readFrame } from '../../protocol/frames.js'
import { PONG, readPing } from '../../protocol/heartbeat.js'
import { isBye, isHi, isNo, isOk, readAck, readData } from '../../protocol/session-frames.js'
import type { WireData } from '../../protocol/wire.js'

/** `raw`: none of the others, so the app's own. `error`: the answer to a request that failed. */
export type Kind =
  | 'request'
  | 'answer'
  | 'error'
  | 'item'
  | 'event'
  | 'cancel'
  | 'heartbeat'
  | 'ack'
  | 'hi'
  | 'ok'
  | 'no'
  | 'bye'
  | 'raw'

/** One message: a frame of the plain wire, or of a session, or the app's own. */
export interface Message {
  readonly kind: Kind
  /** The method, or the channel and the event; empty where there is none. */
  readonly name: string
  readonly id?: FrameId
  /** What the app or the handshake says in it; all of it, if it is the app's own. */
  readonly payload: unknown
  /** The object that travelled, and the member of it that holds the payload. */
  readonly object?: { readonly [member: string]: unknown }
  readonly member?: string
}

export interface Reading {
  /** More than one in a batch of JSON-RPC only. */
  readonly messages: readonly [Message, ...Message[]]
  readonly isBatch: boolean
  /** Of a data frame of a session: its number (0: volatile) and its ack. Of a lone ack: its ack. */
  readonly number?: number
  readonly ack?: number
}

export function read(data: WireData): Reading {
  if (typeof data === 'string') {
    if (readPing(data) !== undefined || data === PONG) return one({ kind: 'heartbeat', name: data, payload: undefined })
    const ack = readAck(data)
    if (ack !== undefined) return { ...one({ kind: 'ack', name: '', payload: undefined }), ack }
  }
  let reading: Reading | undefined
  readData(data, (number, ack, payload) => {
    reading = { ...readPlain(payload), number, ack }
  })
  return reading ?? readPlain(data)
}

const one = (message: Message): Reading => ({ messages: [message], isBatch: false })

function readPlain(data: WireData): Reading {
  const value = typeof data === 'string' && /^\s*[[{]/.test(data) ? parse(data) : undefined
  if (Array.isArray(value)) {
    const [first, ...rest] = value.map((part) => messageOf(part))
    if (first && rest.every((message) => message) && rest.length < 1000) {
      return { messages: [first, ...rest.flatMap((message) => message ?? [])], isBatch: true }
    }
  }
  return one(messageOf(value) ?? { kind: 'raw', name: '', payload: data })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Fields = { readonly [member: string]: unknown }

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/** What a JSON value says, if it is a frame of either wire. */
function messageOf(value: unknown): Message | undefined {
  if (!isObject(value)) return undefined
  const { hi, ok, no, bye, jsonrpc, method, params } = value
  const control = { object: value, name: '' }
  if (isHi(hi))
    return { ...control, kind: 'hi', payload: hi, member: 'hi', name: hi.session ? 'resume' : 'new session' }
  if (isOk(ok))
    return { ...control, kind: 'ok', payload: ok, member: 'ok', name: ok.resumed ? 'resumed' : 'new session' }
  if (isNo(no)) return { ...control, kind: 'no', payload: no, member: 'no', name: no.reason }
  if (isBye(bye)) return { ...control, kind: 'bye', payload: bye, member: 'bye', name: bye.done ? 'done' : '' }
  // A notification of JSON-RPC is what an event is on this wire.
  if (jsonrpc === '2.0' && typeof method === 'string' && value['id'] === undefined) {
    return { kind: 'event', name: method, object: value, payload: params, member: 'params' }
  }
  try {
    const frame = readFrame(value)
    return frame && { ...partsOf(frame), object: value }
  } catch {
    // It has members of a frame and the wrong types in them: the client reports it, here it is shown as it came.
    return undefined
  }
}

function partsOf(frame: Frame): Message {
  if ('channel' in frame) {
    return { kind: 'event', name: `${frame.channel} / ${frame.event}`, payload: frame.data, member: 'data' }
  }
  const { id } = frame
  if ('method' in frame) return { kind: 'request', name: methodOf(frame), id, payload: frame.params, member: 'params' }
  if ('error' in frame && frame.error) return { kind: 'error', name: '', id, payload: frame.error, member: 'error' }
  if ('cancel' in frame) return { kind: 'cancel', name: '', id, payload: undefined }
  if ('item' in frame) return { kind: 'item', name: '', id, payload: frame.item, member: 'item' }
  return { kind: 'answer', name: '', id, payload: 'result' in frame ? frame.result : undefined, member: 'result' }
}

/** Joins and leaves are told apart by their channel. */
function methodOf({ method, params }: { method: string; params?: unknown }): string {
  const { channel } = Object(params)
  const isMembership = method === Reserved.join || method === Reserved.leave
  return isMembership && typeof channel === 'string' ? `${method} ${channel}` : method
}
