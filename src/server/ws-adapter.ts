import type { WebSocket } from 'ws'
import type { ServerSocket } from './socket.js'

/** A socket of `ws` as the kit wants it. */
export function adaptWs(ws: WebSocket): ServerSocket {
  ws.binaryType = 'arraybuffer'
  return {
    send: (bytes, binary) => ws.send(bytes, { binary }),
    close: (code, reason) => ws.close(code, reason),
    terminate: () => ws.terminate(),
    bufferedAmount: () => ws.bufferedAmount,
    listen({ onMessage, onError, onClose }) {
      // `ws` gives bytes as an ArrayBuffer, as asked above, and texts as a Buffer.
      ws.on('message', (data) => onMessage(data instanceof ArrayBuffer ? data : data.toString()))
      ws.on('error', onError)
      ws.on('close', (code, reason) => onClose(code, reason.toString()))
    },
  }
}
