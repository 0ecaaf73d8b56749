/** A server that gives `requestId` back, and news to who subscribes. */
import { WebSocketServer } from 'ws'

export interface App {
  requests: { sum: { params: { numbers: number[] }; result: { sum: number } } }
  channels: { server: { news: { news: string }; subscribe: undefined } }
}

export function serve(port: number): { close(): void } {
  const server = new WebSocketServer({ port, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    socket.on('message', (text) => {
      const { action, numbers, requestId } = JSON.parse(`${text}`)
      if (action === 'sum') socket.send(JSON.stringify({ sum: numbers[0] + numbers[1], requestId }))
      if (action === 'subscribe') socket.send('{"news":"hello"}')
    })
  })
  return {
    close() {
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}
