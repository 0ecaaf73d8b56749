/** JSON as text, bytes as they are. A request is `{"id":7,"method":"next","params":{"n":1}}`, its answer `{"id":7,"result":2}`. */
import type { StartHost } from './host.js'
import { hear, serveWs } from './ws.js'

export const start: StartHost = ({ onClient, onMessage, onBytes }) =>
  serveWs((socket) => {
    const onText = (text: string): void => {
      if (text === 'ping') return socket.send('pong')
      const message = JSON.parse(text)
      if (message.id === undefined) return onMessage(message)
      socket.send(JSON.stringify({ id: message.id, result: message.params.n + 1 }))
    }
    hear(socket, onText, onBytes)
    onClient({
      send: (message) => socket.send(JSON.stringify(message)),
      sendBytes: (bytes) => socket.send(bytes),
      bufferedAmount: () => socket.bufferedAmount,
    })
  })
