/** A storm as numbers: a client is a row in a few typed arrays, and time has a list of clients for each millisecond. */
import type { ReconnectWindow } from '../../src/protocol/window.js'
import { seededRandom } from '../../src/testing/random.js'
import type { Rule } from './rules.js'
import { type Outage, type StormFigures, StormServer } from './server.js'
import type { Windows } from './windows.js'

/** A storm must be over by then, in ms: an hour and ten minutes. */
const HORIZON_MS = 2 ** 22
const NOBODY = -1
/** As many failures in a row as it counts: every wait has reached its cap long before. */
const MOST_FAILURES = 255

/** All clients wait as `rule` says, and as the server says where it does. The same `seed` gives the same storm. */
export function simulate(rule: Rule, outage: Outage, seed: number, windows: Windows = {}): StormFigures {
  const { clients, awayMs } = outage
  const random = seededRandom(seed)
  const server = new StormServer(outage)
  /** Who comes first in each millisecond, and who after whom in the same one. */
  const first = new Int32Array(HORIZON_MS).fill(NOBODY)
  const after = new Int32Array(clients)
  const failures = new Uint8Array(clients)
  const natures = Float64Array.from({ length: clients }, random)

  const wait = (client: number, now: number, window: ReconnectWindow | undefined): void => {
    const ms = window
      ? window.minMs + random() * (window.maxMs - window.minMs)
      : rule(failures[client] ?? 0, random, natures[client] ?? 0)
    // The list of this millisecond is being read.
    const at = now + Math.max(1, Math.floor(ms))
    if (at >= HORIZON_MS) throw new Error(`The storm is not over after ${HORIZON_MS} ms.`)
    after[client] = first[at] ?? NOBODY
    first[at] = client
  }

  for (let client = 0; client < clients; client++) wait(client, 0, windows.goodbye)
  for (let now = 0; !server.isDone; now++) {
    let client = first[now] ?? NOBODY
    while (client !== NOBODY) {
      const next = after[client] ?? NOBODY
      if (!server.admit(now)) {
        failures[client] = Math.min(MOST_FAILURES, (failures[client] ?? 0) + 1)
        wait(client, now, now < awayMs ? undefined : windows.refusal)
      }
      client = next
    }
  }
  return server.figures
}
