/** What may be kept elsewhere than in this process: the stores that an app can replace. */
import type { ErrorBody, Position } from '../protocol/frames.js'

/** How a request ended. */
export type Outcome = { readonly result: unknown } | { readonly error: ErrorBody }

/** The remembered answer to an idempotent request. Its values are those that travel, so JSON is enough to keep it. */
export interface Answer {
  /** Who asked. */
  readonly subject: unknown
  readonly outcome: Outcome
}

/**
 * Remembers the answers to idempotent requests by their keys, as long as their pages may ask again. `memoryDedupe()` is
 * the default; one that several servers share lets a request be repeated on another of them, even while the first one is
 * still at it, as in a planned restart.
 */
export interface DedupeStore {
  /**
   * Gives the answer; if somebody is running the request, when it is there. `undefined`: the key is the caller's now, who
   * is to run the request and then to `set` its answer or to `release` the key. A throw fails the request, and the
   * handler is not run. A store that outlives its servers also gives a key to the next one whose server has died.
   */
  claim(key: string): Answer | undefined | Promise<Answer | undefined>
  /** Done before the page is answered. A throw is logged. */
  set(key: string, answer: Answer): void | Promise<void>
  /** There will be no answer: the request was stopped. The next one that claims the key runs it. */
  release(key: string): void | Promise<void>
}

/** One event of a channel, as it travels. */
export interface HistoryEntry {
  /** 1 more than that of the entry before. */
  readonly offset: number
  readonly bytes: Uint8Array
  readonly binary: boolean
  /** The page that was passed over, by the name that it gave itself; it does not get the event later either. */
  readonly except: string | undefined
}

/** How much of a channel is kept. */
export interface HistoryLimits {
  /** Events. Default 1,000. */
  maxMessages?: number
  /** Their age, in ms. Default 300,000. */
  maxAgeMs?: number
}

/**
 * Keeps the last events of channels. `memoryHistory()` is the default.
 *
 * It is synchronous, so that an event has its offset before the next one, and a client enters between two events. A
 * history that several servers share keeps a copy in each of them, which one ordered stream feeds: there the offsets
 * are given, and each server broadcasts what it reads.
 */
export interface HistoryStore {
  /** Where the channel is: the offset of its last event, 0 without one. Another epoch: other offsets. */
  position(channel: string): Position
  /** Keeps an event, within the limits of its channel. */
  append(channel: string, entry: HistoryEntry, limits: Required<HistoryLimits>): void
  /** All events after an offset of this epoch; `undefined` if one of them is no longer held, or the offset is none. */
  since(channel: string, offset: number): readonly HistoryEntry[] | undefined
  /**
   * Calls back with every event as it is appended, whichever server did. Gives a function that ends that. So members of
   * one server hear what another broadcasts, as in a planned restart; a store for one server alone may lack it.
   */
  listen?(onAppend: (channel: string, entry: HistoryEntry) => void): () => void
}

/** A channel that a session is in. */
export interface MembershipRecord {
  readonly channel: string
  /** Of its `join`. */
  readonly params: unknown
  /** In a channel with history: all up to here has been sent to the session. */
  readonly position: Position | undefined
}

/** All that another server needs to go on with a session. */
export interface SessionRecord {
  readonly id: string
  /** Hashes of the keys that are valid, in base64. */
  readonly keys: readonly string[]
  /** The name that the page gave itself. */
  readonly page: string
  readonly subject: unknown
  /** The number up to which messages of the page were handled. */
  readonly received: number
  /** The number up to which the page has acknowledged. */
  readonly acked: number
  /** The messages above that, in order. */
  readonly messages: readonly { readonly bytes: Uint8Array; readonly binary: boolean }[]
  /** How many requests the page was asked. */
  readonly asked: number
  readonly channels: readonly MembershipRecord[]
}

/**
 * Carries sessions over a planned restart: the server that goes saves them, and the one that comes takes them. Channels
 * with history need a history that both know.
 */
export interface SessionStore {
  /** Done before the page is sent to the other server. A throw is logged, and the session is lost. */
  save(record: SessionRecord): void | Promise<void>
  /** Gives a session away, to one server alone. A throw is logged, and the page begins another session. */
  take(id: string): SessionRecord | undefined | Promise<SessionRecord | undefined>
}
