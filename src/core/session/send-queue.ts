import { utf8Length } from '../../protocol/window.js'
import { QueueFull } from '../../shared/errors.js'
import type { Sendable } from '../platform/environment.js'

/** Limits of the queue; defaults and meaning in `QueueOptions`. */
export interface QueueLimits {
  maxMessages: number
  maxBytes: number
  ttlMs: number
  overflow: 'reject' | 'drop-oldest' | 'drop-newest'
}

/** Why a message left the queue unsent. */
export type DropReason = 'overflow' | 'expired' | 'closed'

/** Whoever wants to know what becomes of a message. */
export interface Owner {
  /** Set when the message has been handed to the socket. */
  written: boolean
  /** Names it in a `drop` event. */
  readonly channel?: string
}

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
  readonly messages: number
  readonly bytes: number
  /** Appends a copy. Makes room by the overflow policy, or throws `QueueFull`. */
  push(data: Sendable, owner?: Owner): void
  /** Puts messages back in front that were in the queue before. */
  putBack(messages: readonly Message[]): void
  /** The oldest message that has not expired. */
  peek(): Entry | undefined
  shift(): void
  /** Takes out what belongs to `owner`, without a signal: it asked for it. */
  remove(owner: Owner): void
  /** When the oldest message expires, as a time of the clock. */
  expiresAt(): number
  clear(): void
}

/** Written messages leave a hole at the front; it is closed when it is this long and half of the array. */
const LONG_HOLE = 1024

/** What has been accepted and not yet written, in order, within limits. */
export function createSendQueue(
  limits: QueueLimits,
  now: () => number,
  onDrop: (entry: Entry, why: DropReason) => void,
): SendQueue {
  const start = now()
  let entries: (Entry | undefined)[] = []
  let head = 0
  let messages = 0
  let bytes = 0

  const toEntry = (data: Sendable, owner: Owner | undefined): Entry => ({
    data,
    bytes: bytesOf(data),
    at: Math.round(now() - start),
    owner,
  })

  const count = (entry: Entry, sign: 1 | -1): void => {
    messages += sign
    bytes += sign * entry.bytes
  }

  /** Passes over what has been removed. */
  const first = (): Entry | undefined => {
    while (head < entries.length && !entries[head]) head++
    if (head > LONG_HOLE && head * 2 > entries.length) {
      entries.splice(0, head)
      head = 0
    }
    return entries[head]
  }

  const shift = (): void => {
    const entry = first()
    if (!entry) return
    entries[head++] = undefined
    count(entry, -1)
  }

  const drop = (entry: Entry, why: DropReason): void => {
    shift()
    onDrop(entry, why)
  }

  const fits = (entry: Entry): boolean =>
    messages < limits.maxMessages && bytes + entry.bytes <= limits.maxBytes

  return {
    get messages() {
      return messages
    },
    get bytes() {
      return bytes
    },
    push(data, owner) {
      const entry = toEntry(copyOf(data), owner)
      if (!fits(entry)) {
        if (limits.overflow === 'reject') throw new QueueFull()
        // What could not fit even alone would only push everything else out.
        if (limits.overflow === 'drop-newest' || entry.bytes > limits.maxBytes) return onDrop(entry, 'overflow')
        for (let oldest = first(); oldest && !fits(entry); oldest = first()) drop(oldest, 'overflow')
      }
      entries.push(entry)
      count(entry, 1)
    },
    putBack(returning) {
      const front = returning.map(({ data, owner }) => toEntry(data, owner))
      for (const entry of front) count(entry, 1)
      entries = [...front, ...entries.slice(head)]
      head = 0
    },
    peek() {
      let entry = first()
      while (entry && now() - start - entry.at > limits.ttlMs) {
        drop(entry, 'expired')
        entry = first()
      }
      return entry
    },
    shift,
    remove(owner) {
      const index = entries.findIndex((entry) => entry?.owner === owner)
      const entry = entries[index]
      if (!entry) return
      entries[index] = undefined
      count(entry, -1)
    },
    expiresAt() {
      const entry = first()
      return entry ? start + entry.at + limits.ttlMs : Number.POSITIVE_INFINITY
    },
    clear() {
      for (let entry = first(); entry; entry = first()) drop(entry, 'closed')
    },
  }
}

const bytesOf = (data: Sendable): number =>
  typeof data === 'string' ? utf8Length(data) : 'size' in data ? data.size : data.byteLength

/** Bytes that wait must not change when the app uses its buffer again. Text and Blobs cannot change. */
const copyOf = (data: Sendable): Sendable =>
  typeof data === 'string' || 'size' in data
    ? data
    : ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice()
      : data.slice(0)
