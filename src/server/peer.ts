import type { Frame } from '../protocol/frames.js'
import type { Message } from './message.js'
import type { ServerClient } from './public.js'

/** A client as the rooms of the kit see it: what handlers see, and how to speak to it. */
export interface Peer extends ServerClient {
  readonly channels: Set<string>
  /** The name that its page chose for itself, in a session. */
  readonly page: string | undefined
  /** Whether it is gone for good. */
  readonly isGone: boolean
  /**
   * Writes a message, a volatile one only if it need not wait; tells whether it took it. Nothing happens if the client
   * is gone. One that reads too slowly is closed instead.
   */
  deliver(message: Message, isVolatile?: boolean): boolean
  /** Encodes and writes a frame of the protocol; a wire that cannot encode it is logged. */
  post(frame: Frame): void
  /** Counts a frame that broke the protocol, and logs the first on this connection. */
  protocolError(what: string): void
  /** Whether so much waits for the reader that streams have to wait; never once it is gone. */
  congested(): boolean
  /** Resolves once the reader has caught up, or is gone. */
  drained(): Promise<void>
}
