import type { RunningHost } from '../../bench/hosts/host.js'
import type { HoldfastWebSocket } from '../../src/addons/websocket/index.js'

/** A client library that works over WebSockets, with a server for it. */
export interface Library {
  readonly name: string
  /** Leaves it to the socket to come back; the others make a new one, and are given `HoldfastWebSocket.once()`. */
  readonly staysWithItsSocket?: true
  /** Starts the server on loopback, on a free port. */
  start(): Promise<RunningHost>
  /** Connects, with a class for its sockets, and goes on connecting until `close`. */
  connect(url: string, WebSocket: WebSocketClass): Session | Promise<Session>
}

export type WebSocketClass = typeof HoldfastWebSocket

export interface Session {
  /** Sends a number to the server, and resolves with the number when it has come back from there. */
  echo(n: number): Promise<unknown>
  close(): unknown
}
