/** Plain numbers, counted since the start, but for those that say "now". */
export interface ServerMetrics {
  /** Clients that are in and connected, now. */
  connections: number
  /** Clients that were let in; a session that goes on is none. */
  connectionsTotal: number
  /** Refused: origin, limits, authentication. */
  refused: number
  /** Heartbeats and acknowledgements included, as in the next three. */
  messagesIn: number
  /** Messages written to sockets. */
  messagesOut: number
  /** Bytes of messages, without what WebSocket, TLS and TCP add. */
  bytesIn: number
  /** Bytes written to sockets. */
  bytesOut: number
  /** Requests and streams being answered now. */
  openRequests: number
  /** Requests and streams asked by clients, `join` and `leave` included. */
  requests: number
  /** Those answered with an error. */
  errors: number
  /** Frames and messages that broke the protocol; the first of each connection is logged. */
  protocolErrors: number
  /** Clients whose page has another contract. */
  contractSkews: number
  /** Closed for sending too many messages. */
  tooMany: number
  /** Closed for reading too slowly. */
  tooSlow: number
  /** Closed for not answering pings. */
  timedOut: number
  /** Channels with at least one member now. */
  channels: number
  /** Sessions now. */
  sessions: number
  /** Those that wait for their page, now. */
  sessionsDetached: number
  /** Sessions that were begun. */
  sessionsTotal: number
  /** Times that a session went on on another connection. */
  sessionsResumed: number
  /** Sessions dropped because their page did not come back within `ttlMs`. */
  sessionsExpired: number
  /** Sessions dropped because their page read too slowly. */
  sessionsOverflowed: number
  /** Sessions dropped, while their page was away, to make room for others. */
  sessionsEvicted: number
  /** Sessions dropped because a channel no longer let them in. */
  sessionsRevoked: number
  /** Bytes kept for pages that have not acknowledged them, now. */
  sessionBytes: number
  /** Messages written again after a resume. */
  messagesReplayed: number
  /** Messages that came a second time, and were dropped. */
  duplicates: number
}

/** What is counted; the rest of the metrics is measured when asked for. */
export type Counters = Omit<ServerMetrics, 'connections' | 'channels' | 'sessions' | 'sessionsDetached'>

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
  contractSkews: 0,
  tooMany: 0,
  tooSlow: 0,
  timedOut: 0,
  sessionsTotal: 0,
  sessionsResumed: 0,
  sessionsExpired: 0,
  sessionsOverflowed: 0,
  sessionsEvicted: 0,
  sessionsRevoked: 0,
  sessionBytes: 0,
  messagesReplayed: 0,
  duplicates: 0,
})
