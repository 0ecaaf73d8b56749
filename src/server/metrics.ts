import type { ServerMetrics } from './public.js'

/** What is counted; the rest of the metrics is measured when asked for. */
export type Counters = Omit<ServerMetrics, 'connections' | 'channels'>

export const newCounters = (): Counters => ({
  connectionsTotal: 0,
  refused: 0,
  messagesIn: 0,
  messagesOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  openRequests: 0,
  requests: 0,
  errors: 0,
  protocolErrors: 0,
  tooMany: 0,
  tooSlow: 0,
  timedOut: 0,
})
