/** Holds frames against a contract. Both ends use it. */
import { HoldfastError } from '../shared/errors.js'
import type { ContractShape, Direction, EventRules } from './contract.js'
import type { FrameId } from './frames.js'
import type { Issue, Schema, StandardSchema, Verdict } from './schema.js'

/** `'up'`: from a page to the server. */
export type Way = 'up' | 'down'

/** What may be a frame: the core judges names and ids, this only what the contract names. */
export interface Fields {
  readonly id?: FrameId
  readonly channel?: string
  readonly event?: string
  readonly method?: string
  readonly error?: unknown
  readonly data?: unknown
  readonly params?: unknown
  readonly item?: unknown
  readonly result?: unknown
  /** What is wrong with one of the four before it. */
  readonly fault?: HoldfastError
}

/** An event with all that is said of it, or nothing. */
interface EventParts {
  readonly data?: Schema
  readonly direction?: Direction
}

/** Whether it checks anything: a bare type does not. Schemas of arktype are functions. */
export const isStandard = (schema: unknown): schema is StandardSchema => !!Object(schema)['~standard']

/**
 * Gives the frame with what its schema makes of the app's part of it, or with the `fault` that is in that; a promise
 * where the schema takes its time. What the contract does not name passes: the other end may be newer, and have more to
 * say. `answered`: the method of the request to which it is an answer.
 */
export function examine(
  { requests, serverRequests, channels }: ContractShape,
  given: unknown,
  way: Way,
  answered?: string,
): Fields | Promise<Fields> {
  const frame: Fields = Object(given)
  const { channel, event, method = answered } = frame
  const isRequest = 'method' in frame
  const isEvent = channel !== undefined && event !== undefined
  const part = isEvent ? 'data' : isRequest ? 'params' : 'item' in frame ? 'item' : 'result'
  const first = isEvent ? channel : method
  const second = isEvent ? event : part
  const section = isEvent ? channels : isRequest === (way === 'up') ? requests : serverRequests
  const rules: EventRules | undefined = Object(section?.[`${first}`])[second]
  const { data: schema, direction = way }: EventParts = isStandard(rules) ? { data: rules } : Object(rules)

  const refuse = (message?: string, path: Issue['path'] = [], cause?: unknown): Fields => {
    const keys = [first, second, ...path].map((key) => Object(key).key ?? key)
    return { ...frame, fault: new HoldfastError('CONTRACT', `${keys.join('.')}: ${message}`, cause) }
  }
  const judge = ({ issues, value }: Verdict<unknown>): Fields =>
    issues ? refuse(issues[0]?.message, issues[0]?.path, issues) : { ...frame, [part]: value }

  if (direction !== way && direction !== 'both') return refuse(`goes ${direction} only`)
  // An error, or a cancel.
  if (!isStandard(schema) || (part === 'result' && (frame.error || !(part in frame)))) return frame
  const verdict = schema['~standard'].validate(frame[part])
  return verdict instanceof Promise ? verdict.then(judge) : judge(verdict)
}

/**
 * Names a contract: the same contract has the same name on both ends. All that is in it counts and, of schemas, what
 * they say of what travels, if they can say it. It finds mistakes, not forgeries.
 */
export function hashOf(contract: ContractShape): number {
  const text = JSON.stringify(contract, (_key, value: unknown) => {
    if (!isStandard(value)) return value
    try {
      return value['~standard'].jsonSchema?.input({ target: 'draft-2020-12' })
    } catch {
      // A date, or a function that changes the value: JSON Schema has no word for it.
      return 0
    }
  })
  let hash = 0
  for (const letter of text) hash = Math.imul(hash, 31) + letter.charCodeAt(0)
  return hash
}
