import type { Position } from '../protocol/frames.js'
import { checkWhole } from './check.js'
import { type Clock, realClock } from './clock.js'
import { randomName } from './keys.js'
import type { HistoryEntry, HistoryLimits, HistoryStore } from './stores.js'

/** Limits of `memoryHistory`. */
export interface MemoryHistoryOptions {
  /** Bytes of the events kept of one channel. Default 4 MiB. */
  maxBytes?: number
}

/** What is kept of one channel: the events up to `offset`, the oldest first. */
interface Log {
  offset: number
  bytes: number
  maxAgeMs: number
  entries: { readonly entry: HistoryEntry; readonly at: number }[]
}

/** Histories in the memory of this process. */
export class MemoryHistory implements HistoryStore {
  readonly #clock: Clock
  readonly #maxBytes: number
  readonly #epoch = randomName('h')
  readonly #logs = new Map<string, Log>()
  readonly #listeners = new Set<(channel: string, entry: HistoryEntry) => void>()

  constructor(clock: Clock, { maxBytes = 4 * 2 ** 20 }: MemoryHistoryOptions = {}) {
    this.#clock = clock
    this.#maxBytes = checkWhole('maxBytes', maxBytes)
  }

  position(channel: string): Position {
    return { epoch: this.#epoch, offset: this.#logs.get(channel)?.offset ?? 0 }
  }

  append(channel: string, entry: HistoryEntry, { maxMessages, maxAgeMs }: Required<HistoryLimits>): void {
    const log = this.#logs.get(channel) ?? { offset: 0, bytes: 0, maxAgeMs, entries: [] }
    this.#logs.set(channel, log)
    log.offset = entry.offset
    log.bytes += entry.bytes.byteLength
    log.entries.push({ entry, at: this.#clock.now() })
    while (log.entries.length > maxMessages || log.bytes > this.#maxBytes) this.#dropOldest(log)
    this.#expire(log)
    for (const listener of this.#listeners) listener(channel, entry)
  }

  listen(onAppend: (channel: string, entry: HistoryEntry) => void): () => void {
    this.#listeners.add(onAppend)
    return () => this.#listeners.delete(onAppend)
  }

  since(channel: string, offset: number): readonly HistoryEntry[] | undefined {
    const log = this.#logs.get(channel)
    if (!log) return offset === 0 ? [] : undefined
    this.#expire(log)
    const missed = log.offset - offset
    if (missed < 0 || missed > log.entries.length) return undefined
    return log.entries.slice(log.entries.length - missed).map(({ entry }) => entry)
  }

  #expire(log: Log): void {
    const oldestAt = this.#clock.now() - log.maxAgeMs
    while (log.entries[0] && log.entries[0].at < oldestAt) this.#dropOldest(log)
  }

  #dropOldest(log: Log): void {
    log.bytes -= log.entries.shift()?.entry.bytes.byteLength ?? 0
  }
}

/** The default of the option `history`, with a limit of your own. Throws `InvalidOption`, which names the field. */
export const memoryHistory = (options?: MemoryHistoryOptions): HistoryStore => new MemoryHistory(realClock, options)
