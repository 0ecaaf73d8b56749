import type { WireData } from '../protocol/wire.js'

/**
 * What the core of the kit needs of a socket: five methods, so that another WebSocket library is a thin adapter.
 */
export interface ServerSocket {
  /** Sends bytes: a binary message, or a text in UTF-8, encoded already so that a broadcast does it once for all. */
  send(bytes: Uint8Array, binary: boolean): void
  close(code: number, reason: string): void
  /** Ends it at once, without a closing handshake. */
  terminate(): void
  /** Bytes handed over and not yet with the operating system. */
  bufferedAmount(): number
  /** Says who hears it; called once. */
  listen(handlers: ServerSocketHandlers): void
}

export interface ServerSocketHandlers {
  onMessage(data: WireData): void
  /** The other end broke WebSocket itself, by a message too large for instance; the socket closes by itself. */
  onError(error: Error): void
  onClose(code: number, reason: string): void
}
