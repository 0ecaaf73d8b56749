/** A server that sends back what it is sent. */
import { WebSocketServer } from 'ws'

export const getToken = async (): Promise<string> => 's3cret'

export function serve(port: number): { close(): void } {
  const server = new WebSocketServer({ host: '127.0.0.1', port })
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
