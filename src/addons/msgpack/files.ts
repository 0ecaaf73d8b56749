/** Files inside of values: their bytes are read before, for a frame is encoded at once. */
import { InvalidOption } from '../../shared/errors.js'

/** Of the files that were read; kept for as long as the file itself is. */
const contents = new WeakMap<Blob, Uint8Array>()

/** As deep as a value may be that travels. */
const MAX_DEPTH = 100

/**
 * Reads the files (`File` or `Blob`) in a value, in its arrays and plain objects at any depth, so that the value can be
 * sent; gives the same value. A file stays read, in memory, for as long as it exists. Rejects with what reading rejects
 * with, and with `InvalidOption` for a value deeper than 100.
 */
export async function readFiles<Value>(value: Value): Promise<Value> {
  const found = new Set<Blob>()
  find(value, 0, found)
  await Promise.all(Array.from(found, read))
  return value
}

async function read(file: Blob): Promise<void> {
  if (!contents.has(file)) contents.set(file, new Uint8Array(await file.arrayBuffer()))
}

function find(value: unknown, depth: number, found: Set<Blob>): void {
  if (depth > MAX_DEPTH) throw new InvalidOption('value', `at most ${MAX_DEPTH} levels`)
  if (value instanceof Blob) found.add(value)
  else if (Array.isArray(value)) for (const one of value) find(one, depth + 1, found)
  else if (isPlain(value)) for (const one of Object.values(value)) find(one, depth + 1, found)
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !(value instanceof Date)

/** A file as it travels. */
export type FileParts = readonly [bytes: Uint8Array, type: string, name: string | null, lastModified: number | null]

/** The parts of a file, if it is one. Throws `InvalidOption` for one that was not read. */
export function toParts(value: unknown): FileParts | undefined {
  if (!(value instanceof Blob)) return undefined
  const bytes = contents.get(value)
  if (!bytes) throw new InvalidOption('file', 'one that was read: send await readFiles(value)')
  return value instanceof File ? [bytes, value.type, value.name, value.lastModified] : [bytes, value.type, null, null]
}

/** The file again, of what arrived. Throws a `TypeError` for what are no parts of a file. */
export function fromParts(value: unknown): Blob {
  if (!isParts(value)) throw new TypeError('MessagePack: malformed file')
  const [bytes, type, name, lastModified] = value
  // A copy: the file may stay for long, and is not to keep the whole message.
  const content = [bytes.slice()]
  return name === null
    ? new Blob(content, { type })
    : new File(content, name, { type, lastModified: lastModified ?? 0 })
}

const isParts = (value: unknown): value is [Uint8Array<ArrayBuffer>, string, string | null, number | null] =>
  Array.isArray(value) &&
  value.length === 4 &&
  value[0] instanceof Uint8Array &&
  typeof value[1] === 'string' &&
  (value[2] === null || typeof value[2] === 'string') &&
  (value[3] === null || Number.isFinite(value[3]))
