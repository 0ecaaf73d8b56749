import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type {
  CallArguments,
  ChannelName,
  Channels,
  EventName,
  MethodName,
  ParamsOf,
  Received,
  Requests,
  ResultOf,
  Sent,
  ServerRequests,
  UntypedApp,
} from '../protocol/app.js'
import type { ServerContract, Validate } from '../protocol/contract.js'
import type { ReconnectWindow } from '../protocol/window.js'
import type { Wire } from '../protocol/wire.js'
import type { Logger } from '../shared/logger.js'
import type { ServerMetrics } from './metrics.js'
import type { DedupeStore, HistoryLimits, HistoryStore, SessionStore } from './stores.js'

/** What limits one question to a page. */
export interface ServerRequestOptions {
  /** Time for this request, in ms, instead of `requestTimeoutMs`. */
  timeoutMs?: number
  /** Aborts the request, on the page too; it rejects with `signal.reason`. */
  signal?: AbortSignal
}

/** How an event goes out. */
export interface SendOptions {
  /**
   * Fit for what is soon out of date, such as a position: written now or not at all, never kept for later. Default
   * `false`.
   */
  volatile?: boolean
}

/**
 * One client, as handlers see it: one session, or on the plain wire one connection. In a session it stays the same
 * through any number of connections, and what is sent here while there is none arrives when the page is back.
 */
export interface ServerClient<App = UntypedApp> {
  /** Number of this client, counted up from 1. */
  readonly id: number
  /** What `auth` returned, the last time that it was asked; `undefined` without `auth`. */
  readonly subject: unknown
  /** Address that the newest connection came from: the option `address`. */
  readonly address: string
  /** Names of the channels that this client has joined. */
  readonly channels: ReadonlySet<string>
  /** Aborts when the client is gone for good. From then on what is sent here goes nowhere. */
  readonly signal: AbortSignal
  /**
   * Asks the page (its `handle`). Rejects with `RemoteError` (its answer), `RequestTimeout`, `signal.reason`,
   * `DeliveryUnknown` (sent, then the client was gone) or `ClientClosed` (gone before it was asked).
   */
  request<M extends MethodName<ServerRequests<App>>>(
    method: M,
    ...rest: CallArguments<ServerRequests<App>[M], ServerRequestOptions>
  ): Promise<ResultOf<ServerRequests<App>[M]>>
  /** Sends an event to this client alone, joined or not. Throws what `wire.encode` throws. */
  send<Name extends ChannelName<App>, E extends EventName<Sent<Channels<App>[Name]>>>(
    channel: Name,
    event: E,
    data: Sent<Channels<App>[Name]>[E],
    options?: SendOptions,
  ): void
  /** Sends a raw message to this client alone. Bytes are copied. */
  sendRaw(data: string | Uint8Array): void
  /**
   * Closes this client, and ends its session; the code (default 1000) tells the page whether to come back, `window`
   * when (PROTOCOL.md, section 7). A reason is cut to what fits. Throws `InvalidOption` for a code that no server may
   * send.
   */
  close(code?: number, reason?: string, window?: ReconnectWindow): void
}

/** What handlers are told beside the data. */
export interface ServerContext<App = UntypedApp> {
  /** Who asked or sent this. */
  readonly client: ServerClient<App>
  /** What `auth` returned. */
  readonly subject: unknown
  /** Aborts when the client cancels, waits no longer (`TimeoutError`), or is gone for good. */
  readonly signal: AbortSignal
  /**
   * Of an idempotent request: the name that no other has, and that it keeps when it is asked again. The kit answers
   * from memory what it has answered before (`dedupe`); where an effect must happen once even if this process dies
   * before it is remembered, write the key in the transaction of the effect. A stream has it too, and runs each time.
   */
  readonly key: string | undefined
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
   * Whether a client may be in the channel: asked before `join`, and again each time that its session goes on. A throw
   * refuses the join, or ends the session; the page then begins another. Without it everybody may.
   */
  authorize?(context: ServerContext<App>): unknown
  /**
   * Keeps the last events that were broadcast, so that a page which lost its session gets those that it missed, or is
   * told that some are gone. `true`: the last 1,000 events, for 300,000 ms. Volatile events and those of `client.send`
   * are not kept.
   */
  history?: true | HistoryLimits
  /**
   * The channel as it is now, with `history`: sent as the event `state` to a client that enters and does not get all
   * that it missed, before every event that comes after.
   */
  getState?(context: ServerContext<App>): unknown
  /**
   * Whether a client may join, with the params of its `join`. A throw refuses, and travels as code and message; what it
   * returns is the answer. Without it everybody may.
   */
  join?(params: unknown, context: ServerContext<App>): unknown
  /** A client has left: by `leave` or because it is gone. Comes after its last event was handled. */
  leave?(context: ServerContext<App>): void
  /** Handlers of the events that members send. Events without one are passed to no one; a throw is logged. */
  on?: {
    [E in EventName<Received<Channels<App>[Name]>>]?: (
      data: Received<Channels<App>[Name]>[E],
      context: ServerContext<App>,
    ) => void | Promise<void>
  }
}

/** A channel of any app. */
export type AnyChannel = ServerChannel<UntypedApp, string>

/** What a new client shows before it is let in. */
export interface Credentials {
  /** The `token` in its `hi`, or in the params of its `auth` frame; unchecked. */
  readonly token: unknown
  /** The upgrade request, for cookies and headers. */
  readonly request: IncomingMessage
}

/** Options of `createServer`. Nonsense throws `InvalidOption`, which names the field. */
export interface ServerOptions<App = UntypedApp> {
  /** Port to listen on; 0 for any. Either this or `server`. */
  port?: number
  /** Address to listen on, with `port`. Default: all. */
  host?: string
  /** An HTTP server to answer upgrades on. It stays yours: `close` does not close it. */
  server?: HttpServer | HttpsServer
  /** Path of the WebSocket. Default: any. Upgrades to other paths are left to the server's other listeners. */
  path?: string
  /**
   * What `defineContract` of `holdfast/contract` gave: types of this server, and schemas for what pages send. Params that
   * do not fit are answered with -32602 before the handler, with `data: { path, issues }`; events and answers are dropped;
   * each is counted (`protocolErrors`). Handlers get what the schema makes of a value.
   */
  contract?: ServerContract<App>
  /**
   * Which values are held against the contract. `'in'`: what pages send. `'both'`: what goes to them, too; what does not
   * fit throws where it is sent, and an answer goes as -32603. `'none'`: none. Default `'in'`.
   */
  validate?: Validate
  /** Handlers of requests, by method. `auth`, `join`, `leave` and `contract` are reserved. */
  requests?: { [M in MethodName<Requests<App>>]?: RequestHandler<App, Requests<App>[M]> }
  /** Channels that clients may join, by name; `{}` for one that everybody may join. */
  channels?: { [Name in ChannelName<App>]?: ServerChannel<App, Name> }
  /**
   * Takes the token, gives the subject. A throw refuses the client, worded like the error of a handler, and closes with
   * 4403 if its code is `'forbidden'` or 403, else with 4401. With `auth`, every client must authenticate first
   * (PROTOCOL.md, section 5); without it any token is accepted unseen. Asked again each time that a session goes on,
   * which it does only for a subject that is equal, as `isDeepStrictEqual` of `node:util` has it.
   */
  auth?: (credentials: Credentials) => unknown
  /** Time for a client to come in: to authenticate, `auth` included, or to say anything at all, in ms. Default 10,000. */
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
  /** A client is in: connected and, with `auth`, accepted. A session that goes on is no new client. */
  onConnect?: (client: ServerClient<App>) => void
  /**
   * A client that was in is gone for good. The code is the server's if the server closed; that of the last connection
   * for a session whose page did not come back.
   */
  onDisconnect?: (client: ServerClient<App>, code: number, reason: string) => void
  /**
   * How often each client is pinged, in ms; one that leaves two pings in a row without a sign is cut. Default 15,000.
   */
  pingIntervalMs?: number
  /** Time that `client.request` waits for its answer, in ms. Default 30,000. */
  requestTimeoutMs?: number
  /** Limits. */
  limits?: ServerLimits
  /**
   * Sessions (PROTOCOL.md, section 9), for pages that ask for one: a client outlives its connections, and nothing that
   * is said is lost or doubled by a cut. `false`: none, and no page gets an answer to its `hi`.
   */
  sessions?: false | SessionOptions
  /** Where the answers to idempotent requests are remembered. Default: `memoryDedupe()`. */
  dedupe?: DedupeStore
  /** Where the events of channels with `history` are kept. Default: `memoryHistory()`. */
  history?: HistoryStore
  /** How frames look on the wire. `'jsonrpc'` adds `"jsonrpc": "2.0"`. Default `'json'`. */
  wire?: 'json' | 'jsonrpc' | Wire
  /** Where it reports what no handler took. Default: warnings and errors to `console`. */
  logger?: Logger
}

/** How long and how much a session keeps. */
export interface SessionOptions {
  /** How long a session waits for its page to come back, in ms. Default 300,000. */
  ttlMs?: number
  /**
   * Sessions in all. One more takes the place of the one that waits longest for its page; where none waits, the page is
   * told 1013 with a window. Default 20,000.
   */
  maxSessions?: number
  /** Messages of one session that its page has not acknowledged; more ends the session with 4002. Default 10,000. */
  maxMessages?: number
  /** Their bytes; more ends the session with 4002. Default 4 MiB. */
  maxBytes?: number
  /**
   * The bytes of all sessions. More ends those that wait for their page, the longest waiting first, and then those that
   * are sent more. A broadcast counts once for each session, though it is kept once. Default 256 MiB.
   */
  maxTotalBytes?: number
  /**
   * Pages that lose their connection are to come back at a random moment of this many ms. Default: by their own policy.
   */
  windowMs?: number
  /** Carries the sessions over a planned restart: see `close`. Default: they end with the server. */
  store?: SessionStore
}

/** What one client, or all of them, may ask of the server. */
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
   * Bytes that may wait for a slow reader; more closes with 1013 (in a session: see `sessions.maxBytes`). As many of
   * one client's messages may wait for a slow handler; more closes with 4429. Default 4 MiB.
   */
  maxBufferedBytes?: number
  /** Channels that one client may be in; one more is answered `TOO_MANY_CHANNELS`. Default 256. */
  maxChannels?: number
}

/** How a server says goodbye. */
export interface CloseOptions {
  /** The clients are to come back at a random moment of this many ms. Default 5,000. */
  windowMs?: number
  /** How long each of these may take, in ms: what a page has begun, saving its session, its going. Default 2,000. */
  graceMs?: number
  /** First part of the close reason. Default `restart`. */
  reason?: string
  /** Where pages with a session go, if not to the URL that they know. */
  url?: string
}

/** How an event goes out to a channel, and to whom not. */
export interface BroadcastOptions<App = UntypedApp> extends SendOptions {
  /** A member that is passed over. */
  except?: ServerClient<App>
}

/** A server that runs, from `createServer` to `close`. */
export interface Server<App = UntypedApp> {
  /** Resolves when it listens, with the port; rejects if it cannot. */
  listening(): Promise<number>
  /** Clients that are in, now. */
  readonly clients: ReadonlySet<ServerClient<App>>
  /**
   * Sends an event to every member of a channel, encoded once. Gives the number of those it was sent to, or is kept
   * for.
   */
  broadcast<Name extends ChannelName<App>, E extends EventName<Sent<Channels<App>[Name]>>>(
    channel: Name,
    event: E,
    data: Sent<Channels<App>[Name]>[E],
    options?: BroadcastOptions<App>,
  ): number
  /** Members of a channel, now. */
  members(channel: ChannelName<App>): ReadonlySet<ServerClient<App>>
  /** Figures since the start, and of the moment. */
  metrics(): ServerMetrics
  /**
   * Stops listening, where it has a port of its own, so that its successor can start at once, and sends all clients
   * there: each at a random moment of `windowMs` (default 5,000).
   *
   * On the plain wire that is a close with 1012 and the window; who does not go within `graceMs` (default 2,000) is
   * cut. A page with a session is told, opens a connection to the successor, and leaves when this server has handled
   * and answered all that it said, for at most `graceMs`; with `sessions.store` its session goes with it. Who has not
   * left after `windowMs` and `graceMs` is closed as on the plain wire.
   *
   * Resolves when all are gone and all sessions are saved: at the latest after `windowMs` and three times `graceMs`. A
   * second call gives the promise of the first.
   */
  close(options?: CloseOptions): Promise<void>
}
