import { QueueFull } from '../../shared/errors.js'
import { NEVER } from '../platform/alarm.js'
import { bytesOf, type Sendable } from '../platform/sendable.js'

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
  /** 0 until the message has been handed to the socket; then what `counters.sent` was with it. */
  written: number
  /** Of a call. */
  readonly id?: number
  /** Of an event: names it when it is dropped. */
  readonly channel?: string
}

/** A message and whose it is. */
export interface Message {
  readonly data: Sendable
  readonly owner: Owner | undefined
}

interface Entry extends Message {
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
  peek(): Message | undefined
  shift(): unknown
  /** Takes out what belongs to `owner`, without a signal: it asked for it. */
  remove(owner: Owner): void
  /** How long the oldest message has left, in ms. */
  restMs(): number
  clear(): void
}

/** What has been accepted and not yet written, in order, within limits. */
export function createSendQueue(
  limits: QueueLimits,
  now: () => number,
  onDrop: (message: Message, why: DropReason) => void,
): SendQueue {
  const start = now()
  // Those before `head` are gone; they are cut off when they are the greater part, so that each costs little.
  let entries: Entry[] = []
  let head = 0
  let bytes = 0

  const toEntry = ({ data, owner }: Message): Entry => {
    const entry = { data, owner, bytes: bytesOf(data), at: Math.round(now() - start) }
    bytes += entry.bytes
    return entry
  }

  const shift = (): Entry | undefined => {
    const entry = entries[head]
    bytes -= entry?.bytes ?? 0
    if (++head > entries.length / 2) {
      entries.splice(0, head)
      head = 0
    }
    return entry
  }

  const drop = (why: DropReason): void => {
    const entry = shift()
    if (entry) onDrop(entry, why)
  }

  return {
    get messages() {
      return entries.length - head
    },
    get bytes() {
      return bytes
    },
    push(data, owner) {
      const added = bytesOf(data)
      const { maxMessages, maxBytes, overflow } = limits
      const isOver = (more: number): boolean =>
        entries.length - head + more > maxMessages || bytes > maxBytes - more * added
      if (isOver(1)) {
        if (overflow === 'reject') throw new QueueFull()
        // What would not fit even alone would only push everything else out.
        if (overflow === 'drop-newest' || added > maxBytes || !maxMessages) return onDrop({ data, owner }, 'overflow')
      }
      // Bytes that wait must not change when the app uses its buffer again.
      const own = ArrayBuffer.isView(data)
        ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
        : data.slice(0)
      entries.push(toEntry({ data: own, owner }))
      // Only now: whoever is told of a drop may send, abort or close.
      while (isOver(0)) drop('overflow')
    },
    putBack(messages) {
      entries = [...messages.map(toEntry), ...entries.slice(head)]
      head = 0
    },
    peek() {
      while (restMs() < 0) drop('expired')
      return entries[head]
    },
    shift,
    remove(owner) {
      const index = entries.findIndex((entry, i) => i >= head && entry.owner === owner)
      for (const { bytes: gone } of index < 0 ? [] : entries.splice(index, 1)) bytes -= gone
    },
    restMs,
    clear() {
      const gone = entries.slice(head)
      entries = []
      head = bytes = 0
      for (const entry of gone) onDrop(entry, 'closed')
    },
  }

  function restMs(): number {
    const entry = entries[head]
    return entry ? start + entry.at + limits.ttlMs - now() : NEVER
  }
}
