/**
 * The life below the standard interface: one socket of the platform after another, what waits for the next one, and the end.
 *
 * phase     | when                                            | by whom
 * ----------|-------------------------------------------------|--------------------------------------------
 * `live`    | from the start                                  | the connection: its state says the rest
 * `closing` | after `close()`, until the server has answered  | this file: the connection has let the socket go
 * `closed`  | after that, or when the connection comes to an end | nobody
 */
import { explain } from '../../core/client/explain.js'
import type { Explanation } from '../../core/client/public.js'
import { createConnection } from '../../core/connection/connection.js'
import { createAlarm, NEVER } from '../../core/platform/alarm.js'
import type { CloseLike, Environment, SocketLike } from '../../core/platform/environment.js'
import { bytesOf, type Sendable } from '../../core/platform/sendable.js'
import type { DropReason } from '../../core/session/send-queue.js'
import type { WireData } from '../../protocol/wire.js'
import { createCounters } from '../../shared/counters.js'
import type { NormalOptions } from './options.js'
import { createOutbox } from './outbox.js'

/** Of a connection that did not end by a closing handshake (RFC 6455, 7.1.5). */
const GONE: CloseLike = { code: 1006, reason: '', wasClean: false }

const CONNECTING = 0
const CLOSING = 2
const CLOSED = 3

/** Hints after which the connection would go by itself; one that ends at its first close goes as the platform's does. */
const FAREWELL = /^(pagehide|freeze|unload)$/

/** The members of a socket that only the drop-in reads. */
interface PlatformSocket extends SocketLike {
  readonly protocol?: string
  readonly extensions?: string
}

/** What the link calls upward. */
export interface LinkHandlers {
  onOpen(): void
  onData(data: WireData): void
  /** An attempt failed, or the platform's socket had an error. What comes of it is told next. */
  onError(): void
  onClose(close: CloseLike): void
  onStatus(status: Explanation): void
  onDrop(data: Sendable, why: DropReason): void
}

export interface Link {
  readonly readyState: number
  readonly bufferedAmount: number
  /** Of the newest socket; of one that has not opened all are empty but the URL. */
  readonly url: string
  readonly protocol: string
  readonly extensions: string
  /** Throws `QueueFull`, and what the socket throws. */
  send(data: Sendable): void
  close(code: number | undefined, reason: string | undefined): void
}

/** `url`: as far as it is known before the first attempt. */
export function createLink(
  url: string,
  options: NormalOptions,
  environment: Environment,
  handlers: LinkHandlers,
): Link {
  const { reconnect, closeTimeoutMs, logger } = options
  const alarm = createAlarm(environment)
  let phase: 'live' | 'closing' | 'closed' = 'live'
  let socket: PlatformSocket | undefined
  let address = url
  /** An attempt has failed, or the socket had an error, and nobody has been told. */
  let failed = false
  /** Bytes that were sent too late: they count for ever. */
  let unsent = 0

  const connection = createConnection(options, tap(), createCounters(), {
    onSocketOpen() {
      // Browsers differ in what is an error of an open socket, and so does this.
      if (socket) socket.onerror = onError
      connection.confirm()
    },
    onOpen: () => outbox.open(handlers.onOpen),
    onData(data) {
      // Timers of a hidden page are slow; what arrives wakes a waiting flush in time.
      if (outbox.bytes) outbox.flush()
      if (!isPong(data)) handlers.onData(data)
    },
    onLost: lost,
    onEnd() {
      if (connection.lastClose) lost(connection.lastClose)
    },
    onChange() {
      if (phase === 'closing') return
      tellError()
      handlers.onStatus(explain(connection.state, connection.lastClose))
    },
    onFrame() {},
    sayOwed() {},
    onError,
    report: (where, cause) => logger.error(`${where} threw: catch it there.`, cause),
  })
  const outbox = createOutbox(options.queue, environment, connection, handlers.onDrop)

  function onError(): void {
    failed = true
  }

  /** The environment, with an eye on the socket, and, where it is not to come back, deaf to the page that goes. */
  function tap(): Environment {
    const { WebSocket, onHint } = environment
    return {
      ...environment,
      WebSocket:
        WebSocket &&
        class extends WebSocket {
          constructor(url: string, protocols?: string[]) {
            super(url, protocols)
            address = url
            socket = this
          }
        },
      onHint: (listener) => onHint((hint) => (reconnect || !FAREWELL.test(hint)) && listener(hint)),
    }
  }

  const isOpen = (): boolean => connection.state.status === 'open'

  /** Bytes that answer a ping; texts that do have been taken by the heartbeat. */
  const isPong = (data: WireData): boolean => {
    const { pong } = options.heartbeat || {}
    if (typeof data === 'string' || typeof pong !== 'object' || data.byteLength !== pong.length) return false
    return new Uint8Array(data).every((byte, i) => byte === pong[i])
  }

  /** Bytes that are with the socket, as long as it is of use. */
  const written = (): number => (socket && (phase === 'closing' || isOpen()) ? socket.bufferedAmount : 0)

  /** The connection is gone; for good, if its state says so. */
  function lost(close: CloseLike): void {
    if (phase !== 'live') return
    if (connection.state.status === 'closed') end(socket?.bufferedAmount)
    tell(close)
  }

  /** Nothing will be sent any more. */
  function end(rest = 0): void {
    phase = 'closed'
    unsent += rest + outbox.bytes
    outbox.clear()
  }

  function tell(close: CloseLike): void {
    tellError()
    handlers.onClose(close)
  }

  function tellError(): void {
    const tells = failed
    failed = false
    if (tells) handlers.onError()
  }

  /** The end of `close()`. */
  function finish({ code, reason, wasClean }: CloseLike): void {
    const { state, lastClose } = connection
    alarm(NEVER)
    end(written())
    tell({ code, reason, wasClean })
    handlers.onStatus(explain(state, lastClose && { ...lastClose, code, reason, wasClean }))
  }

  /** Waits for the server to answer the closing handshake. What still goes out shows that somebody takes it. */
  function awaitClose(mine: PlatformSocket): void {
    let before = NEVER
    const look = (): void => {
      const rest = mine.bufferedAmount
      if (rest < before) {
        before = rest || -1
        alarm(closeTimeoutMs, look)
      } else {
        mine.onclose = null
        finish(GONE)
      }
    }
    mine.onclose = finish
    look()
  }

  connection.start()

  return {
    get readyState() {
      if (phase !== 'live') return phase === 'closing' ? CLOSING : CLOSED
      return socket && isOpen() ? socket.readyState : CONNECTING
    },
    get bufferedAmount() {
      return unsent + outbox.bytes + written()
    },
    get url() {
      return address
    },
    get protocol() {
      return socket?.protocol ?? ''
    },
    get extensions() {
      return socket?.extensions ?? ''
    },
    send(data) {
      if (phase === 'live' && reconnect) outbox.send(data)
      else if (phase !== 'live' || !connection.send(data)) unsent += bytesOf(data)
    },
    close(code, reason) {
      if (phase === 'live') outbox.flush(false)
      // If the socket threw, a listener may have closed.
      if (phase !== 'live') return
      const mine = isOpen() ? socket : undefined
      phase = 'closing'
      // Before the connection lets it go, with a code of its own.
      mine?.close(code, reason)
      connection.close(1000, '')
      if (mine) return awaitClose(mine)
      failed = true
      alarm(0, () => finish(GONE))
    },
  }
}
