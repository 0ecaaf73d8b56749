/** Named parts of a document, and references to them. */

export interface Entries<T> {
  [id: string]: T
}

export interface Ref {
  readonly $ref: string
}

/** Adds a part, and gives its id: the name in letters that AsyncAPI takes, with a number where two would be the same. */
export function addTo<T>(entries: Entries<T>, name: string, part: T): string {
  const base = name.replace(/[^\w.-]/g, '_')
  let id = base
  for (let count = 2; Object.hasOwn(entries, id); count++) id = `${base}-${count}`
  entries[id] = part
  return id
}

export const refTo = (...ids: readonly string[]): Ref => ({ $ref: `#/${ids.join('/')}` })
