import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port on which nothing listens now. For programs that cannot pick one themselves. No system hands out ports of this
 * range by itself, so that nobody who wants just any gets it meanwhile.
 */
export async function freePort(): Promise<number> {
  for (let attempts = 0; attempts < 20; attempts++) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer()
    const isFree = await new Promise((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
  throw new Error('Of 20 ports none was free.')
}
