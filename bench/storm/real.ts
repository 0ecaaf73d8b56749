/** A storm of real code, in virtual time. */
import { writeWindow } from '../../src/protocol/window.js'
import type { StormClient } from './clients.js'
import { type Outage, type StormFigures, StormServer } from './server.js'
import { type StormSocket, withSockets } from './storm-socket.js'
import type { Windows } from './windows.js'
import { World } from './world.js'

/** How long all have been connected when the storm begins, in ms: every library has forgotten its beginnings by then. */
const CALM_MS = 20_000
/** How long it may take, in ms. */
const LONGEST_MS = 3_600_000

/**
 * All clients are connected and lose that in one moment. A server that is away, or refuses without a word, is seen as
 * browsers see it: 1006. One that names a window says it as the server kit does.
 */
export async function runStorm(
  client: StormClient,
  outage: Outage,
  seed: number,
  windows: Windows = {},
): Promise<StormFigures> {
  const server = new StormServer(outage)
  const world = new World(seed)
  const connected: StormSocket[] = []
  let begun = Number.POSITIVE_INFINITY

  const answer = (socket: StormSocket): void => {
    const since = world.now - begun
    if (since < 0) connected.push(socket)
    if (since < 0 || server.admit(since)) socket.accept(client.hello)
    else if (since < outage.awayMs || !windows.refusal) socket.end(1006)
    else {
      // A page cannot see a refused upgrade: so the server lets it in to say it.
      socket.accept()
      socket.end(1013, writeWindow('too many connections', windows.refusal))
    }
  }

  return withSockets(
    (socket) => world.timer(() => answer(socket)),
    async () => {
      const connect = await client.load()
      return world.rule(async () => {
        for (let count = 0; count < outage.clients; count++) connect()
        await world.advance(CALM_MS)
        if (connected.length !== outage.clients) throw new Error(`${client.name}: ${connected.length} are connected.`)
        begun = world.now
        for (const socket of connected) {
          if (windows.goodbye) socket.end(1012, writeWindow('restart', windows.goodbye))
          else socket.end(1006)
        }
        await world.advance(begun + LONGEST_MS, () => server.isDone)
        return server.figures
      })
    },
  )
}
