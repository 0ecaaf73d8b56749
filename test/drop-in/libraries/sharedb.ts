import WebSocketJSONStream from '@teamwork/websocket-json-stream'
import ShareDB from 'sharedb'
import { Connection } from 'sharedb/lib/client/index.js'
import { WebSocketServer } from 'ws'
import type { Library } from '../library.js'
import { listening } from '../serve.js'

export const sharedb: Library = {
  name: 'sharedb',
  staysWithItsSocket: true,
  start() {
    const backend = new ShareDB()
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    server.on('connection', (socket) => backend.listen(new WebSocketJSONStream(socket)))
    return listening(server, () => backend.close())
  },
  connect(url, WebSocket) {
    const connection = new Connection(new WebSocket(url))
    const doc = connection.get('numbers', 'one')
    doc.fetch(() => doc.type || doc.create({ n: 0 }))
    return {
      // It waits for the server to take what was changed, also over cuts, and so has come back when it is told.
      echo: (n) =>
        new Promise((resolve, reject) => {
          doc.whenNothingPending(() =>
            doc.submitOp([{ p: ['n'], na: n - (doc.data?.n ?? 0) }], (error) =>
              error ? reject(error) : resolve(doc.data?.n),
            ),
          )
        }),
      close: () => connection.close(),
    }
  },
}
