import type { Hi } from '../protocol/session-frames.js'
import { randomName } from './keys.js'
import type { SessionRecord } from './stores.js'

/** The session that a page would go on with. */
export interface Claim {
  readonly session: string
  readonly key: string
  readonly received: number
}

/** What a `hi` claims: all three or nothing. */
export function claimOf({ session, key, received }: Hi): Claim | undefined {
  return session === undefined || key === undefined || received === undefined ? undefined : { session, key, received }
}

/** A session in which nothing has been said. */
export const newRecord = (page: string, subject: unknown): SessionRecord => ({
  id: randomName('s'),
  keys: [],
  page,
  subject,
  received: 0,
  acked: 0,
  messages: [],
  asked: 0,
  channels: [],
})
