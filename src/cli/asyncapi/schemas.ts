/** Schemas as JSON Schema. */
import { isStandard } from '../../protocol/examine.js'
import type { Schema, StandardSchema } from '../../protocol/schema.js'
import { addTo, type Entries, refTo } from './entries.js'

export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/** What the schema of an AsyncAPI document is if nothing else is said: AsyncAPI 3.0, Schema Object. */
const TARGET = 'draft-07'

const NO_SCHEMA = 'A type without a schema: nothing is left of it when the code runs.'

/**
 * Gives the schema of what travels, which is what a schema takes, not what it makes of it: a reference to one of the
 * components, to which it adds it. What cannot say what it is may be anything, and says why.
 */
export function describe(components: Entries<JsonSchema>, name: string, schema: Schema | undefined): JsonSchema {
  if (!isStandard(schema)) return { description: NO_SCHEMA }
  const said = say(schema)
  if (typeof said === 'string') return { description: `The schema cannot say what it is: ${said}` }

  const { $schema, definitions, $defs, ...own } = said
  const id = addTo(components, name, {})
  const self = refTo('components', 'schemas', id)
  // Each becomes a component: beside a `$ref`, where some libraries have them, a pointer would not find them.
  const parts = Object.entries({ definitions, $defs }).flatMap(([section, found]) =>
    Object.entries<unknown>(Object(found)).map(([key, part]) => {
      const partId = addTo(components, `${name}.${key}`, {})
      return { id: partId, part, from: `#/${section}/${key}`, to: refTo('components', 'schemas', partId).$ref }
    }),
  )
  const moved = new Map(parts.map(({ from, to }) => [from, to]))
  const move = (ref: string): string => moved.get(unescapePointer(ref)) ?? ref.replace(/^#/, self.$ref)
  components[id] = moveRefs(own, move)
  for (const { id: partId, part } of parts) components[partId] = moveRefs(Object(part), move)
  return { ...self }
}

/** Whether nothing at all fits, so that the member may be missing. A schema that takes its time may have to ask for that. */
export function takesNothing(schema: Schema | undefined): boolean {
  if (!isStandard(schema)) return true
  try {
    const verdict = schema['~standard'].validate(undefined)
    if (!(verdict instanceof Promise)) return !verdict.issues
    verdict.catch(() => {})
  } catch {
    // It cannot be asked.
  }
  return true
}

/** The JSON Schema, or why there is none. */
function say(schema: StandardSchema): JsonSchema | string {
  const { jsonSchema, vendor } = schema['~standard']
  if (!jsonSchema) return `${vendor} gives it no jsonSchema (Standard JSON Schema).`
  try {
    return { ...jsonSchema.input({ target: TARGET }) }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const unescapePointer = (ref: string): string => ref.replaceAll('~1', '/').replaceAll('~0', '~')

/** A copy whose references are seen from the document, in which the schema is no longer the root. */
function moveRefs(schema: object, move: (ref: string) => string): JsonSchema {
  const copy = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copy)
    return typeof value === 'object' && value !== null ? moveRefs(value, move) : value
  }
  return Object.fromEntries(
    Object.entries<unknown>({ ...schema }).map(([keyword, value]) => [
      keyword,
      keyword === '$ref' && typeof value === 'string' ? move(value) : copy(value),
    ]),
  )
}
