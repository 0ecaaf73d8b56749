import { checkTime, checkWhole } from './check.js'
import { realClock } from './clock.js'
import { ExpiringMap } from './expiring-map.js'
import type { SessionRecord, SessionStore } from './stores.js'

/** Limits of `memorySessions`. */
export interface MemorySessionsOptions {
  /** Sessions kept; one more takes the place of the oldest. Default 20,000. */
  maxSessions?: number
  /** How long each is kept, in ms. Default 300,000. */
  ttlMs?: number
}

/**
 * Sessions on their way from one server to another in the same process, as when a server is made anew with other
 * options. Throws `InvalidOption`, which names the field.
 */
export function memorySessions({ maxSessions = 20_000, ttlMs = 300_000 }: MemorySessionsOptions = {}): SessionStore {
  const records = new ExpiringMap<SessionRecord>(
    realClock,
    checkWhole('maxSessions', maxSessions),
    checkTime('ttlMs', ttlMs),
  )
  return {
    save: (record) => records.set(record.id, record),
    take(id) {
      const record = records.get(id)
      records.delete(id)
      return record
    },
  }
}
