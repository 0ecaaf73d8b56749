import {
  BAD_FRAME,
  type ControlFrame,
  FENCED,
  OUT_OF_ORDER,
  writeAck,
  writeControl,
  writeHeader,
} from '../protocol/session-frames.js'
import type { ReconnectWindow } from '../protocol/window.js'
import type { WireData } from '../protocol/wire.js'
import { Client } from './client.js'
import { closeReason } from './closing.js'
import type { Deadlines } from './deadlines.js'
import type { House } from './house.js'
import { Inbox } from './inbox.js'
import { Keys } from './keys.js'
import type { Line, Link } from './line.js'
import { type Message, textMessage } from './message.js'
import { ReplayBuffer, type ReplayLimits } from './replay-buffer.js'
import type { SessionRecord } from './stores.js'

/** What keeps the sessions of a server. */
export interface SessionKeeper {
  readonly limits: ReplayLimits
  /** When each session sends the ack that it owes. */
  readonly acks: Deadlines<Session>
  /** It has come from another server. */
  arrived(session: Session): void
  /** It has lost its connection. */
  detached(session: Session): void
  /** It has one, again or at last. */
  attached(session: Session): void
  /** It is full. */
  overflowed(session: Session): void
  /** It keeps one message more. */
  grown(session: Session): void
  /** Its page has said everything. */
  farewell(session: Session): void
  /** It has ended. */
  ended(session: Session): void
}

/** Where a session begins. */
type Birthplace = Pick<Link, 'id' | 'address'>

/** A conversation that outlives its connections: both ends number what they say, and keep it until it was handled. */
export class Session implements Line {
  readonly id: string
  readonly keys: Keys
  readonly client: Client
  readonly #house: House
  readonly #keeper: SessionKeeper
  readonly #inbox: Inbox
  readonly #outbox: ReplayBuffer
  readonly #page: string
  #address: string
  #link: Link | undefined
  #hasEnded = false
  /** The latest of the page. */
  #attempt = 0
  #lastClose: readonly [code: number, reason: string] = [1006, '']
  /** Streams that wait for an ack, or for the page to come back. */
  #waiting: (() => void)[] = []

  constructor({ id, address }: Birthplace, record: SessionRecord, house: House, keeper: SessionKeeper) {
    this.id = record.id
    this.#address = address
    this.#page = record.page
    this.keys = new Keys(record.keys)
    this.#house = house
    this.#keeper = keeper
    this.#inbox = new Inbox(record.received)
    this.#outbox = new ReplayBuffer(keeper.limits, house.counters, record.acked, record.messages)
    this.client = new Client(id, record, this, house)
  }

  get address(): string {
    return this.#address
  }

  get hasEnded(): boolean {
    return this.#hasEnded
  }

  get isAttached(): boolean {
    return this.#link !== undefined
  }

  /** Whether no handler is at a message of the page. */
  get isHandled(): boolean {
    return this.#inbox.handled === this.#inbox.received
  }

  /** The number up to which the page's messages have come. */
  get received(): number {
    return this.#inbox.received
  }

  /** The highest number given to a message for the page. */
  get sent(): number {
    return this.#outbox.sent
  }

  /** Whether it can go on from what the page has received (P11.4). */
  reaches(position: number): boolean {
    return position >= this.#outbox.acked && position <= this.#outbox.sent
  }

  /**
   * Takes the number of an attempt of the page; `false` if a later one came first: a socket that the page has given up can
   * be slower than the one that it opened after it (P11.13).
   */
  dial(attempt = this.#attempt + 1): boolean {
    if (attempt <= this.#attempt) return false
    this.#attempt = attempt
    return true
  }

  /** Goes on on this connection, and stops hearing the one before (P11.6). */
  attach(link: Link): void {
    const fenced = this.#link
    this.#link = undefined
    fenced?.close(FENCED, 'resumed elsewhere')
    this.#link = link
    this.#address = link.address
    this.#keeper.attached(this)
  }

  /** Writes what the page has not received, and the ack that may have been lost. */
  replay(position: number): void {
    const missed = this.#outbox.above(position)
    this.#inbox.retell()
    this.#house.counters.messagesReplayed += missed.length
    for (const [at, message] of missed.entries()) this.#link?.push(this.#frame(position + at + 1, message))
    this.#oweAck()
    this.#wake()
  }

  /** A connection of it is gone; one that was fenced does not count. */
  lost(link: Link, code: number, reason: string): void {
    if (link !== this.#link) return
    this.#link = undefined
    if (this.#hasEnded) return
    this.#lastClose = [code, reason]
    this.#keeper.acks.delete(this)
    this.#keeper.detached(this)
  }

  /** Takes a data frame (P10.2). */
  receive(number: number, ack: number, payload: WireData, bytes: number): void {
    if (!this.acknowledge(ack)) return
    const expected = this.#inbox.received + 1
    if (number > expected) {
      this.#link?.close(OUT_OF_ORDER, `expected ${expected}, got ${number}`)
    } else if (number > 0 && number < expected) {
      this.#house.counters.duplicates += 1
    } else if (!this.client.conversation.admits(bytes)) {
      // Not received: the page writes it again when it comes back, and finds the handlers further on.
      this.#link?.flooded('too many messages waiting')
    } else if (number === 0) {
      void this.client.hear(payload, bytes)
    } else {
      this.#inbox.begin()
      const done = this.client.hear(payload, bytes)
      if (done) void done.then(() => this.#handled(number, bytes))
      else this.#handled(number, bytes)
    }
  }

  #handled(number: number, bytes: number): void {
    this.#inbox.finish(number, bytes)
    this.#oweAck()
  }

  /** Its page has said everything: see `SessionKeeper`. */
  farewell(): void {
    this.#keeper.farewell(this)
  }

  /** Takes an ack; tells whether the session goes on (P10.4). */
  acknowledge(ack: number): boolean {
    if (this.#hasEnded) return false
    if (ack > this.#outbox.sent) {
      this.protocolError('an ack from the future')
      this.close(BAD_FRAME, 'ack from the future')
      return false
    }
    this.#outbox.acknowledge(ack)
    this.#wake()
    return true
  }

  /** Sends the ack that is owed: it is due, or a heartbeat or a close is about to go out. */
  settle(): void {
    this.#keeper.acks.delete(this)
    if (this.#link && this.#inbox.owes !== 'nothing') this.#link.push(textMessage(writeAck(this.#inbox.tell())))
  }

  /** Writes a frame that has no number. */
  say(frame: ControlFrame): void {
    this.#link?.push(textMessage(writeControl(frame)))
  }

  write(message: Message, isVolatile = false): boolean {
    if (this.#hasEnded) return false
    if (isVolatile) {
      if (!this.#link || this.#link.congested()) return false
      this.#link.push(this.#frame(0, message))
      return true
    }
    if (this.#outbox.isFull) {
      this.#keeper.overflowed(this)
      return false
    }
    const number = this.#outbox.push(message)
    this.#link?.push(this.#frame(number, message))
    this.#keeper.grown(this)
    return !this.#hasEnded
  }

  congested(): boolean {
    return !this.#hasEnded && (!this.#link || this.#link.congested() || this.#outbox.isHalfFull)
  }

  async drained(): Promise<void> {
    while (this.congested()) {
      if (this.#link?.congested()) await this.#link.drained()
      else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  protocolError(what: string): void {
    this.#link?.protocolError(what)
  }

  /** Ends it. Without code and reason: as its last connection was closed. */
  close(code = this.#lastClose[0], reason = this.#lastClose[1], window?: ReconnectWindow): void {
    if (this.#hasEnded) return
    this.settle()
    const link = this.#link
    this.#link = undefined
    this.#end()
    link?.close(code, reason, window)
    this.client.end(code, closeReason(reason, window))
  }

  /** Ends it here, perhaps for another server to go on with. Its connection stays, for the last word. */
  pack(isKept: boolean, reason: string): SessionRecord {
    // In a session that goes on nobody else would answer; in one that ends the page knows what is open.
    if (isKept) this.client.conversation.abandon()
    this.settle()
    const record: SessionRecord = {
      id: this.id,
      keys: this.keys.hashes,
      page: this.#page,
      subject: this.client.subject,
      received: this.#inbox.handled,
      acked: this.#outbox.acked,
      messages: this.#outbox.above(this.#outbox.acked),
      asked: this.client.asked,
      channels: this.client.conversation.memberships,
    }
    this.#end()
    this.client.end(1012, reason)
    return record
  }

  #end(): void {
    this.#hasEnded = true
    this.#keeper.acks.delete(this)
    this.#outbox.clear()
    this.#keeper.ended(this)
    this.#wake()
  }

  /** Puts the header before a message, in one piece; its ack is told with it. */
  #frame(number: number, { bytes, binary }: Message): Message {
    this.#keeper.acks.delete(this)
    const header = writeHeader(number, this.#inbox.tell())
    const frame = Buffer.allocUnsafe(header.length + bytes.byteLength)
    frame.write(header, 'latin1')
    frame.set(bytes, header.length)
    return { bytes: frame, binary }
  }

  #oweAck(): void {
    if (this.#hasEnded) return
    const { acks } = this.#keeper
    const { owes } = this.#inbox
    if (owes === 'now') this.settle()
    else if (owes === 'soon' && this.#link && !acks.has(this)) acks.add(this)
  }

  #wake(): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}
