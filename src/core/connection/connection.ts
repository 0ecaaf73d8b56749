/**
 * Drives the state machine: one socket at a time, whose life turns into events, and whose state into what is done.
 *
 * Every callback first asks whether it still speaks for the present attempt. An abandoned socket is closed and never
 * waited for: its close event may be 60 s away (Chromium; 20 s in Firefox) if the peer does not answer.
 */
import { type ReconnectWindow, readWindow } from '../../protocol/window.js'
import type { WireData } from '../../protocol/wire.js'
import type { Counters } from '../../shared/counters.js'
import type { Report } from '../../shared/emitter.js'
import { HoldfastError } from '../../shared/errors.js'
import { createAlarm, NEVER } from '../platform/alarm.js'
import {
  type CloseLike,
  type Environment,
  type Hint,
  type MessageLike,
  OPEN,
  type SocketLike,
} from '../platform/environment.js'
import type { Sendable } from '../platform/sendable.js'
import type { Backoff } from './backoff.js'
import { type CloseInfo, defaultWindow, policyOf } from './close-codes.js'
import { createHeartbeat, type Heartbeat, type HeartbeatSettings } from './heartbeat.js'
import { type Event, IDLE, type State, transition } from './state.js'

/** A page that has been hidden for longer than this, in ms, makes no attempts: nobody is waiting for it. */
const HIDDEN_LONG_MS = 5 * 60_000

export interface ConnectionOptions {
  url(lastClose: CloseInfo | undefined): string | URL | Promise<string | URL>
  /** Gives the token; `undefined` if there is none. */
  auth(lastClose: CloseInfo | undefined): unknown
  /** Whether asking again can give other credentials. */
  canRefresh: boolean
  protocols: string[]
  backoff: Backoff
  openTimeoutMs: number
  heartbeat: HeartbeatSettings | false
  shouldReconnect(close: CloseInfo): boolean | undefined
}

/** Which way a frame travels, as the page sees it. */
export type Direction = 'in' | 'out'

/** What the connection calls upward. */
export interface ConnectionHandlers {
  /** The socket is open: `confirm` makes the connection usable, now or after a handshake. */
  onSocketOpen(token: unknown): void
  onOpen(): void
  onData(data: WireData): void
  /** A frame came, or is about to go. On the path of every message. */
  onFrame(direction: Direction, data: Sendable): void
  onLost(close: CloseInfo): void
  /** There will be no other attempt by itself. */
  onEnd(): void
  onChange(): void
  /** A ping or a pong is about to go out, or the client leaves the socket: what is owed goes first. `final`: for good. */
  sayOwed(final: boolean): void
  /** Something went wrong that no promise tells of. */
  onError(error: HoldfastError): void
  report: Report
}

/** A socket that may be opened beside the present one, and what the app gave as its token. */
export interface SecondSocket {
  readonly token: unknown
  open(): SocketLike
}

export interface Connection {
  readonly state: State
  /** How the last connection or attempt ended. */
  readonly lastClose: CloseInfo | undefined
  start(): void
  /** The handshake is done. `window`: when to come back if the connection is lost without a word. */
  confirm(window?: ReconnectWindow): void
  /** Hands data to the socket; tells whether it took it. Throws what the socket throws. What is no message is not counted. */
  send(data: Sendable, isMessage?: boolean): boolean
  /** Something came that proves: all that was sent when `counters.sent` was `sent` has arrived. */
  confirmSent(sent: number): void
  /** The socket is no good: drops it and goes on by policy; `code` is for the other end. */
  fail(reason: string, cause: unknown, code?: number): void
  /** Prepares a socket beside the present one, to `url` if there is one. */
  dial(url?: string): Promise<SecondSocket>
  /** Hands data to such a socket, and tells of the frame. */
  write(to: SocketLike, data: Sendable): void
  /** Calls back with what comes from it, and tells of the frame; until `adopt`. */
  read(from: SocketLike, onData: (data: WireData) => void): void
  /** Puts a socket whose handshake is done in the place of the present one. `window` as for `confirm`. */
  adopt(socket: SocketLike, window: ReconnectWindow | undefined): void
  /** Bytes that the socket has taken and not handed on. */
  buffered(): number
  close(code: number, reason: string): void
}

export function createConnection(
  options: ConnectionOptions,
  environment: Environment,
  counters: Counters,
  handlers: ConnectionHandlers,
): Connection {
  const { now } = environment
  const alarm = createAlarm(environment)
  let state = IDLE
  let lastClose: CloseInfo | undefined
  let socket: SocketLike | undefined
  let heartbeat: Heartbeat | undefined
  /** Counts what has been begun, so that what is late can see that it is. */
  let attempt = 0
  /** What `counters.sent` was when the last of these was written. */
  let confirmed = 0
  /** Has not ended since it was made or began anew. */
  let alive = true
  let endHints: (() => void) | undefined
  /** The server's wish for a connection that is lost without a word. */
  let lostWindow: ReconnectWindow | undefined
  /** When the page was hidden last, as far as is known; it says something only while it is hidden. */
  let hiddenSince = 0

  const dispatch = (event: Event): void => {
    const before = state
    const entered = transition(state, event, { ...options, now: now(), random: environment.random() })
    if (entered === before) return
    state = entered
    const { status } = entered
    alarm('until' in entered ? entered.until - now() : NEVER, timeout)
    if ('until' in entered && entered.waitingFor === 'address') void begin()
    if (status === 'waiting' || status === 'closed') abandon()
    if (before.status === 'open' && lastClose) handlers.onLost(lastClose)
    if (status === 'open') {
      heartbeat?.start()
      handlers.onOpen()
    }
    // A listener may have moved on, by close() or reconnect(): then the rest is no longer true.
    if (state === entered && status === 'closed' && alive) {
      alive = false
      endHints?.()
      endHints = undefined
      handlers.onEnd()
    }
    if (state === entered) handlers.onChange()
  }

  const timeout = (): void => {
    if (state.status === 'waiting')
      dispatch({ type: 'timeout', hidden: environment.isHidden() && now() - hiddenSince > HIDDEN_LONG_MS })
    else lose(1006, `no ${'waitingFor' in state && state.waitingFor} in ${options.openTimeoutMs} ms`)
  }

  /** One attempt, in place of whatever there was. */
  const begin = async (): Promise<void> => {
    abandon()
    alive = true
    if (!endHints) {
      hiddenSince = now()
      endHints = environment.onHint(onHint)
    }
    const mine = attempt
    try {
      // Not before connect() has returned.
      await undefined
      if (mine !== attempt) return
      const [url, token] = await prepare()
      if (mine === attempt) dispatch({ type: 'prepared' })
      if (mine === attempt) listenTo(openSocket(url), token)
    } catch (cause) {
      if (mine === attempt) lose(1006, 'no address, token or socket', false, cause)
    }
  }

  const prepare = () => {
    // Each in a promise of its own, so that a throw of one leaves none of the other's unheard.
    const ask = async <T>(provider: (last: CloseInfo | undefined) => T) => provider(lastClose)
    return Promise.all([ask(options.url), ask(options.auth)])
  }

  const openSocket = (url: string | URL): SocketLike => {
    if (!environment.WebSocket) throw new TypeError('no WebSocket')
    const opening = new environment.WebSocket(environment.resolveUrl(String(url)), options.protocols)
    opening.binaryType = 'arraybuffer'
    // A close event follows every error, and says more; but in Node an error that nobody hears ends the process.
    opening.onerror = () => {}
    return opening
  }

  const listenTo = (mine: SocketLike, token?: unknown): void => {
    socket = mine
    confirmed = counters.sent
    mine.onopen = () => {
      if (socket === mine) dispatch({ type: 'opened' })
      if (socket !== mine) return
      beat(mine)
      handlers.onSocketOpen(token)
    }
    mine.onmessage = ({ data }: MessageLike) => {
      if (socket !== mine) return
      handlers.onFrame('in', data)
      heartbeat?.heard()
      if (typeof data !== 'string' || !heartbeat?.take(data)) handlers.onData(data)
    }
    mine.onclose = ({ code, reason, wasClean }: CloseLike) => {
      if (socket === mine) lose(code, reason, wasClean)
    }
  }

  const beat = (mine: SocketLike): void => {
    if (!options.heartbeat) return
    heartbeat = createHeartbeat(options.heartbeat, environment, {
      counters,
      send: (beat) => write(mine, beat),
      buffered,
      sayOwed: handlers.sayOwed,
      onConfirmed: confirmSent,
      onDead: (ms) => lose(1006, `nothing heard for ${ms} ms`),
    })
  }

  const write = (to: SocketLike, data: Sendable): void => {
    handlers.onFrame('out', data)
    to.send(data)
  }

  const buffered = (): number => socket?.bufferedAmount ?? 0

  /** Forgets what has been begun. */
  const abandon = (code?: number, reason?: string): void => {
    attempt++
    heartbeat?.stop()
    const orphan = socket
    socket = heartbeat = undefined
    orphan?.close(code, reason)
  }

  const confirmSent = (sent: number): void => {
    confirmed = Math.max(confirmed, sent)
  }

  const describe = (code: number, reason: string, wasClean: boolean): CloseInfo => ({
    code,
    reason,
    wasClean,
    policy: policyOf(code),
    unconfirmed: state.status === 'open' ? counters.sent - confirmed : 0,
  })

  /** The connection or the attempt has ended: by the network, the server, the heartbeat or a `cause`. */
  const lose = (code: number, reason: string, wasClean = false, cause?: unknown): void => {
    const mine = attempt
    const window = readWindow(reason) ?? defaultWindow(code) ?? (state.status === 'open' ? lostWindow : undefined)
    const close = describe(code, reason, wasClean)
    if (cause || state.status !== 'open') {
      handlers.onError(new HoldfastError('CONNECT_FAILED', `Connection failed: ${code} ${reason}`, cause))
    }
    let comesBack: boolean | undefined
    try {
      comesBack = options.shouldReconnect(close)
    } catch (error) {
      handlers.report('shouldReconnect', error)
    }
    // A callback may have moved on.
    if (mine !== attempt) return
    lastClose = close
    comesBack ??= close.policy === 'retry' || (close.policy === 'refresh' && options.canRefresh)
    dispatch({ type: 'failed', stop: !comesBack, window })
  }

  /** The app or the page wants something else; a socket that there is ends by it. */
  const depart = (type: 'start' | 'suspend' | 'close', code: number, reason: string, final = false): void => {
    if (socket) {
      handlers.sayOwed(final)
      lastClose = describe(code, reason, true)
      abandon(code, reason)
    }
    dispatch({ type })
  }

  const onHint = (hint: Hint): void => {
    if (hint === 'hidden') hiddenSince = now()
    else if (/^(pagehide|freeze|unload)$/.test(hint)) depart('suspend', 1000, 'page hidden', hint === 'unload')
    else {
      heartbeat?.probe()
      if (hint === 'online' || hint === 'focus') dispatch({ type: 'hurry' })
      else if (hint !== 'offline') dispatch({ type: 'wake' })
    }
  }

  return {
    get state() {
      return state
    },
    get lastClose() {
      return lastClose
    },
    start: () => depart('start', 1000, 'reconnect'),
    confirm(window) {
      lostWindow = window
      dispatch({ type: 'confirmed' })
    },
    send(data, isMessage = true) {
      if (socket?.readyState !== OPEN) return false
      heartbeat?.sending(data)
      write(socket, data)
      if (isMessage) counters.sent++
      return true
    },
    confirmSent,
    fail(reason, cause, code) {
      // The other end hears why; for this one the connection is as good as cut.
      if (code) socket?.close(code, reason)
      lose(1006, reason, false, cause)
    },
    async dial(url) {
      const [address, token] = await prepare()
      return { token, open: () => openSocket(url ?? address) }
    },
    adopt(mine, window) {
      abandon(1000, 'moved')
      lostWindow = window
      listenTo(mine)
      beat(mine)
      heartbeat?.start()
    },
    write,
    read(from, onData) {
      from.onmessage = ({ data }: MessageLike) => {
        handlers.onFrame('in', data)
        onData(data)
      }
    },
    buffered,
    close: (code, reason) => depart('close', code, reason, true),
  }
}
