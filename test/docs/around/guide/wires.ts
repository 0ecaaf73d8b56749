/** What docs/guide/wires.md takes for granted: a server of JSON-RPC. */
import { Server } from 'rpc-websockets'

export const serve = (port: number): { close(): unknown } => {
  const server = new Server({ host: '127.0.0.1', port })
  const namespace = server.of('/rpc')
  namespace.register('sum', (numbers) => Object.values(numbers).reduce((a, b) => a + b))
  namespace.register('user', ({ id }) => ({ id, name: 'Ada' }))
  namespace.register('didOpen', () => undefined)
  return {
    async close() {
      for (const socket of server.wss.clients) socket.terminate()
      await server.close()
    },
  }
}
