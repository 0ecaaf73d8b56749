import type { CloseLike, MessageLike, SocketLike } from '../core/platform/environment.js'
import type { Sendable } from '../core/platform/sendable.js'
import { truncateReason } from '../protocol/window.js'
import type { WireData } from '../protocol/wire.js'

const CONNECTING = 0
const OPEN = 1
const CLOSING = 2
const CLOSED = 3

/** What the page gave to `close`. */
export interface CloseRequest {
  readonly code: number | undefined
  readonly reason: string | undefined
}

/**
 * A WebSocket whose far end the test drives by hand. The near end behaves as WHATWG WebSockets, section 3 has it, down
 * to what it throws and what it loses in silence.
 *
 * Nothing happens by itself: a socket that is left alone is a black hole. It never opens, or hears nothing; a `close()`
 * of the page leaves it CLOSING until `serverClose()` or `cut()`.
 */
export class FakeWebSocket implements SocketLike {
  readyState: number = CONNECTING
  /** Bytes that the network has not taken yet. The test sets it; nothing else does. */
  bufferedAmount = 0
  binaryType = 'blob'
  onopen: ((event: object) => void) | null = null
  onmessage: ((event: MessageLike) => void) | null = null
  onclose: ((event: CloseLike) => void) | null = null
  onerror: ((event: object) => void) | null = null
  /** What reached the network, oldest first. What is sent while CLOSING or CLOSED does not, as in a browser. */
  readonly sent: Sendable[] = []
  /** The first `close()` of the page, if there was one. */
  closeRequest: CloseRequest | undefined
  private nextThrow: { error: unknown } | undefined

  constructor(
    readonly url: string,
    readonly protocols: readonly string[] = [],
  ) {}

  send(data: Sendable): void {
    if (this.readyState === CONNECTING) throw new DOMException('still CONNECTING', 'InvalidStateError')
    const thrown = this.nextThrow
    this.nextThrow = undefined
    if (thrown) throw thrown.error
    if (this.readyState === OPEN) this.sent.push(data)
  }

  close(code?: number, reason?: string): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`the code ${code} is not for pages`, 'InvalidAccessError')
    }
    if (reason !== undefined && truncateReason(reason) !== reason) {
      throw new DOMException('the reason is longer than 123 bytes', 'SyntaxError')
    }
    if (this.readyState >= CLOSING) return
    this.readyState = CLOSING
    this.closeRequest = { code, reason }
  }

  /** The server takes the connection. */
  accept(): void {
    this.expect(CONNECTING)
    this.readyState = OPEN
    this.onopen?.({ type: 'open' })
  }

  /** The server refuses the upgrade. A page sees 1006 and no more. */
  refuse(): void {
    this.expect(CONNECTING)
    this.cut()
  }

  /** A message arrives. A socket that is CLOSING drops it, as browsers do. */
  serverSend(data: WireData): void {
    if (this.readyState === CLOSING) return
    this.expect(OPEN)
    this.onmessage?.({ data })
  }

  /** The server closes, or answers the page's `close()`: then its code is that of the page, unless the server says another. */
  serverClose(code = this.closeRequest?.code ?? 1005, reason = this.closeRequest?.reason ?? ''): void {
    this.expect(OPEN, CLOSING)
    this.readyState = CLOSED
    this.onclose?.({ code, reason, wasClean: true })
  }

  /** The network ends the connection: an error, then a close with 1006. */
  cut(): void {
    this.expect(CONNECTING, OPEN, CLOSING)
    this.readyState = CLOSED
    this.onerror?.({ type: 'error' })
    this.onclose?.({ code: 1006, reason: '', wasClean: false })
  }

  /** The next `send()` throws `error`, once, and sends nothing. */
  throwOnSend(error: unknown = new Error('the socket is broken')): void {
    this.nextThrow = { error }
  }

  private expect(...states: number[]): void {
    if (!states.includes(this.readyState)) throw new Error(`The fake socket is in state ${this.readyState}.`)
  }
}
