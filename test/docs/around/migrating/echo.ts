import { WebSocketServer } from 'ws'

/** A server that somebody has: sends everything back. */
export function serve(port: number): { close(): void } {
  const server = new WebSocketServer({ port, host: '127.0.0.1' })
  server.on('connection', (socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
  })
  return {
    close() {
      for (const socket of server.clients) socket.terminate()
      server.close()
    },
  }
}
