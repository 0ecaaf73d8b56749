/** Of packages without types: the part that is used. */
declare module 'stomp-broker-js' {
  export default class StompServer {
    constructor(options: { server: import('node:http').Server; path: string })
    subscribe(topic: string, callback: (body: string) => void): void
    send(topic: string, headers: object, body: string): void
  }
}

declare module '@teamwork/websocket-json-stream' {
  export default class WebSocketJSONStream {
    constructor(socket: import('ws').WebSocket)
  }
}

declare module 'sharedb' {
  export default class ShareDB {
    listen(stream: object): void
    close(): void
  }
}

declare module 'sharedb/lib/client/index.js' {
  export class Connection {
    constructor(socket: WebSocket)
    get(collection: string, id: string): Doc
    close(): void
  }
  interface Doc {
    readonly type: object | null
    readonly data: { n: number } | undefined
    fetch(callback: () => void): void
    create(data: object): void
    whenNothingPending(callback: () => void): void
    submitOp(op: object[], callback: (error: unknown) => void): void
  }
}
