/** The Node server kit: `createServer`, its types, and the errors that handlers throw and catch. */
export type * from '../protocol/app.js'
export type { Frame } from '../protocol/frames.js'
export type { ReconnectWindow } from '../protocol/window.js'
export type { Wire, WireData } from '../protocol/wire.js'
export {
  ClientClosed,
  DeliveryUnknown,
  HoldfastError,
  InvalidOption,
  RemoteError,
  RequestTimeout,
} from '../shared/errors.js'
export type { Logger } from '../shared/logger.js'
export { createServer } from './create-server.js'
export { type MemoryDedupeOptions, memoryDedupe } from './memory-dedupe.js'
export { type MemoryHistoryOptions, memoryHistory } from './memory-history.js'
export { type MemorySessionsOptions, memorySessions } from './memory-sessions.js'
export type { ServerMetrics } from './metrics.js'
export type {
  BroadcastOptions,
  CloseOptions,
  Credentials,
  RequestHandler,
  SendOptions,
  Server,
  ServerChannel,
  ServerClient,
  ServerContext,
  ServerLimits,
  ServerOptions,
  ServerRequestOptions,
  SessionOptions,
} from './public.js'
export type {
  Answer,
  DedupeStore,
  HistoryEntry,
  HistoryLimits,
  HistoryStore,
  MembershipRecord,
  Outcome,
  SessionRecord,
  SessionStore,
} from './stores.js'
