import { Client } from '@stomp/stompjs'
import StompServer from 'stomp-broker-js'
import type { Library } from '../library.js'
import { serveHttp } from '../serve.js'

export const stompjs: Library = {
  name: '@stomp/stompjs',
  start: () =>
    serveHttp((server) => {
      const broker = new StompServer({ server, path: '/' })
      // It sends nobody what comes from himself.
      broker.subscribe('/questions', (body) => broker.send('/answers', {}, body))
      return undefined
    }),
  connect(url, WebSocket) {
    const back = new Map<string, (n: number) => void>()
    const client = new Client({
      webSocketFactory: () => new WebSocket(url, ['v11.stomp']),
      reconnectDelay: 100,
      onConnect() {
        client.subscribe('/answers', ({ body }) => back.get(body)?.(Number(body)))
      },
    })
    client.activate()
    return {
      echo: (n) =>
        new Promise((resolve) => {
          back.set(`${n}`, resolve)
          client.publish({ destination: '/questions', body: `${n}` })
        }),
      close: () => client.deactivate(),
    }
  },
}
