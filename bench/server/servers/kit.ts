/** A server of one library, as its documentation says: it listens on loopback, and answers the request for n with n + 1. */

export interface Events {
  /** A message of a client, parsed. */
  onMessage(message: unknown): void
}

export interface Kit {
  /** Resolves when it listens, with the port. */
  start(events: Events): Promise<number>
  /** Sends message n to every client in the channel. */
  broadcast(n: number): void
  /** Bytes that it keeps for clients which have not acknowledged them. */
  unacknowledged(): number
}

/** Beyond the length of any run: what is measured is not the heartbeat. */
export const PING_MS = 3_600_000
