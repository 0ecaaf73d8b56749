/** What was recorded of one client, within limits, and what follows from it: open requests, numbers, times. Pure. */
import type { Explanation, WireData } from '../../index.js'
import type { FrameId } from '../../protocol/frames.js'
import { PONG } from '../../protocol/heartbeat.js'
import { Deque } from './deque.js'
import { type Kind, type Message, read } from './reading.js'

/** One frame, as it travelled and was kept. Times of `Date.now()`. */
export interface FrameEntry {
  readonly type: 'frame'
  readonly at: number
  readonly direction: 'in' | 'out'
  readonly kind: Kind
  readonly name: string
  readonly id?: FrameId
  readonly number?: number
  readonly ack?: number
  /** Bytes that travelled, whatever was kept of them. */
  readonly size: number
  /** What was kept; absent if that is nothing: a Blob, or a frame too large to keep. */
  readonly data?: WireData
  /** Of an answer: how long after its request, in ms. */
  readonly tookMs?: number
}

/** From here on the client was in this state. */
export interface StateEntry extends Omit<Explanation, 'lastClose'> {
  readonly type: 'state'
  readonly at: number
}

/** Something that the client or the inspector had to say. */
export interface NoteEntry {
  readonly type: 'note'
  readonly at: number
  readonly text: string
}

export type Entry = FrameEntry | StateEntry | NoteEntry
/** An entry with its place among all that were ever recorded, from 0. */
export type Placed = Entry & { readonly place: number }

export interface OpenRequest {
  readonly id: FrameId
  readonly method: string
  /** `out`: the page has asked. */
  readonly direction: 'in' | 'out'
  readonly at: number
  /** Items that came for it. */
  items: number
}

/** Positions of a session, as its frames have told; 0 before the first. */
export interface Numbers {
  /** Highest number that the page has written, and the server has acknowledged. */
  sent: number
  sentAcked: number
  /** Highest number that the page has received, and has acknowledged. */
  received: number
  receivedAcked: number
}

export interface Sample {
  readonly at: number
  /** `undefined`: from here on there was no connection. */
  readonly roundTripMs: number | undefined
}

export interface Limits {
  maxFrames: number
  maxBytes: number
}

/** So much is remembered beside the entries, which frames must not push out. */
const MAX_STATES = 500
const MAX_OPEN = 10_000
const MAX_SAMPLES = 600

export class Recording {
  readonly entries = new Deque<Placed>()
  /** The states alone, for the timeline. */
  readonly states = new Deque<StateEntry>()
  readonly samples = new Deque<Sample>()
  readonly open = new Map<string, OpenRequest>()
  /** Only once a frame of a session was seen. */
  numbers: Numbers | undefined
  /** Entries that were ever recorded: the place of the next one. */
  end = 0
  readonly #limits: Limits
  #bytes = 0
  #pingedAt: number | undefined

  constructor(limits: Limits) {
    this.#limits = limits
  }

  /** Entries that had to go, by the limits. */
  get discarded(): number {
    return this.end - this.entries.length
  }

  addState(state: StateEntry): void {
    const last = this.states.at(-1)
    if (last && last.status === state.status && last.why === state.why && last.until === state.until) return
    this.states.push(state)
    if (this.states.length > MAX_STATES) this.states.shift()
    if (state.status !== 'open') {
      this.#pingedAt = undefined
      this.addSample({ at: state.at, roundTripMs: undefined })
    }
    // Without a session, requests end with their connection.
    if (last?.status === 'open' && !this.numbers) this.open.clear()
    this.#keep(state)
  }

  addNote(note: NoteEntry): void {
    this.#keep(note)
  }

  /** `messages`: what the frame holds; by default, what its own members and its data say. */
  addFrame(frame: FrameEntry, messages: readonly Message[] = messagesOf(frame)): void {
    const { maxBytes } = this.#limits
    // One giant must not push out all others.
    const { data, ...rest } = frame
    const kept = data !== undefined && lengthOf(data) > maxBytes / 4 ? rest : frame
    this.#count(frame)
    this.#measure(frame)
    let asked: OpenRequest | undefined
    for (const message of messages) asked = this.#follow(frame, message) ?? asked
    if (!asked) return this.#keep(kept)
    const isEnd = frame.kind === 'answer' || frame.kind === 'error'
    this.#keep({ ...kept, name: frame.name || asked.method, ...(isEnd && { tookMs: frame.at - asked.at }) })
  }

  addSample(sample: Sample): void {
    this.samples.push(sample)
    if (this.samples.length > MAX_SAMPLES) this.samples.shift()
  }

  /** The session is gone, and its numbers and requests with it. */
  forgetSession(): void {
    this.open.clear()
    this.numbers = undefined
  }

  #keep(entry: Entry): void {
    this.entries.push({ ...entry, place: this.end++ })
    this.#bytes += bytesOf(entry)
    while (this.entries.length > this.#limits.maxFrames || this.#bytes > this.#limits.maxBytes) {
      const gone = this.entries.shift()
      if (!gone) break
      this.#bytes -= bytesOf(gone)
    }
  }

  /** A round trip is the time from a ping of the page to its answer. */
  #measure({ at, direction, kind, name }: FrameEntry): void {
    if (kind !== 'heartbeat') return
    if (direction === 'out' && name !== PONG) this.#pingedAt = at
    if (direction === 'out' || name !== PONG || this.#pingedAt === undefined) return
    this.addSample({ at, roundTripMs: at - this.#pingedAt })
    this.#pingedAt = undefined
  }

  /** Notes numbers and acks. */
  #count({ direction, kind, name, number, ack }: FrameEntry): void {
    if (kind === 'ok' && name !== 'resumed') this.numbers = { sent: 0, sentAcked: 0, received: 0, receivedAcked: 0 }
    if (ack === undefined) return
    this.numbers ??= { sent: 0, sentAcked: 0, received: 0, receivedAcked: 0 }
    const { numbers } = this
    if (direction === 'out') {
      numbers.sent = Math.max(numbers.sent, number ?? 0)
      numbers.receivedAcked = Math.max(numbers.receivedAcked, ack)
    } else {
      numbers.received = Math.max(numbers.received, number ?? 0)
      numbers.sentAcked = Math.max(numbers.sentAcked, ack)
    }
  }

  /** Opens and ends requests. Gives the one that a frame belongs to, if it is not the request itself. */
  #follow({ at, direction }: FrameEntry, { kind, name, id }: Message): OpenRequest | undefined {
    if (id === undefined) return undefined
    const isFromAsker = kind === 'request' || kind === 'cancel'
    const key = `${(direction === 'out') === isFromAsker ? 'page' : 'server'} ${JSON.stringify(id)}`
    const known = this.open.get(key)
    if (kind === 'request') {
      // One that is written again, after a cut, was asked when it was asked first.
      if (!known && this.open.size < MAX_OPEN) this.open.set(key, { id, method: name, direction, at, items: 0 })
      return undefined
    }
    if (kind !== 'item') this.open.delete(key)
    else if (known) known.items++
    return known
  }
}

/** What is kept of an entry beside its payload takes about so many bytes. */
const ENTRY_BYTES = 100

const lengthOf = (data: WireData | undefined): number =>
  data === undefined ? 0 : typeof data === 'string' ? data.length : data.byteLength

const bytesOf = (entry: Entry): number => ENTRY_BYTES + (entry.type === 'frame' ? lengthOf(entry.data) : 0)

function messagesOf({ kind, name, id, data }: FrameEntry): readonly Message[] {
  const { messages, isBatch } = read(data ?? '')
  return isBatch ? messages : [{ kind, name, ...(id !== undefined && { id }), payload: undefined }]
}
