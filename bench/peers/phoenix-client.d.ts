/** The part of it that is used: the package has no types. */
declare module 'phoenix' {
  export class Socket {
    constructor(url: string, options: SocketOptions)
    connect(): void
    disconnect(): void
    channel(topic: string): Channel
  }

  interface SocketOptions {
    reconnectAfterMs: () => number
    rejoinAfterMs: () => number
    heartbeatIntervalMs: number | undefined
    transport?: new (url: string) => WebSocket
  }

  interface Channel {
    join(): Push
    onError(callback: () => void): void
    on(event: 'bytes', callback: (payload: ArrayBuffer) => void): void
    on<Payload>(event: string, callback: (payload: Payload) => void): void
    push(event: string, payload: object): Push
  }

  interface Push {
    receive<Response>(status: 'ok' | 'error' | 'timeout', callback: (response: Response) => void): this
  }
}
