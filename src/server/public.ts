import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type {
  CallArguments,
  ChannelName,
  Channels,
  EventName,
  MethodName,
  ParamsOf,
  Requests,
  ResultOf,
  ServerRequests,
  UntypedApp,
} from '../protocol/app.js'
import type { ReconnectWindow } from '../protocol/window.js'
import type { Wire, WireData } from '../protocol/wire.js'
import type { Logger } from '../shared/logger.js'

/** What limits one question to a page. */
export interface ServerRequestOptions {
  /** Time for this request, in ms, instead of `requestTimeoutMs`. */
  timeoutMs?: number
  /** Aborts the request, on the page too; it rejects with `signal.reason`. */
  signal?: AbortSignal
}

/** One client, as handlers see it: one connection, never reused. */
export interface ServerClient<App = UntypedApp> {
  /** Number of this connection, counted up from 1. */
  readonly id: number
  /** What `auth` returned; `undefined` without `auth`. */
  readonly subject: unknown
  /** Address the connection came from: the option `address`. */
  readonly address: string
  /** Names of the channels that this client has joined. */
  readonly channels: ReadonlySet<string>
  /** Aborts when the connection is gone. From then on what is sent here goes nowhere. */
  readonly signal: AbortSignal
  /**
   * Asks the page (its `handle`). Rejects with `RemoteError` (its answer), `RequestTimeout`, `signal.reason`,
   * `DeliveryUnknown` (sent, then the connection was lost) or `ClientClosed` (gone before it was asked).
   */
  request<M extends MethodName<ServerRequests<App>>>(
    method: M,
    ...rest: CallArguments<ServerRequests<App>[M], ServerRequestOptions>
  ): Promise<ResultOf<ServerRequests<App>[M]>>
  /** Sends an event to this client alone, joined or not. Throws what `wire.encode` throws. */
  send<Name extends ChannelName<App>, E extends EventName<Channels<App>[Name]>>(
    channel: Name,
    event: E,
    data: Channels<App>[Name][E],
  ): void
  /** Sends a raw message to this client alone. */
  sendRaw(data: string | Uint8Array): void
  /**
   * Closes this connection; the code (default 1000) tells the page whether to come back, `window` when (PROTOCOL.md,
   * section 7). A reason is cut to what fits. Throws `InvalidOption` for a code that no server may send.
   */
  close(code?: number, reason?: string, window?: ReconnectWindow): void
}

/** What handlers are told beside the data. */
export interface ServerContext<App = UntypedApp> {
  readonly client: ServerClient<App>
  /** What `auth` returned. */
  readonly subject: unknown
  /** Aborts when the client cancels, or its connection is gone. */
  readonly signal: AbortSignal
}

/**
 * Answers a request. A method with an `item` gives an async iterable, such as an async generator, whose return value is
 * the result; any other gives its result. Requests of one client start in order and run at the same time.
 *
 * `throw new RemoteError({ code, message, data })` travels as that. Any other throw travels as -32603 `internal error`
 * and is logged: errors of libraries and of Node name files, hosts and people.
 */
export type RequestHandler<App, Method> = (params: ParamsOf<Method>, context: ServerContext<App>) => Answer<Method>

/** A method whose items may be anything, as those of an untyped app, may give a result instead of a stream. */
type Answer<Method> = Method extends { item: infer Item }
  ? unknown extends Item
    ? unknown
    : Eventually<AsyncIterable<Item>>
  : Method extends { result: infer Result }
    ? Eventually<Result>
    : Eventually<void>

type Eventually<Value> = Value | Promise<Value>

/**
 * A channel with members. What one client does on one channel is handled one after another: a slow `join` or handler
 * keeps back the client's later events on this channel, and nothing else.
 */
export interface ServerChannel<App, Name extends ChannelName<App>> {
  /**
   * Whether a client may join, with the params of its `join`. A throw refuses, and travels as code and message; what it
   * returns is the answer. Without it everybody may.
   */
  join?(params: unknown, context: ServerContext<App>): unknown
  /** A client has left: by `leave` or because its connection is gone. Comes after its last event was handled. */
  leave?(context: ServerContext<App>): void
  /** Handlers of the events that members send. Events without one are passed to no one; a throw is logged. */
  on?: {
    [E in EventName<Channels<App>[Name]>]?: (
      data: Channels<App>[Name][E],
      context: ServerContext<App>,
    ) => void | Promise<void>
  }
}

/** What a new client shows before it is let in. */
export interface Credentials {
  /** The `token` in the params of its `auth` frame, unchecked. */
  readonly token: unknown
  /** The upgrade request, for cookies and headers. */
  readonly request: IncomingMessage
}

export interface ServerOptions<App = UntypedApp> {
  /** Port to listen on; 0 for any. Either this or `server`. */
  port?: number
  /** Address to listen on, with `port`. Default: all. */
  host?: string
  /** An HTTP server to answer upgrades on. It stays yours: `close` does not close it. */
  server?: HttpServer | HttpsServer
  /** Path of the WebSocket. Default: any. Upgrades to other paths are left to the server's other listeners. */
  path?: string
  /** Handlers of requests, by method. `auth`, `join` and `leave` are reserved. */
  requests?: { [M in MethodName<Requests<App>>]?: RequestHandler<App, Requests<App>[M]> }
  /** Channels that clients may join, by name; `{}` for one that everybody may join. */
  channels?: { [Name in ChannelName<App>]?: ServerChannel<App, Name> }
  /**
   * Takes the token, gives the subject. A throw refuses the client, worded like the error of a handler, and closes with
   * 4403 if its code is `'forbidden'` or 403, else with 4401. With `auth`, every client must authenticate first
   * (PROTOCOL.md, section 5); without it any token is accepted unseen.
   */
  auth?: (credentials: Credentials) => unknown
  /** Time for a client to authenticate, `auth` included, in ms. Default 10,000. */
  authTimeoutMs?: number
  /**
   * Origins that may connect (RFC 6455, 10.2). A client without an Origin header is no browser and may. Default: the
   * origin whose host is that of the request. `'*'`: all.
   */
  origins?: '*' | readonly string[] | ((origin: string, request: IncomingMessage) => boolean)
  /**
   * The address that `maxConnectionsPerAddress` counts. Default: that of the TCP connection; behind a proxy, read it
   * from the header that your proxy sets.
   */
  address?: (request: IncomingMessage) => string
  /** Raw messages: text that is no frame, and binary. Those of one client are handled one after another. */
  onMessage?: (data: string | Uint8Array, context: ServerContext<App>) => void | Promise<void>
  /** A client is in: connected and, with `auth`, accepted. */
  onConnect?: (client: ServerClient<App>) => void
  /** A client that was in is gone. The code is the server's if the server closed. */
  onDisconnect?: (client: ServerClient<App>, code: number, reason: string) => void
  /** How often each client is pinged, in ms; one that leaves two pings in a row without a sign is cut. Default 15,000. */
  pingIntervalMs?: number
  /** Time that `client.request` waits for its answer, in ms. Default 30,000. */
  requestTimeoutMs?: number
  /** Limits. */
  limits?: ServerLimits
  /** How frames look on the wire. `'jsonrpc'` adds `"jsonrpc": "2.0"`. Default `'json'`. */
  wire?: 'json' | 'jsonrpc' | Wire
  /** Where it reports what no handler took. Default: warnings and errors to `console`. */
  logger?: Logger
}

export interface ServerLimits {
  /** Largest message taken, in bytes; a larger one closes with 1009. Default 1 MiB. */
  maxPayload?: number
  /** Connections in all; one more is told 1013 with a window, and 503 when as many wait to be told. Default 10,000. */
  maxConnections?: number
  /** Connections from one address; one more is told 1013 with a window. Default 100. */
  maxConnectionsPerAddress?: number
  /** Messages a second from one client, ten times as many at once; more closes with 4429. Default 1,000. */
  messagesPerSecond?: number
  /** Requests and streams that one client may have open; one more is answered `TOO_MANY_OPEN`. Default 256. */
  maxOpenRequests?: number
  /**
   * Bytes that may wait for a slow reader; more closes with 1013. As many of one client's messages may wait for a slow
   * handler; more closes with 4429. Default 4 MiB.
   */
  maxBufferedBytes?: number
  /** Channels that one client may be in; one more is answered `TOO_MANY_CHANNELS`. Default 256. */
  maxChannels?: number
}

/** Plain numbers, counted since the start, but for those that say "now". */
export interface ServerMetrics {
  /** Clients that are in, now. */
  connections: number
  /** Clients that were let in. */
  connectionsTotal: number
  /** Refused: origin, limits, authentication. */
  refused: number
  /** Heartbeats included, as in the next three. */
  messagesIn: number
  messagesOut: number
  /** Bytes of messages, without what WebSocket, TLS and TCP add. */
  bytesIn: number
  bytesOut: number
  /** Requests and streams being answered now. */
  openRequests: number
  /** Requests and streams asked by clients, `join` and `leave` included. */
  requests: number
  /** Those answered with an error. */
  errors: number
  /** Frames and messages that broke the protocol; the first of each client is logged. */
  protocolErrors: number
  /** Closed for sending too many messages. */
  tooMany: number
  /** Closed for reading too slowly. */
  tooSlow: number
  /** Closed for not answering pings. */
  timedOut: number
  /** Channels with at least one member now. */
  channels: number
}

/** How a server says goodbye. */
export interface CloseOptions {
  /** The clients are to come back at a random moment of this many ms. Default 5,000. */
  windowMs?: number
  /** Those that have not gone after this many ms are cut. Default 2,000. */
  graceMs?: number
  /** First part of the close reason. Default `restart`. */
  reason?: string
}

export interface Server<App = UntypedApp> {
  /** Resolves when it listens, with the port; rejects if it cannot. */
  listening(): Promise<number>
  /** Clients that are in, now. */
  readonly clients: ReadonlySet<ServerClient<App>>
  /** Sends an event to every member of a channel, encoded once. Gives the number of those it was sent to. */
  broadcast<Name extends ChannelName<App>, E extends EventName<Channels<App>[Name]>>(
    channel: Name,
    event: E,
    data: Channels<App>[Name][E],
    options?: { except?: ServerClient<App> },
  ): number
  /** Members of a channel, now. */
  members(channel: ChannelName<App>): ReadonlySet<ServerClient<App>>
  metrics(): ServerMetrics
  /**
   * Stops taking clients and closes those there are with 1012, telling each a window of `windowMs` (default 5,000) to
   * come back in. Resolves when all are gone; those that do not go within `graceMs` (default 2,000) are cut. `reason`
   * (default `restart`) stands in the close reason. A second call gives the promise of the first.
   */
  close(options?: CloseOptions): Promise<void>
}

/**
 * What the core of the kit needs of a socket: five methods, so that another WebSocket library is a thin adapter.
 */
export interface ServerSocket {
  /** Sends bytes: a binary message, or a text in UTF-8, encoded already so that a broadcast does it once for all. */
  send(bytes: Uint8Array, binary: boolean): void
  close(code: number, reason: string): void
  /** Ends it at once, without a closing handshake. */
  terminate(): void
  /** Bytes handed over and not yet with the operating system. */
  bufferedAmount(): number
  /** Says who hears it; called once. */
  listen(handlers: ServerSocketHandlers): void
}

export interface ServerSocketHandlers {
  onMessage(data: WireData): void
  /** The other end broke WebSocket itself, by a message too large for instance; the socket closes by itself. */
  onError(error: Error): void
  onClose(code: number, reason: string): void
}
