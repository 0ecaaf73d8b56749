import { check } from '../../core/client/options.js'
import type { Drop, Explanation, Url } from '../../core/client/public.js'
import { browserEnvironment } from '../../core/platform/browser.js'
import type { Environment } from '../../core/platform/environment.js'
import { createEventHandler } from './event-handler.js'
import { createLink, type Link } from './link.js'
import { type HoldfastWebSocketOptions, toOptions, type UrlProvider } from './options.js'
import { closeEvent, toAddress, toClose, toProtocols, toSendable } from './standard.js'

/** The events: those of the standard, and two more. */
export interface HoldfastWebSocketEventMap extends WebSocketEventMap {
  /** Any change of what it is at. `detail` is as `explain()` of a client gives it. */
  'holdfast:status': CustomEvent<Explanation>
  /** A message that waited will not be sent. Who prevents the default takes note of it; else it is logged. */
  'holdfast:drop': CustomEvent<Pick<Drop, 'why' | 'data'>>
}

type Listener<Type extends keyof HoldfastWebSocketEventMap> = (
  this: HoldfastWebSocket,
  event: HoldfastWebSocketEventMap[Type],
) => unknown

/**
 * The standard's `WebSocket` (WHATWG WebSockets, section 3), that comes back.
 *
 * After a cut there is a `close` with the real code, and an `open` when it is back; in between `readyState` is CONNECTING,
 * and what is sent waits, within the limits of `queue`. A failed attempt is an `error`. It is CLOSED when it will not come
 * back: after `close()`, by the close code, or after `maxAttempts`. With `reconnect: false` it is like the platform's in
 * all of that.
 */
export class HoldfastWebSocket extends EventTarget implements WebSocket {
  declare static readonly CONNECTING: 0
  declare static readonly OPEN: 1
  declare static readonly CLOSING: 2
  declare static readonly CLOSED: 3
  declare readonly CONNECTING: 0
  declare readonly OPEN: 1
  declare readonly CLOSING: 2
  declare readonly CLOSED: 3

  static {
    for (const [value, name] of ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'].entries()) {
      for (const holder of [HoldfastWebSocket, HoldfastWebSocket.prototype])
        Object.defineProperty(holder, name, { value, enumerable: true })
    }
  }

  readonly #link: Link
  readonly #reconnects: boolean
  readonly #onopen = createEventHandler(this, 'open')
  readonly #onmessage = createEventHandler(this, 'message')
  readonly #onerror = createEventHandler(this, 'error')
  readonly #onclose = createEventHandler(this, 'close')
  #binaryType: BinaryType = 'blob'
  #origin = ''

  /**
   * A class to hand to a library that takes a WebSocket class and reconnects by itself: its sockets end at their first
   * `close`. Throws `InvalidOption`.
   */
  static once(options: Omit<HoldfastWebSocketOptions, 'reconnect'> = {}): typeof HoldfastWebSocket {
    const given = { ...options, reconnect: false }
    toOptions(() => '', [], given, environmentOf(given))
    return class extends HoldfastWebSocket {
      constructor(url: Url | UrlProvider, protocols?: string | string[]) {
        super(url, protocols, given)
      }
    }
  }

  /**
   * `url`: `ws`, `wss`, `http` or `https`, or relative to the page; or a function that gives it for each attempt, told how the
   * last one ended. Throws a `SyntaxError` for what the standard does not take as URL or as subprotocols, and
   * `InvalidOption`.
   */
  constructor(url: Url | UrlProvider, protocols: string | string[] = [], options: HoldfastWebSocketOptions = {}) {
    super()
    const environment = environmentOf(options)
    const address = typeof url === 'function' ? url : toAddress(url, environment)
    const names = toProtocols(protocols)
    check(!!environment.WebSocket, 'environment.WebSocket', 'a class, for there is none here')
    const normal = toOptions(address, names, options, environment)
    this.#reconnects = normal.reconnect
    this.#link = createLink(typeof address === 'string' ? address : '', normal, environment, {
      onOpen: () => {
        this.#origin = new URL(this.url).origin
        this.dispatchEvent(new Event('open'))
      },
      onData: (data) => {
        const isBlob = this.#binaryType === 'blob' && typeof data !== 'string'
        this.dispatchEvent(
          new MessageEvent('message', { data: isBlob ? new Blob([data]) : data, origin: this.#origin }),
        )
      },
      onError: () => this.dispatchEvent(new Event('error')),
      onClose: (close) => this.dispatchEvent(closeEvent(close)),
      onStatus: (detail) => this.dispatchEvent(new CustomEvent('holdfast:status', { detail })),
      onDrop: (data, why) => {
        const detail = { why, data }
        const drop = new CustomEvent('holdfast:drop', { detail, cancelable: true })
        if (this.dispatchEvent(drop)) normal.logger.warn('Message dropped unsent', detail)
      },
    })
  }

  get [Symbol.toStringTag](): string {
    return 'WebSocket'
  }
  get url(): string {
    return this.#link.url
  }
  /** CONNECTING also between a cut and the next `open`. */
  get readyState(): number {
    return this.#link.readyState
  }
  /** Bytes that the network has not taken, those that wait for a connection among them. */
  get bufferedAmount(): number {
    return this.#link.bufferedAmount
  }
  get extensions(): string {
    return this.#link.extensions
  }
  get protocol(): string {
    return this.#link.protocol
  }
  get binaryType(): BinaryType {
    return this.#binaryType
  }
  set binaryType(type) {
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type
  }

  get onopen(): WebSocket['onopen'] {
    return this.#onopen.get()
  }
  set onopen(handler) {
    this.#onopen.set(handler)
  }
  get onmessage(): WebSocket['onmessage'] {
    return this.#onmessage.get()
  }
  set onmessage(handler) {
    this.#onmessage.set(handler)
  }
  get onerror(): WebSocket['onerror'] {
    return this.#onerror.get()
  }
  set onerror(handler) {
    this.#onerror.set(handler)
  }
  get onclose(): WebSocket['onclose'] {
    return this.#onclose.get()
  }
  set onclose(handler) {
    this.#onclose.set(handler)
  }

  /**
   * Sends, or waits for a connection to do so. While CONNECTING, and not to come back, it throws an `InvalidStateError`.
   * Throws `QueueFull` if no more may wait. After the end data is discarded, as the standard has it.
   */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (!this.#reconnects && this.readyState === 0) {
      throw new DOMException('The WebSocket is still connecting.', 'InvalidStateError')
    }
    this.#link.send(toSendable(data))
  }

  /**
   * Ends it for good. What waits is sent first if there is a connection, else it is dropped. One `close` follows: with the
   * server's code if it answers within `closeTimeoutMs`. Throws an `InvalidAccessError` for a code that is not 1000 or from
   * 3000 to 4999, and a `SyntaxError` for a reason of more than 123 bytes.
   */
  close(code?: number, reason?: string): void {
    this.#link.close(...toClose(code, reason))
  }

  override addEventListener<Type extends keyof HoldfastWebSocketEventMap>(
    type: Type,
    listener: Listener<Type>,
    options?: boolean | AddEventListenerOptions,
  ): void
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void {
    super.addEventListener(type, listener, options)
  }

  override removeEventListener<Type extends keyof HoldfastWebSocketEventMap>(
    type: Type,
    listener: Listener<Type>,
    options?: boolean | EventListenerOptions,
  ): void
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener, options)
  }
}

const environmentOf = ({ environment }: HoldfastWebSocketOptions): Environment => ({
  ...browserEnvironment(),
  ...environment,
})
