import type { WireData } from '../../protocol/wire.js'
import type { Logger } from '../../shared/logger.js'
import type { Sendable } from './sendable.js'

/** A sign from the page: never proof that the network is there or gone. `unload`: it is hidden and will not come back. */
export type Hint =
  | 'online'
  | 'offline'
  | 'visible'
  | 'hidden'
  | 'focus'
  | 'pageshow'
  | 'pagehide'
  | 'unload'
  | 'freeze'
  | 'resume'

/** The part of the browser's WebSocket that holdfast uses (WHATWG WebSockets, section 3). */
export interface SocketLike {
  readonly readyState: number
  readonly bufferedAmount: number
  binaryType: string
  onopen: ((event: never) => void) | null
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(data: Sendable): void
  close(code?: number, reason?: string): void
}

/** The members of a message event and of a close event that holdfast reads. */
export interface MessageLike {
  readonly data: WireData
}
export interface CloseLike {
  readonly code: number
  readonly reason: string
  readonly wasClean: boolean
}

/** `readyState` of a socket that takes messages. */
export const OPEN = 1

/** A class like the browser's `WebSocket`; in Node, the one of `ws`. */
export interface SocketClass {
  new (url: string, protocols?: string[]): SocketLike
}

/** Everything the core wants of the world outside. Times in ms. */
export interface Environment {
  /** `undefined` where there is none, as on a server that renders: the client then stays `idle`. */
  WebSocket: SocketClass | undefined
  /** Wall clock that never goes back: a monotonic one may stand still while the machine sleeps, which must be seen. */
  now(): number
  /** Calls back once, after `ms`; gives a function that prevents it. */
  timer(callback: () => void, ms: number): () => void
  /** From 0, inclusive, to 1, exclusive. */
  random(): number
  /** An absolute address, relative ones taken from the page's own. Throws for what is none. */
  resolveUrl(url: string): string
  /** Calls back with every hint of the page; gives a function that ends that. */
  onHint(listener: (hint: Hint) => void): () => void
  /** Whether nobody can see the page. */
  isHidden(): boolean
  /** Makes the signals that handlers of `handle` are given. */
  AbortController: new () => AbortController
  /** Where messages go if no `logger` is given. */
  logger: Logger
}
