import type { Frame } from '../protocol/frames.js'
import type { ReconnectWindow } from '../protocol/window.js'
import type { WireData } from '../protocol/wire.js'
import { encodeFrame, type Message } from './message.js'
import type { Settings } from './options.js'

/** How the messages of a client travel: on one connection, or in a session that outlives many. */
export interface Line {
  /** Where the client is, or was last. */
  readonly address: string
  /** Writes a message, a volatile one only if it need not wait; tells whether it took it. */
  write(message: Message, isVolatile?: boolean): boolean
  /** Whether so much waits for the reader that streams have to wait; never once it is gone. */
  congested(): boolean
  /** Resolves once the reader has caught up, or is gone. */
  drained(): Promise<void>
  /** Counts a frame that broke the protocol, and logs the first on this connection. */
  protocolError(what: string): void
  /** Closes it for good. */
  close(code: number, reason: string, window?: ReconnectWindow): void
}

/** One connection, as the phases see it that it goes through. */
export interface Link extends Line {
  /** Number of the connection, and of the client that begins on it. */
  readonly id: number
  readonly isGone: boolean
  /** Writes what is bounded elsewhere, whatever waits. */
  push(message: Message): void
  /** Goes on in another phase, and gives it back. */
  become(phase: Phase): Phase
  /** From the first call on it has `authTimeoutMs` to come in. */
  hurry(): void
  /** The client is in: like `become`; the time to come in is over, and pings begin. */
  admit(phase: Phase): Phase
  /** Closes, and counts it as a refusal. */
  refuse(code: number, reason: string, window?: ReconnectWindow): void
  /** Closes a client that sends too much. */
  flooded(reason: string): void
}

/** What a connection is at. Heartbeats are none of its business, but for when they come and go. */
export interface Phase {
  /** Takes what arrived, and its size. */
  hear(data: WireData, bytes: number): void
  /** A heartbeat arrived. */
  heardBeat?(): void
  /** A heartbeat or a close is about to go out. */
  beforeBeat?(): void
  /** The time to come in is over. */
  expire?(): void
  /** Whether it sees to the end of the connection by itself when the server goes. */
  readonly departs?: boolean
  /** The connection is gone. */
  end(code: number, reason: string): void
}

/** Writes a frame of the protocol; a wire that cannot encode it is logged. */
export function post(line: Line, { wire, logger }: Settings, frame: Frame): void {
  try {
    line.write(encodeFrame(wire, frame))
  } catch (error) {
    logger.error('holdfast: wire.encode threw', error)
  }
}
