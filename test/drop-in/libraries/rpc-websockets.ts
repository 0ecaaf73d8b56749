import { CommonClient } from 'rpc-websockets'
import { start } from '../../../bench/hosts/rpc-websockets.js'
import type { Library } from '../library.js'

export const rpcWebsockets: Library = {
  name: 'rpc-websockets',
  start: () => start({ onClient() {}, onMessage() {}, onBytes() {} }),
  connect(url, WebSocket) {
    const client = new CommonClient(
      (address) => {
        const socket = new WebSocket(address)
        return {
          addEventListener: socket.addEventListener.bind(socket),
          close: (code, reason) => socket.close(code, reason),
          send(data, options, callback) {
            socket.send(data)
            if (typeof options === 'function') options()
            else callback?.()
          },
        }
      },
      url,
      { reconnect_interval: 100, max_reconnects: 0 },
    )
    client.on('error', () => {})
    return {
      echo: async (n) => client.call('next', { n: n - 1 }),
      close() {
        client.setAutoReconnect(false)
        client.close()
      },
    }
  },
}
