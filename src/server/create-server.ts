import type { UntypedApp } from '../protocol/app.js'
import { type AnyHttpServer, createUpgradeServer, stopListening, takeUpgrades, whenListening } from './http.js'
import { Hub } from './hub.js'
import { type Goodbye, normalize, normalizeClose } from './options.js'
import type { Server, ServerOptions } from './public.js'

/**
 * Starts a server of the holdfast wire (PROTOCOL.md), plain and with sessions, on a port of its own or on an HTTP server that there is already.
 * Throws `InvalidOption`, which names the field. That it cannot listen is told by `listening()`, and logged.
 *
 * ```ts
 * const server = createServer<App>({
 *   port: 8080,
 *   requests: {
 *     sum: ([a, b]) => a + b,
 *     async *tokens(question, { signal }) {
 *       yield* ask(question, signal)
 *     },
 *   },
 *   channels: { chat: { on: { message: (data) => void server.broadcast('chat', 'message', data) } } },
 * })
 * ```
 */
export function createServer<App = UntypedApp>(options: ServerOptions<App>): Server<App>
// The types of an app are for its author: in here every method, channel and value is one among others.
export function createServer(options: ServerOptions): Server {
  const settings = normalize(options)
  const { listenOn, host, logger } = settings
  const isOurs = typeof listenOn === 'number'
  const http: AnyHttpServer = isOurs ? createUpgradeServer().listen(listenOn, host) : listenOn
  const hub = new Hub(settings)
  const letGo = takeUpgrades(http, hub)
  const closing = new AbortController()
  const listening = whenListening(http, closing.signal)
  const report = (error: unknown): void => {
    if (!closing.signal.aborted) logger.error('holdfast: the HTTP server failed', error)
  }
  // Once it listens, a connection that it cannot accept (no more file handles) must not end the process.
  void listening.then(() => void (isOurs && http.on('error', report)), report)

  const shutDown = async (goodbye: Goodbye): Promise<void> => {
    const stopped = isOurs && stopListening(http, listening)
    await hub.close(goodbye)
    letGo()
    if (!stopped) return closing.abort()
    const end = await stopped
    await end()
  }
  let closed: Promise<void> | undefined
  return {
    listening: () => listening,
    clients: hub.clients,
    broadcast: (channel, event, data, options) => hub.broadcast(channel, event, data, options),
    members: (channel) => hub.book.members(channel),
    metrics: () => hub.metrics(),
    close(options = {}) {
      const goodbye = normalizeClose(options)
      closed ??= shutDown(goodbye)
      return closed
    },
  }
}
