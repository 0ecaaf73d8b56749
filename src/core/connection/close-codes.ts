import type { ReconnectWindow } from '../../protocol/window.js'

/** What a close code asks for: end, come back with fresh credentials, or just come back. */
export type Policy = 'stop' | 'refresh' | 'retry'

/** How a connection or an attempt ended. */
export interface CloseInfo {
  /** Close code (RFC 6455, 7.4); 1006 if the network ended it, or holdfast gave it up. */
  readonly code: number
  /** What the server said beside the code; empty if nothing. */
  readonly reason: string
  /** Whether both ends agreed to close. */
  readonly wasClean: boolean
  /** What `code` asks for, before `shouldReconnect` has its say. */
  readonly policy: Policy
  /**
   * Messages written to the socket since the last answer to a ping or a request: whether they arrived is unknown. 0 for
   * a failed attempt.
   */
  readonly unconfirmed: number
}

/** Codes with a rule of their own; the rest goes by range in `policyOf`. Documented in PROTOCOL.md, section 7. */
const POLICIES: { readonly [code: number]: Policy } = {
  // The endpoints do not speak the same language, and will not after a reconnect: RFC 6455, 7.4.1.
  1002: 'stop',
  1003: 'stop',
  1007: 'stop',
  1010: 'stop',
  // A policy was violated: what servers say most often for a bad or outdated token.
  1008: 'refresh',
  // Unauthorized, forbidden: IANA's registry of close codes.
  3000: 'refresh',
  3003: 'stop',
  // As HTTP's 401, 408, 425, 429.
  4401: 'refresh',
  4408: 'retry',
  4425: 'retry',
  4429: 'retry',
}

/** Codes 4400 to 4499 are read like HTTP's 4xx: this client is wrong, and will be again. */
export const policyOf = (code: number): Policy => POLICIES[code] ?? (code < 4400 || code > 4499 ? 'retry' : 'stop')

/** For who is sent away without a window: spread over 5 s. */
export const RESTART_WINDOW: ReconnectWindow = { minMs: 0, maxMs: 5000 }

/** 1012 (service restart) and 1013 (try again later) without a window of their own. */
export const defaultWindow = (code: number): ReconnectWindow | undefined =>
  code === 1012 || code === 1013 ? RESTART_WINDOW : undefined
