/** JSON-RPC's messages, one at a time, in both directions (sections 4 and 5 of the specification). */
import {
  type ErrorBody,
  type ErrorFrame,
  type EventFrame,
  INVALID_REQUEST,
  type RequestFrame,
  type ResultFrame,
} from '../../protocol/frames.js'
import { InvalidOption } from '../../shared/errors.js'

/** The channel whose events are the notifications. */
export const CHANNEL = 'notifications'

/** A request, or an event, whose params are the calls of a batch. JSON-RPC keeps names with `rpc.` from applications. */
export const BATCH = 'rpc.batch'

/** For text that is no JSON, and the first of the codes that are free for servers. */
const PARSE_ERROR = -32700
const SERVER_ERROR = -32000

/** What asks or notifies. */
type Call = { readonly [Member in keyof (RequestFrame & EventFrame)]?: (RequestFrame & EventFrame)[Member] | undefined }

/** Members of a message, unchecked. */
interface Message {
  readonly jsonrpc?: unknown
  readonly id?: unknown
  readonly method?: unknown
  readonly params?: unknown
  readonly result?: unknown
  readonly error?: unknown
}

/** What params may be, if there are any. */
const isStructured = (value: unknown = {}): boolean => value === Object(value)

/** A request in a batch has the id of that and its own number: `7:0`. */
export function writeCall({ event, data, method = event, params = data, id }: Call): string {
  if (!isStructured(params)) throw new InvalidOption('params', 'an array or object')
  if (method !== BATCH || !Array.isArray(params)) return JSON.stringify({ jsonrpc: '2.0', id, method, params })
  const calls: readonly Call[] = params
  return `[${calls.map((call, index) => writeCall({ ...call, id: call.method && `${id}:${index}` }))}]`
}

/** The answer to what `readMessage` gave, and the number of the batch that it belongs to. */
export function writeAnswer(frame: ResultFrame | ErrorFrame): readonly [answer: string, batch: unknown] {
  const [id, code, batch] = JSON.parse(`${frame.id}`)
  const outcome = 'error' in frame ? { error: toError(frame.error, code) } : { result: frame.result }
  return [JSON.stringify({ jsonrpc: '2.0', id, ...outcome }), batch]
}

/** With the code of a refusal, or else with a whole number: JSON-RPC has no others. */
const toError = (error: ErrorBody, code: number): ErrorBody => {
  if (code) return { code, message: 'No JSON-RPC' }
  return Number.isInteger(error.code) ? error : { ...error, code: SERVER_ERROR, data: error }
}

/**
 * What a message means to the core: a frame, or a list of frames and of what it is to count and report.
 *
 * Ids of JSON-RPC may be fractions or null, and in a batch even be used twice. So a request gets one that says what its
 * answer has to know: as JSON, its own id, the code if it is refused, and its `place`, a number for its batch and one there.
 */
export function readMessage(message: unknown, ...place: readonly number[]): unknown {
  const { jsonrpc, id, method, params, result, error }: Message = Object(message)
  const isOurs = jsonrpc === '2.0'
  // What looks like an answer is never answered.
  if (result !== undefined || error !== undefined) {
    const isAnswer = isOurs && isStructured(error) && (result === undefined || error === undefined)
    return isAnswer ? [{ id, result, error }] : [[message]]
  }
  if (!isOurs || typeof method !== 'string' || !isStructured(params) || id === Object(id) || id === !!id) {
    const code = message === undefined ? PARSE_ERROR : INVALID_REQUEST
    // Nobody handles it, so that it is refused.
    return [[message], { id: JSON.stringify([null, code, ...place]), method: '' }]
  }
  if (id === undefined) return { channel: CHANNEL, event: method, data: params }
  return { id: JSON.stringify([id, 0, ...place]), method, params }
}
