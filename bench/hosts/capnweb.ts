import { newWebSocketRpcSession, type RpcStub, RpcTarget } from 'capnweb'
import { WebSocket } from 'ws'
import type { Numbered } from '../peers/peer.js'
import type { HostEvents, StartHost } from './host.js'
import { serveWs } from './ws.js'

interface PageApi extends RpcTarget {
  message(message: Numbered): void
}

export class ServerApi extends RpcTarget {
  readonly #events: HostEvents

  constructor(events: HostEvents) {
    super()
    this.#events = events
  }

  message(message: Numbered): void {
    this.#events.onMessage(message)
  }

  next(n: number): number {
    return n + 1
  }
}

export const start: StartHost = (events) => {
  // It reads a constant of the global class, which Node 20 does not have.
  if (!('WebSocket' in globalThis)) Object.assign(globalThis, { WebSocket })
  return serveWs((socket) => {
    // By its types it wants the WebSocket of a browser; its README gives it that of `ws`.
    const page: RpcStub<PageApi> = Reflect.apply(newWebSocketRpcSession, undefined, [socket, new ServerApi(events)])
    events.onClient({
      send: (message) => page.message(message)[Symbol.dispose](),
      sendBytes() {
        throw new Error('capnweb has no bytes but as text.')
      },
      bufferedAmount: () => socket.bufferedAmount,
    })
  })
}
