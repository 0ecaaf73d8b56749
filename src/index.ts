/**
 * holdfast: a small typed WebSocket client.
 *
 * ```ts
 * import { connect } from 'holdfast'
 *
 * const client = connect<App>('wss://example.com/ws')
 * ```
 */
import { createClient } from './core/client/client.js'
import type { Client, CloseInfo, ConnectOptions, Url } from './core/client/public.js'
import { browserEnvironment } from './core/platform/browser.js'
import type { UntypedApp } from './protocol/app.js'

/**
 * Connects to `url`, and goes on connecting until `close`.
 *
 * `url` is an address (`ws`, `wss`, `http`, `https`, or relative to the page), or a function that gives one, called for
 * each attempt with the close before it. Throws `InvalidOption` if an option makes no sense.
 */
export function connect<App = UntypedApp>(
  url: Url | ((lastClose?: CloseInfo) => Url | Promise<Url>),
  options?: ConnectOptions,
): Client<App>
export function connect(url: Url | (() => Url | Promise<Url>), options: ConnectOptions = {}): Client {
  return createClient(url, options, { ...browserEnvironment(), ...options.environment })
}

export type {
  BackoffOptions,
  Channel,
  Client,
  ClientEvents,
  CloseInfo,
  ConnectOptions,
  Direction,
  Drop,
  DropReason,
  Explanation,
  HandlerContext,
  HeartbeatOptions,
  Policy,
  QueueOptions,
  RequestOptions,
  Sendable,
  SendOptions,
  Stats,
  Status,
  StreamOptions,
  Url,
} from './core/client/public.js'
export type { Environment, Hint, SocketClass, SocketLike } from './core/platform/environment.js'
export type { LossReason, SessionEvents, SessionPlugin, UnknownMessage } from './core/session/plugin.js'
export type * from './protocol/app.js'
export type {
  CancelFrame,
  ErrorBody,
  ErrorFrame,
  EventFrame,
  Frame,
  FrameId,
  ItemFrame,
  RequestFrame,
  ResultFrame,
} from './protocol/frames.js'
export type { Wire, WireData } from './protocol/wire.js'
export {
  ClientClosed,
  DeliveryUnknown,
  HoldfastError,
  InvalidOption,
  MessageDropped,
  QueueFull,
  RemoteError,
  RequestTimeout,
} from './shared/errors.js'
export type { Logger } from './shared/logger.js'
