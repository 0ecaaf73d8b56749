import type { IncomingMessage } from 'node:http'
import { FENCED } from '../../src/protocol/session-frames.js'
import { takeUpgrades } from '../../src/server/http.js'
import { Hub } from '../../src/server/hub.js'
import type { ServerOptions } from '../../src/server/index.js'
import { normalize, normalizeClose } from '../../src/server/options.js'
import type { ServerSocket, ServerSocketHandlers } from '../../src/server/socket.js'
import type { MakeServer } from './world.js'

/** A server for one page that does not fence: what an old socket still brings counts as if the newest had brought it. */
class UnfencedHub extends Hub {
  #newest: ServerSocketHandlers | undefined

  override accept(socket: ServerSocket, request: IncomingMessage): void {
    let isFenced = false
    super.accept(
      {
        send: (bytes, binary) => socket.send(bytes, binary),
        terminate: () => socket.terminate(),
        bufferedAmount: () => socket.bufferedAmount(),
        close(code, reason) {
          if (code === FENCED) isFenced = true
          else socket.close(code, reason)
        },
        listen: (handlers) => {
          this.#newest = handlers
          socket.listen({
            ...handlers,
            onMessage: (data) => (isFenced ? this.#newest : handlers)?.onMessage(data),
          })
        },
      },
      request,
    )
  }
}

export const createUnfencedServer: MakeServer = createUnfenced

function createUnfenced<App>(options: ServerOptions<App>): UnfencedServer
function createUnfenced(options: ServerOptions): UnfencedServer {
  const settings = normalize(options)
  const { listenOn } = settings
  if (typeof listenOn === 'number') throw new TypeError('It needs an HTTP server.')
  const hub = new UnfencedHub(settings)
  takeUpgrades(listenOn, hub)
  return {
    broadcast: (channel, event, data, options) => hub.broadcast(channel, event, data, options),
    close: (options = {}) => hub.close(normalizeClose(options)),
  }
}

type UnfencedServer = ReturnType<MakeServer>
