import { createBirpc } from 'birpc'
import type { Numbered } from '../peers/peer.js'
import type { StartHost } from './host.js'
import { hear, serveWs } from './ws.js'

export interface ServerFunctions {
  message(message: Numbered): void
  next(n: number): number
}

export interface PageFunctions {
  message(message: Numbered): void
}

export const start: StartHost = ({ onClient, onMessage, onBytes }) =>
  serveWs((socket) => {
    const rpc = createBirpc<PageFunctions, ServerFunctions>(
      { message: onMessage, next: (n) => n + 1 },
      {
        post: (data) => socket.send(data),
        on: (receive) => hear(socket, receive, onBytes),
        serialize: (value) => JSON.stringify(value),
        deserialize: (text) => JSON.parse(text),
      },
    )
    onClient({
      send: (message) => void rpc.message.asEvent(message),
      sendBytes() {
        throw new Error('birpc has no bytes.')
      },
      bufferedAmount: () => socket.bufferedAmount,
    })
  })
