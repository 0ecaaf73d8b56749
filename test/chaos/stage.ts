/** The way between a page and a server: a fault proxy with a door in front, at which sockets can be taken off one by one. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { createFaultProxy, type FaultProxy } from '../../src/testing/index.js'

export interface Stage {
  /** Where pages connect, without a path. */
  readonly url: string
  readonly proxy: FaultProxy
  /** Drops everything both ways for `ms`, and then ends all connections. */
  cutAfterHole(ms: number): Promise<void>
  /** The same, but only the page's end: the server never hears of it. */
  cutHalf(ms: number): Promise<void>
  /** The page loses its connections, and what it wrote in the last `ms` arrives after it is back. */
  cutAndDeliverLate(ms: number): Promise<void>
  close(): Promise<void>
}

const LOOPBACK = '127.0.0.1'

export async function openStage(port: number, seed: number): Promise<Stage> {
  const proxy = createFaultProxy({ target: { port }, seed })
  const sockets = new Set<Socket>()
  const door = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    proxy.connect(socket)
  })
  door.listen(0, LOOPBACK)
  await once(door, 'listening')
  const address = door.address()
  if (typeof address !== 'object' || !address) throw new Error('The door has no port.')

  /** Resolves when the proxy has heard of it. */
  const takeOff = async (): Promise<void> => {
    await Promise.all([...sockets].map((socket) => once(socket.destroy(), 'close')))
  }

  return {
    url: `ws://${LOOPBACK}:${address.port}`,
    proxy,
    async cutAfterHole(ms) {
      const heal = [proxy.fault('halfOpen'), proxy.fault('replyPathDead')]
      await wait(ms)
      proxy.fault('cut')
      for (const end of heal) end()
    },
    async cutHalf(ms) {
      const heal = [proxy.fault('halfOpen'), proxy.fault('replyPathDead')]
      await wait(ms)
      await takeOff()
      for (const end of heal) end()
    },
    async cutAndDeliverLate(ms) {
      const heal = proxy.fault('slow', { ms, direction: 'up' })
      await wait(ms / 2)
      await takeOff()
      heal()
    },
    async close() {
      await proxy.close()
      door.close()
      await once(door, 'close')
    },
  }
}
