import { QueueFull } from '../../shared/errors.js'
import { NEVER } from '../platform/alarm.js'
import { bytesOf, copyOf, type Sendable } from '../platform/sendable.js'

/** Limits of the queue; defaults and meaning in `QueueOptions`. */
export interface QueueLimits {
  maxMessages: number
  maxBytes: number
  ttlMs: number
  overflow: 'reject' | 'drop-oldest' | 'drop-newest'
}

/** Why a message left the queue unsent. `too-large`: for the server, by its own word. */
export type DropReason = 'overflow' | 'expired' | 'closed' | 'too-large'

/** Whoever wants to know what becomes of a message. */
export interface Owner {
  /** 0 while the message is to be handed to the socket; then what `counters.sent` was with it. */
  written: number
  /** Of a call. */
  readonly id?: number
  /** Of an event: names it when it is dropped. */
  readonly channel?: string
  /** Told once: the other end has handled it, or what became of it instead. */
  settle?(error?: unknown): void
}

/** Of frames of the protocol that mean something in one conversation only: joins, cancels and answers are no messages. */
export const PASSING: Owner = { written: 0 }

/** A message and whose it is. */
export interface Message {
  readonly data: Sendable
  readonly owner: Owner | undefined
}

export interface Entry extends Message {
  readonly bytes: number
  /** When it was accepted, in ms since the queue was made: a small integer costs no object. */
  readonly at: number
}

export interface SendQueue {
  /** Messages that have not been written. */
  readonly messages: number
  /** Messages that have been written and not been released. */
  readonly kept: number
  /** Bytes of both. */
  readonly bytes: number
  /**
   * Appends a copy, or puts it `ahead` of what is not written. Makes room by the overflow policy, or throws `QueueFull`;
   * what is `ahead` or `PASSING` has as much room again, for without it a full queue could not be emptied.
   */
  push(data: Sendable, owner: Owner | undefined, ahead: boolean): void
  /** Puts messages back in front of what is not written that were in the queue before. */
  putBack(messages: readonly Message[]): void
  /** The oldest message that is neither written nor expired. */
  peek(): Entry | undefined
  /** That one has been written; it is kept until it is released. */
  pass(): void
  /** The oldest `count` of the kept have arrived. */
  release(count: number): void
  /** Only the oldest `count` of the kept have been received: the rest is to be written again. */
  rewind(count: number): void
  /** Takes out what is kept: nobody knows what became of it. */
  takeKept(): readonly Message[]
  /** Takes out what belongs to `owner` and is not written, without a signal: it asked for it. */
  remove(owner: Owner): void
  /** The oldest message that is not written will not be sent. */
  drop(why: DropReason): void
  /** How long that one has left, in ms. */
  restMs(): number
  clear(): void
}

/**
 * What has been accepted, in order, within limits: first what was written and is kept until it has arrived, then what
 * has still to be written. On the plain wire, which has no acknowledgements, nothing is kept.
 */
export function createSendQueue(
  limits: QueueLimits,
  now: () => number,
  onDrop: (message: Message, why: DropReason) => void,
): SendQueue {
  const start = now()
  // Those before `head` are gone; they are cut off when they are the greater part, so that each costs little.
  const entries: Entry[] = []
  let head = 0
  /** The first that is not written. */
  let next = 0
  let bytes = 0

  const toEntry = (data: Sendable, owner: Owner | undefined, added: number): Entry => {
    bytes += added
    return { data, owner, bytes: added, at: Math.round(now() - start) }
  }

  /** Whether there is too much, with so many more messages and bytes. */
  const isOver = (messages: number, added: number, scale: number): boolean =>
    entries.length - head + messages > scale * limits.maxMessages || bytes > scale * limits.maxBytes - added

  /** Takes out some that are in a row. */
  const cut = (from: number, count: number): Entry[] => {
    const gone = entries.splice(from, count)
    for (const entry of gone) bytes -= entry.bytes
    return gone
  }

  const drop = (why: DropReason): void => {
    for (const entry of cut(next, 1)) onDrop(entry, why)
  }

  return {
    get messages() {
      return entries.length - next
    },
    get kept() {
      return next - head
    },
    get bytes() {
      return bytes
    },
    push(data, owner, ahead) {
      const added = bytesOf(data)
      const { maxBytes, overflow } = limits
      const scale = ahead || owner === PASSING ? 2 : 1
      if (isOver(1, added, scale)) {
        if (overflow === 'reject') throw new QueueFull()
        // What would not fit even alone would only push everything else out, and what was written cannot go.
        if (overflow === 'drop-newest' || added > maxBytes || next === entries.length) {
          return onDrop({ data, owner }, 'overflow')
        }
      }
      const entry = toEntry(copyOf(data), owner, added)
      if (ahead) entries.splice(next, 0, entry)
      else entries.push(entry)
      // Only now: whoever is told of a drop may send, abort or close.
      while (isOver(0, 0, scale) && next < entries.length) drop('overflow')
    },
    putBack(messages) {
      entries.splice(next, 0, ...messages.map(({ data, owner }) => toEntry(data, owner, bytesOf(data))))
    },
    peek() {
      while (restMs() < 0) drop('expired')
      return entries[next]
    },
    pass() {
      next++
    },
    release(count) {
      for (let i = 0; i < count; i++) {
        const entry = entries[head++]
        bytes -= entry?.bytes ?? 0
        entry?.owner?.settle?.()
      }
      if (head > entries.length / 2) {
        entries.splice(0, head)
        next -= head
        head = 0
      }
    },
    rewind(count) {
      for (const { owner } of entries.slice(head + count, next)) if (owner) owner.written = 0
      next = head + count
    },
    takeKept() {
      const kept = cut(head, next - head)
      next = head
      return kept
    },
    remove(owner) {
      for (let i = entries.length; i-- > next; ) if (entries[i]?.owner === owner) cut(i, 1)
    },
    drop,
    restMs,
    clear() {
      for (const entry of cut(next, entries.length)) onDrop(entry, 'closed')
    },
  }

  function restMs(): number {
    const entry = entries[next]
    return entry ? start + entry.at + limits.ttlMs - now() : NEVER
  }
}
