import { Socket } from 'phoenix'
import { start } from '../../../bench/hosts/phoenix.js'
import type { Library } from '../library.js'

export const phoenix: Library = {
  name: 'phoenix',
  start: () => start({ onClient() {}, onMessage() {}, onBytes() {} }),
  connect(url, WebSocket) {
    const socket = new Socket(url, {
      transport: WebSocket,
      reconnectAfterMs: () => 100,
      rejoinAfterMs: () => 100,
      heartbeatIntervalMs: undefined,
    })
    socket.connect()
    const channel = socket.channel('room')
    channel.join()
    return {
      echo: (n) =>
        new Promise((resolve) => {
          channel.push('next', { n: n - 1 }).receive<{ n: number }>('ok', (answer) => resolve(answer.n))
        }),
      close: () => socket.disconnect(),
    }
  },
}
