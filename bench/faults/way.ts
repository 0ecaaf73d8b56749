/** The way between a page and a server: what is connected can be cut, or made to hear nothing more. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createFaultProxy } from '../../src/testing/index.js'
import { portOf } from '../hosts/ws.js'

export interface Way {
  /** Where a page connects. */
  readonly url: string
  /** Connections that there are: one counts until both its ends are closed. */
  readonly connections: number
  /** Ends every connection at once, without a goodbye. */
  cut(): void
  /** Nothing passes any more on the connections there are, and nobody is told; those made later are well. */
  swallow(): void
  /** Nothing passes until `heal`, and then all that was held. */
  hold(): void
  heal(): void
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

export async function openWay(port: number): Promise<Way> {
  const newProxy = () => createFaultProxy({ target: { port } })
  let proxy = newProxy()
  /** Those with the connections that were swallowed. */
  const proxies = [proxy]
  const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => proxy.connect(socket))
  door.listen(0, LOOPBACK)
  await once(door, 'listening')
  return {
    url: `ws://${LOOPBACK}:${portOf(door.address())}`,
    get connections() {
      return proxies.reduce((sum, { connections }) => sum + connections, 0)
    },
    cut: () => void proxy.fault('cut'),
    swallow() {
      proxy.fault('blackHole')
      proxy = newProxy()
      proxies.push(proxy)
    },
    hold: () => void proxy.fault('blackHole'),
    heal: () => proxy.heal(),
    async close() {
      await Promise.all(proxies.map((proxy) => proxy.close()))
      door.close()
      await once(door, 'close')
    },
  }
}
