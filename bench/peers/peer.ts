/** What the benchmark asks of a library: one file beside this one for each, bundled into a page of its own. */

/** A message of 100 bytes, as JSON: see `numbered`. */
export interface Numbered {
  readonly n: number
  readonly text: string
}

/** What a page gives to a library. */
export interface PeerOptions {
  url: string
  /** The library is connected and takes messages: at first, and each time again. */
  onOpen(): void
  /** The library has noticed that the connection is gone. */
  onClose(): void
  onMessage(message: Numbered): void
  onBytes(bytes: ArrayBuffer): void
  /** Wait before each attempt to reconnect, in ms: fixed, without jitter, as far as the library can. */
  delayMs: number
  /** Interval and timeout of the heartbeat, in ms, where the library has one. Default: the library's own. */
  heartbeatMs?: number
}

/** One client of a library. */
export interface Link {
  /** Sends one object as the library's users do; what does not go out now is the library's affair. */
  send(message: Numbered): void
  /** Absent where the library cannot send bytes, or only as text. */
  sendBytes?(bytes: Uint8Array<ArrayBuffer>): void
  /** Asks for `n + 1`. Absent where the library has no requests. */
  request?(n: number): Promise<number>
  close(): void
}

/** One library, used as its documentation says. */
export interface Peer {
  /** As in tables and pictures. */
  readonly name: string
  /** Package whose version is named beside the figures; absent for what is written here. */
  readonly package?: string
  /** Which server it speaks with: a file of `bench/hosts`. */
  readonly host: string
  /** Begins to connect. */
  connect(options: PeerOptions): Link
}
