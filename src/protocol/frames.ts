/**
 * The frames of the plain wire, as both ends hold them in memory (PROTOCOL.md, section 2).
 * With the default wire a frame is exactly the JSON object that travels, so nothing is copied.
 */

/** Correlation id: chosen by the end that asks, unique among its own open requests. */
export type FrameId = number | string

/** Asks the other end to run a method; answered by one `ResultFrame` or `ErrorFrame`. */
export interface RequestFrame {
  id: FrameId
  method: string
  params?: unknown
  /** Of an idempotent request in a session: names it for ever (P13.3). */
  key?: unknown
  /** After so many ms nobody waits for the answer (P13.9). */
  timeoutMs?: unknown
}

/** The answer to a request that went well; for a stream, its end. */
export interface ResultFrame {
  id: FrameId
  result: unknown
  /** Of a join to a channel with history (P13.5). */
  position?: unknown
}

/** The answer to a request that failed. */
export interface ErrorFrame {
  id: FrameId
  error: ErrorBody
}

/** What an error looks like on the wire: never a stack. */
export interface ErrorBody {
  code: number | string
  message: string
  data?: unknown
}

/** One item of a stream; the stream ends with the answer. */
export interface ItemFrame {
  id: FrameId
  item: unknown
}

/** The end that asked is no longer interested. */
export interface CancelFrame {
  id: FrameId
  cancel: true
}

/** An event on a channel, in either direction. */
export interface EventFrame {
  channel: string
  event: string
  data?: unknown
  /** On a channel with history (P13.4). */
  offset?: unknown
}

/** Where someone is in the history of a channel. */
export interface Position {
  epoch: string
  offset: number
}

/** All that the plain wire carries, heartbeats and the app's own messages apart. */
export type Frame = RequestFrame | ResultFrame | ErrorFrame | ItemFrame | CancelFrame | EventFrame

/** Codes of errors that the protocol itself raises: JSON-RPC 2.0, section 5.1. */
export const INVALID_REQUEST = -32600
export const METHOD_NOT_FOUND = -32601
export const INVALID_PARAMS = -32602
export const INTERNAL = -32603

/** Methods that the protocol keeps for itself (PROTOCOL.md, sections 4 to 6). */
export const Reserved = { auth: 'auth', join: 'join', leave: 'leave', contract: 'contract' } as const

/** The id of the `auth` request, the first on a connection; all other ids count from 1. */
export const AUTH_ID = 0

/** What is looked at before it is known to be a frame. */
interface Fields {
  id?: unknown
  method?: unknown
  error?: { code?: unknown; message?: unknown } | null
  cancel?: unknown
  channel?: unknown
  event?: unknown
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null
const isText = (value: unknown): value is string => typeof value === 'string'
/** Ids and codes of errors: text, or a whole number. */
const isMark = (value: unknown): boolean => isText(value) || Number.isSafeInteger(value)

/** Whether it is a frame. Throws for what claims to be one, by its members, and is none. */
function isFrame(value: Fields): value is Frame & Fields {
  const { id, method, error, cancel, channel, event } = value
  let known: boolean
  if (channel !== undefined && event !== undefined) known = isText(channel) && isText(event)
  else if (id === undefined) return false
  else if (method !== undefined) known = isText(method) && isMark(id)
  else if (error) known = isMark(error.code) && isText(error.message) && isMark(id)
  else if (cancel !== undefined) known = cancel === true && isMark(id)
  else if ('result' in value || 'item' in value) known = isMark(id)
  else return false
  if (!known) throw new TypeError('malformed')
  return true
}

/**
 * Tells what came over the wire: a frame, or `undefined` for anything that is the app's own.
 * Throws a `TypeError` for what has the members of a frame but the wrong types in them.
 */
export const readFrame = (value: unknown): Frame | undefined => (isObject(value) && isFrame(value) ? value : undefined)
