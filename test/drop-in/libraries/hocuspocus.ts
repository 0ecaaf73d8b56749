import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider'
import { Server } from '@hocuspocus/server'
import type { Library } from '../library.js'
import { answering, echoBy } from '../shared-map.js'

export const hocuspocus: Library = {
  name: '@hocuspocus/provider',
  async start() {
    const server = new Server({
      address: '127.0.0.1',
      port: 0,
      quiet: true,
      stopOnSignals: false,
      onLoadDocument: async ({ document }) => answering(document.getMap('numbers')),
    })
    await server.listen()
    return {
      port: server.address.port,
      async close() {
        await server.destroy()
      },
    }
  },
  connect(url, WebSocket) {
    const websocketProvider = new HocuspocusProviderWebsocket({
      url,
      WebSocketPolyfill: WebSocket,
      delay: 100,
      minDelay: 100,
      maxDelay: 500,
    })
    const provider = new HocuspocusProvider({ websocketProvider, name: 'room' })
    provider.attach()
    return {
      echo: echoBy(provider.document.getMap('numbers')),
      close() {
        provider.destroy()
        websocketProvider.destroy()
      },
    }
  },
}
