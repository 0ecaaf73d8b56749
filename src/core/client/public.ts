import type {
  CallArguments,
  ChannelEvents,
  ChannelName,
  EventName,
  ItemOf,
  MethodName,
  ParamsOf,
  Received,
  Requests,
  ResultOf,
  Sent,
  ServerRequests,
  StreamName,
  UntypedApp,
} from '../../protocol/app.js'
import type { Wire, WireData } from '../../protocol/wire.js'
import type { HoldfastError } from '../../shared/errors.js'
import type { Logger } from '../../shared/logger.js'
import type { CloseInfo, Policy } from '../connection/close-codes.js'
import type { Direction } from '../connection/connection.js'
import type { RequestOptions, StreamOptions } from '../messaging/messenger.js'
import type { SendOptions } from '../messaging/room.js'
import type { Environment } from '../platform/environment.js'
import type { Sendable } from '../platform/sendable.js'
import type { SessionEvents, SessionPlugin } from '../session/plugin.js'
import type { DropReason } from '../session/send-queue.js'

export type {
  CloseInfo,
  Direction,
  DropReason,
  Policy,
  RequestOptions,
  Sendable,
  SendOptions,
  SessionPlugin,
  StreamOptions,
}

/** An address: `ws`, `wss`, `http` or `https`, or relative to the page. */
export type Url = string | URL

/** Where the client is. `idle`: not started. `waiting`: for the next attempt, or for the page to come back. */
export type Status = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed'

/**
 * Growing, jittered waits. After n failed attempts the cap is `min(maxMs, initialMs * factor^(n - 1))`, and the wait is
 * at random between half of the cap before it and the cap.
 */
export interface BackoffOptions {
  /** Cap of the wait after the first failed attempt, in ms. Default 1,000: a wait of 250 to 1,000. */
  initialMs?: number
  /** Growth of the cap with each failure. Default 2. */
  factor?: number
  /** Highest cap, in ms. Default 30,000: in the end waits of 15 to 30 s. */
  maxMs?: number
  /** The first reconnect after a lost connection comes at a random moment of this many ms. Default 1,000. */
  firstWindowMs?: number
  /** Attempts in a row that may fail before the client ends as `closed`. Default `Infinity`. */
  maxAttempts?: number
  /** A connection must have been open for this long, in ms, before failures are forgotten. Default 5,000. */
  stableAfterMs?: number
}

/** A heartbeat in text that the server knows. */
export interface HeartbeatOptions {
  /** Time between two pings, in ms. */
  intervalMs: number
  /** How long after a ping any frame must have arrived, in ms. Default 5,000. */
  timeoutMs?: number
  /** Text the page sends, and answers when the server sends it. Default `'ping'`. */
  ping?: string
  /** Text of the answer. Default `'pong'`. Neither text reaches `message`. */
  pong?: string
}

/** What waits while there is no connection, or while the connection takes no more. */
export interface QueueOptions {
  /** Highest number of waiting messages. Default 10,000. */
  maxMessages?: number
  /** Highest sum of waiting bytes (text in UTF-8; a Blob by its size). Default 16 MiB. */
  maxBytes?: number
  /** Longest time a message waits, in ms; then it is dropped with a `drop` event. Default `Infinity`. */
  ttlMs?: number
  /**
   * What a full queue does. `'reject'`: the call that does not fit throws (a request rejects) with `QueueFull`.
   * `'drop-oldest'`, `'drop-newest'`: that message goes, with a `drop` event (a request rejects). Default `'reject'`.
   */
  overflow?: 'reject' | 'drop-oldest' | 'drop-newest'
}

/** Options of `connect`, all optional. Nonsense throws `InvalidOption`, which names the field. */
export interface ConnectOptions {
  /** Subprotocols offered to the server (RFC 6455, 1.9). Default none. */
  protocols?: string | readonly string[]
  /** Waits between attempts. */
  backoff?: BackoffOptions
  /**
   * Limit for each step of an attempt, in ms: the address and the token, the opening of the socket, the answer to
   * `auth`. A step that takes longer is a failed attempt. Default 10,000.
   */
  openTimeoutMs?: number
  /**
   * How a dead connection is noticed. `'auto'`: nothing is sent before the server has pinged; from then on the page
   * answers, pings in turn to measure the way, and holds the server to the interval it announced. An object: the page
   * pings, from the start. `false`: neither. Default `'auto'`.
   */
  heartbeat?: 'auto' | HeartbeatOptions | false
  /** Limits of the send queue. */
  queue?: QueueOptions
  /** Time a request may take, waiting for a connection included, in ms. Default 30,000; `Infinity` for no limit. */
  requestTimeoutMs?: number
  /**
   * Has the last word on whether to come back after a lost connection or a failed attempt: `true` or `false` decides,
   * `undefined` leaves it to the close code (`close.policy`). A throw is reported and counts as `undefined`.
   */
  shouldReconnect?: (close: CloseInfo) => boolean | undefined
  /**
   * `resumable()` of `holdfast/resume`: a conversation that outlives its connections, in which every message arrives
   * exactly once, or is named. The server must speak it (PROTOCOL.md, section 9). Default `false`: the plain wire.
   */
  session?: SessionPlugin | false
  /** How frames look on the wire. `'jsonrpc'` adds `"jsonrpc": "2.0"`. Default `'json'`. */
  wire?: 'json' | 'jsonrpc' | Wire
  /**
   * Gives the token for each attempt, or `undefined` for none; it travels in the first frame, and nothing else goes out before the server has
   * accepted it. Called anew for every attempt with the close before it, so that a refused token can be refreshed. A
   * rejection is a failed attempt.
   */
  auth?: (lastClose: CloseInfo | undefined) => unknown
  /**
   * Connect at once, where there is a WebSocket. With `false` the client stays `idle` until `reconnect()`, and only then
   * looks at its address. Default `true`.
   */
  autoConnect?: boolean
  /** Replaces parts of the platform: the WebSocket class in Node, the clock in tests. */
  environment?: Partial<Environment>
  /** Where the client reports what no listener took: `console`, or your own. Default: warnings and errors to `console`. */
  logger?: Logger
}

/** Why the client is where it is: what `explain()` gives. */
export interface Explanation {
  /** As in `client.status`. */
  readonly status: Status
  /** One sentence for people. */
  readonly why: string
  /** What has to happen next, while the client is not open. */
  readonly waitingFor?: 'start' | 'address' | 'socket' | 'auth' | 'retry' | 'server-window' | 'page'
  /** When that wait ends at the latest, as a time of `Date.now()`. */
  readonly until?: number
  /** Attempts that failed in a row before this; forgotten when a connection that was stable is lost. */
  readonly attempts: number
  /** How the last connection or attempt ended. */
  readonly lastClose?: CloseInfo
}

/** Figures of the moment. */
export interface Stats {
  /** Time from the last answered ping to its answer, in ms; `undefined` before the first. */
  readonly roundTripMs: number | undefined
  /** Messages in the send queue. */
  readonly queuedMessages: number
  /** Messages written and not yet acknowledged; 0 without `session`. */
  readonly unacknowledged: number
  /** Bytes of both. */
  readonly queuedBytes: number
  /** Requests and streams without their answer. */
  readonly openRequests: number
  /** As in `explain()`. */
  readonly attempts: number
  /** Connections opened after the first. */
  readonly reconnects: number
  /** Messages written to a socket since `connect`, heartbeats apart. */
  readonly sent: number
  /** Messages received since `connect`, heartbeats apart. */
  readonly received: number
  /** Messages dropped, each with a `drop` event or an error; volatile ones without. */
  readonly dropped: number
  /** Frames that broke the protocol. */
  readonly protocolErrors: number
  /** Messages of the server that came a second time in a session, and were ignored. */
  readonly duplicates: number
}

/** A message that will not be sent. */
export interface Drop {
  /** Too many waited, it waited too long, the client ended, or the server takes none so long. */
  readonly why: DropReason
  /** As it was to travel. */
  readonly data: Sendable
  /** For an event of a channel. */
  readonly channel: string | undefined
}

/** What `client.on` listens to, and what each event brings. */
export interface ClientEvents extends SessionEvents {
  /**
   * The connection is usable. Listeners run after channels have asked to join again and before anything queued goes
   * out: what they send goes ahead of it.
   */
  open: { reconnected: boolean }
  /** An open connection is gone. */
  close: CloseInfo
  /** The client has ended and will not come back by itself; the error says why. */
  end: HoldfastError
  /** Any change of `explain()`. */
  status: Explanation
  /** A text that is no frame, or any bytes, as they came. */
  message: WireData
  /** A queued message will not be sent. */
  drop: Drop
  /**
   * Every frame as it travels, heartbeats and what a session says among it: when it has come in, before it is looked at,
   * and when it is about to be handed to the socket. For tools: it costs nothing while nobody listens.
   */
  frame: { readonly direction: Direction; readonly data: Sendable }
  /** A failed attempt, a listener that threw, a frame that broke the protocol. */
  error: HoldfastError
}

/** What a handler of `handle` is told beside the params. */
export interface HandlerContext {
  /** Aborts when the server cancels the request or the connection is lost. */
  readonly signal: AbortSignal
}

/** A named stream of typed events, both ways. */
export interface Channel<Events> {
  /** As it travels. */
  readonly name: string
  /** Listens to an event; gives a function that takes the listener off again. */
  on<E extends EventName<Received<Events>>>(event: E, listener: (data: Received<Events>[E]) => void): () => void
  /** Sends an event; queued while offline. Throws `QueueFull`, `ClientClosed`, and what cannot be encoded throws. */
  send<E extends EventName<Sent<Events>>>(
    event: E,
    ...data: undefined extends Sent<Events>[E]
      ? [data?: Sent<Events>[E], options?: SendOptions]
      : [data: Sent<Events>[E], options?: SendOptions]
  ): void
  /**
   * Sends an event and resolves when the server has handled it. Rejects with the message's fate: `MessageDropped` or
   * `QueueFull` (never sent), `DeliveryUnknown` (sent in a session that was lost), or like `send`. Needs
   * `session: resumable()`, else rejects with `InvalidOption`.
   */
  deliver<E extends EventName<Sent<Events>>>(
    event: E,
    ...data: undefined extends Sent<Events>[E] ? [data?: Sent<Events>[E]] : [data: Sent<Events>[E]]
  ): Promise<void>
  /**
   * Asks the server to let this client in, now and again on every new connection, before anything queued goes out.
   * Resolves with the server's first answer. Rejects like `request`, and with code `REPLACED` when a newer `join` or
   * `leave` comes first. A refusal (`RemoteError`) ends the joining; a timeout or a passing fault of the server (-32603)
   * does not. What later connections say is reported as `error` with code `JOIN_FAILED`.
   */
  join(params?: unknown): Promise<unknown>
  /**
   * Ends the joining and tells the server, behind what was sent before it; listeners stay. Resolves with its answer, at
   * once if not joined. Rejects like `request`, and with code `REPLACED` when a newer `join` comes first.
   */
  leave(): Promise<unknown>
}

/** A connection that comes back by itself. */
export interface Client<App = UntypedApp> {
  /** Where it is, now; `explain()` says why. */
  readonly status: Status
  /** Figures of the moment; each time an object of its own. */
  readonly stats: Stats
  /** Listens; gives a function that takes the listener off again. A listener that throws is reported as `error`. */
  on<E extends keyof ClientEvents>(event: E, listener: (data: ClientEvents[E]) => void): () => void
  /** Resolves at the next `open`: now, if open. Rejects when the client ends. */
  opened(): Promise<void>
  /**
   * Sends one raw message, like `WebSocket.send`; queued while offline. Throws `QueueFull` (overflow `'reject'`),
   * `ClientClosed`, `InvalidOption` for what is no text, bytes or Blob, and what the socket throws.
   */
  send(data: Sendable, options?: SendOptions): void
  /**
   * Asks the server. Rejects with `RemoteError` (its answer), `RequestTimeout`, `signal.reason`, `QueueFull`,
   * `MessageDropped` (never sent), `DeliveryUnknown` (sent, then cut) or `ClientClosed`.
   */
  request<M extends MethodName<Requests<App>>>(
    method: M,
    ...rest: CallArguments<Requests<App>[M], RequestOptions>
  ): Promise<ResultOf<Requests<App>[M]>>
  /**
   * Asks for a stream, once iteration starts. `break` and `signal` cancel it on the server. Throws what `request`
   * rejects with, and code `STREAM_OVERFLOW` when 10,000 items wait unread.
   */
  stream<M extends StreamName<Requests<App>>>(
    method: M,
    ...rest: CallArguments<Requests<App>[M], StreamOptions>
  ): AsyncIterable<ItemOf<Requests<App>[M]>>
  /**
   * Answers requests of the server, one handler a method. A throw travels as `code` and `message`. Gives a function
   * that takes the handler off again. Throws `InvalidOption` if the method has a handler.
   */
  handle<M extends MethodName<ServerRequests<App>>>(
    method: M,
    handler: (
      params: ParamsOf<ServerRequests<App>[M]>,
      context: HandlerContext,
    ) => ResultOf<ServerRequests<App>[M]> | Promise<ResultOf<ServerRequests<App>[M]>>,
  ): () => void
  /**
   * The channel of that name, always the same object. `join`: its params, or `true`, to join without waiting, if that is
   * not wanted already; a failure is reported as `error` with code `JOIN_FAILED`.
   */
  channel<Name extends ChannelName<App>>(name: Name, options?: { join?: unknown }): Channel<ChannelEvents<App, Name>>
  /** Opens a new connection now, past any wait, in place of the present one. Throws `ClientClosed` after `close`. */
  reconnect(): void
  /**
   * Ends the client for good. What is queued is written if open, else dropped with a `drop` event each; every pending
   * promise settles. `code` 1000 or 3000–4999 (default 1000), `reason` at most 123 bytes; else throws `InvalidOption`.
   */
  close(code?: number, reason?: string): void
  /** Why the client is where it is, what it waits for, and until when. */
  explain(): Explanation
  /** Calls back after every change of `getSnapshot()`; gives a function that ends that. */
  subscribe(listener: () => void): () => void
  /** `explain()` as an object that stays the same until something changes. */
  getSnapshot(): Explanation
}
