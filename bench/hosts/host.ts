/** The server half: what a file of this folder gives for one wire. All of them listen on loopback, in one process. */
import type { Numbered } from '../peers/peer.js'

/** The client that a page has connected. */
export interface HostClient {
  send(message: Numbered): void
  sendBytes(bytes: Uint8Array<ArrayBuffer>): void
  /** Bytes that have not left the process. */
  bufferedAmount(): number
}

export interface HostEvents {
  onClient(client: HostClient): void
  onMessage(message: Numbered): void
  onBytes(bytes: Uint8Array): void
}

export interface RunningHost {
  readonly port: number
  close(): Promise<void>
}

/** Starts a server on any free port of loopback, that answers the request for `n` with `n + 1`. */
export type StartHost = (events: HostEvents) => Promise<RunningHost>
