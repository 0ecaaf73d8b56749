/**
 * The drop-in as the class of sockets under other people's libraries, each with a real server. They run in Node, over the
 * sockets of `ws`, for there all of them do, and eleven of them at a time; what browsers do is in `test/browser`.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { describe, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { findMosquitto, findNats } from '../../scripts/machine.mjs'
import { HoldfastWebSocket } from '../../src/addons/websocket/index.js'
import { createFaultProxy } from '../../src/testing/fault-proxy.js'
import { isMissing } from '../interop/program.js'
import { graphqlWs } from './libraries/graphql-ws.js'
import { hocuspocus } from './libraries/hocuspocus.js'
import { mqttJs } from './libraries/mqtt.js'
import { nats } from './libraries/nats.js'
import { phoenix } from './libraries/phoenix.js'
import { rpcWebsockets } from './libraries/rpc-websockets.js'
import { sharedb } from './libraries/sharedb.js'
import { socketIo } from './libraries/socket-io.js'
import { stompjs } from './libraries/stompjs.js'
import { trpc } from './libraries/trpc.js'
import { yWebsocket } from './libraries/y-websocket.js'
import type { Library, Session, WebSocketClass } from './library.js'

const OUTAGE_MS = 2500
const SOON = { timeout: 20_000, interval: 25 }

const NEEDS = new Map([
  [mqttJs, isMissing('Mosquitto', findMosquitto(), "Debian's package mosquitto")],
  [nats, isMissing('The server of NATS', findNats(), "Debian's package nats-server")],
])

const LIBRARIES = [
  graphqlWs,
  mqttJs,
  stompjs,
  yWebsocket,
  hocuspocus,
  nats,
  trpc,
  rpcWebsockets,
  sharedb,
  socketIo,
  phoenix,
].filter((library) => !NEEDS.get(library))

const environment = { WebSocket }
const Once = HoldfastWebSocket.once({ environment })

/** A class for the library, and all the sockets that it makes with it. */
function track({ staysWithItsSocket }: Library): { made: HoldfastWebSocket[]; Tracked: WebSocketClass } {
  const made: HoldfastWebSocket[] = []
  const backoff = { firstWindowMs: 100, initialMs: 200, maxMs: 500 }
  class Tracked extends (staysWithItsSocket ? HoldfastWebSocket : Once) {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { environment, backoff })
      made.push(this)
    }
  }
  return { made, Tracked }
}

/** Asks until the answer comes: what was asked while there was no connection may be lost, as each library has it. */
async function comesBack(session: Session, n: number): Promise<void> {
  const ask = async (): Promise<boolean> => {
    const answer = session.echo(n).catch(() => {})
    return (await Promise.race([answer, delay(1000)])) === n
  }
  await vi.waitUntil(() => ask().catch(() => false), SOON)
}

describe('under other libraries', () => {
  test.concurrent.for(LIBRARIES)(
    '$name: a round trip, a cut, an outage, one connection, none',
    async (library, { expect }) => {
      const server = await library.start()
      const proxy = createFaultProxy({ target: { port: server.port } })
      const { made, Tracked } = track(library)
      const live = (): number => made.filter(({ readyState }) => readyState <= HoldfastWebSocket.OPEN).length
      try {
        const session = await library.connect(`ws://127.0.0.1:${await proxy.listening()}`, Tracked)
        await comesBack(session, 1)
        proxy.fault('cut')
        await comesBack(session, 2)
        proxy.fault('restart', { ms: OUTAGE_MS })
        const wentAway = Date.now()
        await comesBack(session, 3)
        expect(Date.now() - wentAway).toBeGreaterThanOrEqual(OUTAGE_MS)
        expect({ connections: proxy.connections, live: live() }).toEqual({ connections: 1, live: 1 })

        await session.close()
        await expect
          .poll(() => ({ connections: proxy.connections, live: live() }), SOON)
          .toEqual({ connections: 0, live: 0 })
        expect(made.map(({ readyState }) => readyState)).toEqual(made.map(() => HoldfastWebSocket.CLOSED))
      } finally {
        await proxy.close()
        await server.close()
      }
    },
  )
})
