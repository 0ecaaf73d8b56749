/**
 * The seam for the `session` option: what a session adds to the plain conversation. Core knows this file and not the
 * addon behind it, so that an app without sessions does not carry one.
 */
import type { Position } from '../../protocol/frames.js'
import type { ReconnectWindow } from '../../protocol/window.js'
import type { WireData } from '../../protocol/wire.js'
import type { Counters } from '../../shared/counters.js'
import type { HoldfastError } from '../../shared/errors.js'
import type { CloseInfo } from '../connection/close-codes.js'
import type { Connection } from '../connection/connection.js'
import type { Environment, SocketLike } from '../platform/environment.js'
import type { Sendable } from '../platform/sendable.js'
import type { SendQueue } from './send-queue.js'

/** What `resumable()` gives; the rest of it is between the core and the addon. */
export type SessionPlugin = (link: never) => { readonly maxBytes: number }

/** The same for the core: makes the session of one client. */
export type KeeperFactory = (link: SessionLink) => SessionKeeper

/** Why a session ended without a farewell. */
export type LossReason = 'unknown' | 'expired' | 'overflow' | 'subject' | 'position' | 'fenced' | 'protocol' | 'closed'

/** A message whose fate nobody knows. */
export interface UnknownMessage {
  /** As it travelled. */
  readonly data: Sendable
  /** For an event of a channel. */
  readonly channel: string | undefined
}

/** What a session tells the app. */
export interface SessionEvents {
  /** The session went on after a cut. `replayed`: messages written again, both ways. `missedMs`: how long it was cut. */
  resumed: { readonly replayed: number; readonly missedMs: number }
  /**
   * Messages of the server are missing: events `from` to `to` of a `channel` with history, or, without a channel, what
   * the server sent in a session that is lost. No `to`: nobody knows how many.
   */
  gap: {
    readonly channel?: string
    readonly from: number
    readonly to?: number
    readonly why: LossReason | 'epoch' | 'history'
  }
  /**
   * The session is gone, and the client goes on in a new one. `unknown`: how many of its messages and requests may have
   * arrived or not. Requests among them reject with `DeliveryUnknown`, and so does `deliver`; `messages` are the others.
   */
  sessionlost: { readonly why: LossReason; readonly unknown: number; readonly messages: readonly UnknownMessage[] }
}

/** What the app hears just as it is said below. */
export interface PassedEvents extends SessionEvents {
  close: CloseInfo
  message: WireData
}

/** What goes up from a session. */
export interface SessionReports {
  onData(data: WireData): void
  emit<E extends keyof PassedEvents>(event: E, data: PassedEvents[E]): void
  onError(error: HoldfastError): void
  /** The other end broke the protocol. */
  onViolation(cause: unknown): void
}

/** What the session may ask of the storeys below and above it. */
export interface SessionLink {
  readonly environment: Environment
  readonly counters: Counters
  readonly queue: Pick<SendQueue, 'kept' | 'release' | 'rewind' | 'takeKept' | 'remove'>
  readonly connection: Pick<Connection, 'send' | 'confirm' | 'fail' | 'dial' | 'write' | 'read'>
  /**
   * The other end has forgotten the conversation: what was written is settled, and messages wait for the next one, which
   * begins with the joins. Gives what is of unknown fate, and the messages among it that nobody else is told of.
   */
  forget(): Pick<SessionEvents['sessionlost'], 'unknown' | 'messages'>
  /** What goes up: messages by `onData`, and what the session has to tell. */
  readonly handlers: SessionReports
  /** Messages wait in the queue until `adopt`, or the next connection. */
  hold(): void
  /** The second socket takes the place of the present one, its handshake done. */
  adopt(socket: SocketLike, window: ReconnectWindow | undefined): void
}

/** What a session does for the conversation. */
export interface SessionKeeper {
  /** The longest message that the other end takes, in bytes. */
  readonly maxBytes: number
  /** The socket is open. */
  greet(token: unknown): void
  /** Takes whatever has arrived. */
  receive(data: WireData): void
  /** The frame for the next message of the queue, or for a volatile one. */
  frame(data: Sendable, isVolatile: boolean): Sendable
  /** Members that a request has in a session. */
  stamp(id: number, timeoutMs: number, isIdempotent: boolean): object
  /** As in `ConnectionHandlers`; with `final` the conversation is over. */
  sayOwed(final: boolean): void
  onLost(close: CloseInfo): void
  /** Where the client is in the history of its channels. */
  readonly history: ChannelHistory
}

/** Positions in channels that have a history. */
export interface ChannelHistory {
  /** For the next join. */
  since(channel: string): Position | undefined
  /** The join was answered with this. */
  onJoined(channel: string, position: unknown): void
  /** Whether an event with this offset is new. */
  isNew(channel: string, offset: unknown): boolean
}
