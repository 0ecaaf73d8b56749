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
export type {
  CloseOptions,
  Credentials,
  RequestHandler,
  Server,
  ServerChannel,
  ServerClient,
  ServerContext,
  ServerLimits,
  ServerMetrics,
  ServerOptions,
  ServerRequestOptions,
} from './public.js'
