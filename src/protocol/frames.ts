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
}

/** The answer to a request that went well; for a stream, its end. */
export interface ResultFrame {
  id: FrameId
  result: unknown
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
}

export type Frame =
  | RequestFrame
  | ResultFrame
  | ErrorFrame
  | ItemFrame
  | CancelFrame
  | EventFrame

/** Codes of errors that the protocol itself raises: JSON-RPC 2.0, section 5.1. */
export const ErrorCode = {
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
} as const

/** Methods that the protocol keeps for itself (PROTOCOL.md, sections 4 and 5). */
export const Reserved = { auth: 'auth', join: 'join', leave: 'leave' } as const

/** The id of the `auth` request, the first on a connection; all other ids count from 1. */
export const AUTH_ID = 0

type Fields = { readonly [Key in 'id' | 'method' | 'result' | 'error' | 'item' | 'cancel' | 'channel' | 'event']?: unknown }

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const isId = (value: unknown): value is FrameId =>
  typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value))

const isErrorBody = (value: unknown): value is ErrorBody =>
  isObject(value) &&
  'code' in value &&
  'message' in value &&
  typeof value.message === 'string' &&
  (typeof value.code === 'number' || typeof value.code === 'string')

const isFrame = (value: Fields): value is Frame & Fields => {
  if ('channel' in value) return typeof value.channel === 'string' && typeof value.event === 'string'
  if (!isId(value.id)) return false
  if ('method' in value) return typeof value.method === 'string'
  if (value.error != null) return isErrorBody(value.error) && value.result == null
  if ('cancel' in value) return value.cancel === true
  return 'result' in value || 'item' in value
}

const claimsToBeFrame = (value: Fields): boolean =>
  ('channel' in value && 'event' in value) ||
  ('id' in value &&
    ('method' in value ||
      'result' in value ||
      'error' in value ||
      'item' in value ||
      'cancel' in value))

/**
 * Tells what came over the wire: a frame, or `undefined` for anything that is the app's own.
 * Throws a `TypeError` for what has the members of a frame but the wrong types in them.
 */
export function readFrame(value: unknown): Frame | undefined {
  if (!isObject(value) || !claimsToBeFrame(value)) return undefined
  if (isFrame(value)) return value
  throw new TypeError('malformed frame')
}
