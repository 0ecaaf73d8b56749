import type { ChannelBook } from './channels.js'
import type { Clock } from './clock.js'
import type { ContractCheck } from './contract-check.js'
import type { Dedupe } from './dedupe.js'
import type { Histories } from './histories.js'
import type { Counters } from './metrics.js'
import type { Settings } from './options.js'
import type { Peer } from './peer.js'

/** What the rooms of a client need of the server around them. */
export interface House {
  readonly settings: Settings
  readonly clock: Clock
  readonly counters: Counters
  readonly book: ChannelBook
  readonly histories: Histories
  readonly dedupe: Dedupe
  readonly contract: ContractCheck
  /** A number for a client that begins on no connection of its own. */
  nextId(): number
  /** A client is in. */
  entered(client: Peer): void
  /** A client that was in is gone. */
  left(client: Peer, code: number, reason: string): void
}
