import { getYDoc, setupWSConnection } from '@y/websocket-server/utils'
import { WebSocketServer } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import type { Library } from '../library.js'
import { listening } from '../serve.js'
import { answering, echoBy } from '../shared-map.js'

export const yWebsocket: Library = {
  name: 'y-websocket',
  start() {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    server.on('connection', setupWSConnection)
    answering(getYDoc('room').getMap('numbers'))
    return listening(server)
  },
  connect(url, WebSocket) {
    const doc = new Y.Doc()
    const provider = new WebsocketProvider(url, 'room', doc, { WebSocketPolyfill: WebSocket, disableBc: true })
    return { echo: echoBy(doc.getMap('numbers')), close: () => provider.destroy() }
  },
}
