/** Holds frames against a contract. Both ends use it. */
import { HoldfastError, InvalidOption } from '../shared/errors.js'
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
  /** What is wrong with one of the four before it. Its cause: the issues, or why the schema could not tell. */
  readonly fault?: HoldfastError
}

/** An event with all that is said of it, or nothing. */
interface EventParts {
  readonly data?: Schema
  readonly direction?: Direction
}

/** Whether it checks anything: a bare type does not. Schemas of arktype are functions. */
export const isStandard = (schema: unknown): schema is StandardSchema => !!Object(schema)['~standard']

/** Time for one schema to answer, in ms: what comes after waits for it. */
const SCHEMA_LIMIT_MS = 10_000

/** Waits for what may never come. */
export interface Patience {
  /** Rejects if it takes too long. */
  wait<T>(verdict: PromiseLike<T>): Promise<T>
  /** Nobody waits any more. */
  end(): void
}

/** `timer` calls back once after so many ms, and gives a function that prevents it. */
export function createPatience(timer: (callback: () => void, ms: number) => () => void): Patience {
  const stops = new Set<() => void>()
  return {
    async wait(verdict) {
      let stop = (): void => {}
      const end = new Promise<never>((_resolve, reject) => {
        stop = timer(() => reject(new Error(`no answer in ${SCHEMA_LIMIT_MS} ms`)), SCHEMA_LIMIT_MS)
      })
      stops.add(stop)
      try {
        return await Promise.race([verdict, end])
      } finally {
        stop()
        stops.delete(stop)
      }
    },
    end() {
      for (const stop of stops) stop()
    },
  }
}

/**
 * Gives the frame with what its schema makes of the app's part of it, or with the `fault` that is in that; a promise
 * where the schema takes its time. It never throws or rejects. What the contract does not name passes: the other end may
 * be newer, and have more to say. `answered`: the method of the request to which it is an answer.
 */
export function examine(
  { requests, serverRequests, channels }: ContractShape,
  given: unknown,
  way: Way,
  { wait }: Patience,
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
  const fail = (cause: unknown): Fields => refuse(`the schema failed: ${Object(cause).message}`, [], cause)
  const judge = ({ issues, value }: Verdict<unknown>): Fields =>
    issues ? refuse(issues[0]?.message, issues[0]?.path, issues) : { ...frame, [part]: value }

  if (direction !== way && direction !== 'both') return refuse(`goes ${direction} only`)
  // An error, or a cancel.
  if (!isStandard(schema) || (part === 'result' && (frame.error || !(part in frame)))) return frame
  try {
    const verdict = schema['~standard'].validate(frame[part])
    return 'then' in verdict ? wait(verdict).then(judge).catch(fail) : judge(verdict)
  } catch (error) {
    return fail(error)
  }
}

const WAYS_TO_CHECK: readonly unknown[] = ['in', 'both', 'none']

/** Throws `InvalidOption` for what is no contract, or no way to use one. */
export function checkContract(contract: unknown, validate: unknown): void {
  const { requests = {}, serverRequests = {}, channels = {} } = Object(contract)
  if ([contract, requests, serverRequests, channels].some((part) => Object(part) !== part)) {
    throw new InvalidOption('contract', 'what defineContract gives')
  }
  if (!WAYS_TO_CHECK.includes(validate)) throw new InvalidOption('validate', 'in, both or none')
}

/** Names in one order, whatever they are written in: those of an object, and those that JSON Schema lists. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return typeof value[0] === 'string' ? [...value].sort() : value
  return Object(value) === value ? Object.fromEntries(Object.entries(Object(value)).sort(byName)) : value
}
const byName = ([one]: [string, unknown], [other]: [string, unknown]): number => (one < other ? -1 : 1)

/**
 * Names a contract: the same contract has the same name on both ends, in whatever order it is written. All that is in it
 * counts and, of schemas, what they say of what travels, or who made them. It finds mistakes, not forgeries.
 */
export function hashOf(contract: ContractShape): number {
  const text = JSON.stringify(contract, (_key, value: unknown) => {
    if (!isStandard(value)) return inOrder(value)
    const { jsonSchema, vendor } = value['~standard']
    try {
      return inOrder(jsonSchema?.input({ target: 'draft-2020-12' }) ?? vendor)
    } catch {
      // A date, or a function that changes the value: JSON Schema has no word for it.
      return vendor
    }
  })
  let hash = 0
  for (const letter of text) hash = Math.imul(hash, 31) + letter.charCodeAt(0)
  return hash
}
