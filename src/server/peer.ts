import type { Frame } from '../protocol/frames.js'
import type { WireData } from '../protocol/wire.js'
import type { Message } from './message.js'
import type { ServerClient } from './public.js'

/** A client as the rooms of the kit see it: what handlers see, and how to speak to it. */
export interface Peer extends ServerClient {
  readonly channels: Set<string>
  /** Writes a message; nothing happens if the client is gone. One that reads too slowly is closed instead. */
  deliver(message: Message): void
  /** Encodes and writes a frame of the protocol; a wire that cannot encode it is logged. */
  post(frame: Frame): void
  /** Counts a frame that broke the protocol, and logs the client's first. */
  protocolError(what: string): void
  /** Whether so much waits for the reader that streams have to wait; never once it is gone. */
  congested(): boolean
  /** Resolves once the reader has caught up, or is gone. */
  drained(): Promise<void>
}

/** What a client is at: greeting, then conversation. */
export interface Phase {
  /** Takes what arrived: a frame, or `undefined` for a message of the app's own, and its size. */
  hear(frame: Frame | undefined, data: WireData, bytes: number): void
  /** The connection is gone. */
  end(reason: unknown): void
}
