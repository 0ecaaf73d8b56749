import { createTRPCClient, createWSClient, wsLink } from '@trpc/client'
import { initTRPC } from '@trpc/server'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocketServer } from 'ws'
import type { Library } from '../library.js'
import { listening } from '../serve.js'

const { router: createRouter, procedure } = initTRPC.create()
const router = createRouter({ echo: procedure.input(Number).query(({ input }) => input) })

export const trpc: Library = {
  name: '@trpc/client',
  start() {
    const wss = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    applyWSSHandler({ wss, router })
    return listening(wss)
  },
  connect(url, WebSocket) {
    const client = createWSClient({ url, WebSocket, retryDelayMs: () => 100 })
    const { echo } = createTRPCClient<typeof router>({ links: [wsLink({ client })] })
    return { echo: (n) => echo.query(n), close: () => client.close() }
  },
}
