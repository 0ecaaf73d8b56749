/** Figures that the storeys count as they go, and `client.stats` shows. */
export interface Counters {
  roundTripMs: number | undefined
  reconnects: number
  sent: number
  received: number
  dropped: number
  protocolErrors: number
  duplicates: number
}

export const createCounters = (): Counters => ({
  roundTripMs: undefined,
  reconnects: 0,
  sent: 0,
  received: 0,
  dropped: 0,
  protocolErrors: 0,
  duplicates: 0,
})
