/** Bare `ws`: what people write by hand. */
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocket, WebSocketServer } from 'ws'
import { CHANNEL, EVENT, METHOD, numbered } from '../messages.js'
import type { Events, Kit } from './kit.js'
import { listen } from './listen.js'

const eventOf = (n: number): Buffer =>
  Buffer.from(JSON.stringify({ channel: CHANNEL, event: EVENT, data: numbered(n) }))

function take(ws: WebSocket, text: string, { onMessage }: Events): void {
  const message = JSON.parse(text)
  if (message.method === METHOD) ws.send(JSON.stringify({ id: message.id, result: message.params + 1 }))
  else onMessage(message)
}

/** One prepared buffer, sent to each client. */
export function bareWs(): Kit {
  const http = createServer()
  const wss = new WebSocketServer({ server: http })
  return {
    start(events) {
      wss.on('connection', (ws) => ws.on('message', (data) => take(ws, data.toString(), events)))
      return listen(http)
    },
    broadcast(n) {
      const bytes = eventOf(n)
      for (const ws of wss.clients) if (ws.readyState === WebSocket.OPEN) ws.send(bytes, { binary: false })
    },
    unacknowledged: () => 0,
  }
}

/** A text frame of 126 bytes to 64 KiB (RFC 6455, 5.2). */
function frameOf(payload: Buffer): Buffer {
  const head = Buffer.from([0x81, 126, 0, 0])
  head.writeUInt16BE(payload.length, 2)
  return Buffer.concat([head, payload])
}

/** One prepared frame, written to each client's TCP socket. */
export function framedWs(): Kit {
  const http = createServer()
  const wss = new WebSocketServer({ noServer: true })
  const clients = new Map<WebSocket, Duplex>()
  return {
    start(events) {
      http.on('upgrade', (request, socket, head) =>
        wss.handleUpgrade(request, socket, head, (ws) => {
          clients.set(ws, socket)
          ws.on('close', () => clients.delete(ws))
          ws.on('message', (data) => take(ws, data.toString(), events))
        }),
      )
      return listen(http)
    },
    broadcast(n) {
      const frame = frameOf(eventOf(n))
      for (const [ws, socket] of clients) if (ws.readyState === WebSocket.OPEN) socket.write(frame)
    },
    unacknowledged: () => 0,
  }
}
