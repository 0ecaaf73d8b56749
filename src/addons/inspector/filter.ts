/** Which entries are shown. Looked at a piece at a time, so that ten thousand of them never hold up the page. */
import { Deque } from './deque.js'
import type { Entry, Placed } from './recording.js'

/** The kinds that go together, by the name of their button. */
export const GROUPS = {
  Requests: ['request', 'cancel'],
  Answers: ['answer', 'error'],
  Items: ['item'],
  Events: ['event'],
  Raw: ['raw'],
  Session: ['hi', 'ok', 'no', 'bye'],
  Acks: ['ack'],
  Heartbeats: ['heartbeat'],
  States: ['state', 'note'],
} as const

export interface Filter {
  /** Names of buttons that are off: `In`, `Out`, and those of `GROUPS`. */
  readonly off: ReadonlySet<string>
  readonly text: string
}

const GROUP_OF = new Map<string, string>(
  Object.entries(GROUPS).flatMap(([group, kinds]) => kinds.map((kind): [string, string] => [kind, group])),
)

/** The text as a pattern, in which no character is special. */
export const patternOf = (text: string, flags = 'i'): RegExp =>
  new RegExp(text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'), flags)

export function testOf({ off, text }: Filter): (entry: Entry) => boolean {
  const pattern = patternOf(text)
  return (entry) => {
    const kind = entry.type === 'frame' ? entry.kind : entry.type
    if (off.has(GROUP_OF.get(kind) ?? '')) return false
    if (entry.type === 'frame' && off.has(entry.direction === 'in' ? 'In' : 'Out')) return false
    return text === '' || pattern.test(wordsOf(entry))
  }
}

/** What is searched of an entry. */
function wordsOf(entry: Entry): string {
  if (entry.type === 'note') return entry.text
  if (entry.type === 'state') return `${entry.status} ${entry.why}`
  return `${entry.kind} ${entry.name} ${typeof entry.data === 'string' ? entry.data : ''}`
}

/** The entries that pass a filter, kept up with those that come and go. */
export class Matches {
  readonly found = new Deque<Placed>()
  readonly #test: (entry: Entry) => boolean
  #next = 0

  constructor(filter: Filter) {
    this.#test = testOf(filter)
  }

  /** Looks at what has not been looked at; tells whether that was all, or time was up at `deadline`. */
  catchUp(entries: Deque<Placed>, deadline: number): boolean {
    const first = entries.at(0)?.place ?? Number.POSITIVE_INFINITY
    while ((this.found.at(0)?.place ?? Number.POSITIVE_INFINITY) < first) this.found.shift()
    for (let index = Math.max(0, this.#next - first); index < entries.length; index++) {
      const entry = entries.at(index)
      if (!entry) break
      if (this.#test(entry)) this.found.push(entry)
      this.#next = entry.place + 1
      if (index % 64 === 0 && performance.now() > deadline) return false
    }
    return true
  }
}
