/**
 * `holdfast/websocket`: the standard's `WebSocket` class, that comes back.
 *
 * ```ts
 * import { HoldfastWebSocket } from 'holdfast/websocket'
 *
 * const socket = new HoldfastWebSocket('wss://example.com/ws')
 * const client = createClient({ url, webSocketImpl: HoldfastWebSocket.once() })   // of a library that reconnects itself
 * ```
 */
export type { Drop, DropReason, Explanation, Status } from '../../core/client/public.js'
export type { HoldfastWebSocketOptions, PingOptions, UrlProvider } from './options.js'
export { HoldfastWebSocket, type HoldfastWebSocketEventMap } from './web-socket.js'
