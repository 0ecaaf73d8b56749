import type { Position } from '../protocol/frames.js'
import type { Wire } from '../protocol/wire.js'
import { encodeFrame, type Message } from './message.js'
import type { HistoryEntry, HistoryLimits, HistoryStore } from './stores.js'

/** The channels that have a history (P13.4): their events are numbered, and kept for those who missed them. */
export class Histories {
  readonly #store: HistoryStore
  readonly #limits: ReadonlyMap<string, Required<HistoryLimits>>
  readonly #wire: Wire
  /** The event that this server is appending. */
  #own: HistoryEntry | undefined
  readonly #stopListening: (() => void) | undefined

  /** `onForeign` is called with the events that other servers append to the same store. */
  constructor(
    store: HistoryStore,
    limits: ReadonlyMap<string, Required<HistoryLimits>>,
    wire: Wire,
    onForeign: (channel: string, entry: HistoryEntry) => void,
  ) {
    this.#store = store
    this.#limits = limits
    this.#wire = wire
    this.#stopListening = store.listen?.((channel, entry) => {
      if (entry !== this.#own) onForeign(channel, entry)
    })
  }

  /** The server is gone. */
  close(): void {
    this.#stopListening?.()
  }

  has(channel: string): boolean {
    return this.#limits.has(channel)
  }

  position(channel: string): Position {
    return this.#store.position(channel)
  }

  /** Keeps an event and encodes it; `undefined` for a channel without history. Throws what the wire throws. */
  record(channel: string, event: string, data: unknown, except: string | undefined): Message | undefined {
    const limits = this.#limits.get(channel)
    if (!limits) return undefined
    const offset = this.#store.position(channel).offset + 1
    const message = encodeFrame(this.#wire, { channel, event, data, offset })
    this.#own = { ...message, offset, except }
    this.#store.append(channel, this.#own, limits)
    this.#own = undefined
    return message
  }

  /** All events after a position but those that passed a page over; `undefined` if not all are held. */
  since(channel: string, { epoch, offset }: Position, page: string | undefined): Message[] | undefined {
    if (this.#store.position(channel).epoch !== epoch) return undefined
    const entries = this.#store.since(channel, offset)
    return entries?.filter(({ except }) => except === undefined || except !== page)
  }
}
