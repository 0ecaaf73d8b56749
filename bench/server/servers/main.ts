/** A process with one server: `main.js LIBRARY`. */
import { setImmediate as turn } from 'node:timers/promises'
import { FIRST } from '../messages.js'
import { now } from '../now.js'
import { serve } from '../rpc.js'
import { holdfast } from './holdfast.js'
import type { Kit } from './kit.js'
import { socketIo } from './socket-io.js'
import { bareWs, framedWs } from './ws.js'

const KITS: Readonly<Record<string, () => Kit>> = {
  ws: bareWs,
  'ws, framed once': framedWs,
  'socket.io': () => socketIo(false),
  'socket.io, recovery': () => socketIo(true),
  holdfast,
  'holdfast, sessions': holdfast,
}

const [, , library = ''] = process.argv
const kit = KITS[library]?.()
if (!kit) throw new Error(`There is no server for ${library}.`)

let nextToSend = FIRST
let nextToHear = FIRST
let fault: string | undefined

const port = await kit.start({
  onMessage(message) {
    const n = typeof message === 'object' && message !== null && 'n' in message ? message.n : undefined
    if (n !== nextToHear) fault ??= `expected message ${nextToHear}, got ${n}`
    nextToHear++
  },
})

serve({
  port: () => ({ port }),
  /** Broadcasts so many messages, one in each turn of the event loop. */
  async broadcast(count) {
    const startedAt = now()
    for (let sent = 0; sent < count; sent++) {
      kit.broadcast(nextToSend++)
      await turn()
    }
    return { startedAt }
  },
  /** Resolves when every message of the clients has been heard that was sent, each in its turn. */
  async heard(sent) {
    while (nextToHear - FIRST < sent && !fault) await turn()
    if (fault) throw new Error(fault)
    return {}
  },
  unacknowledged: () => ({ bytes: kit.unacknowledged() }),
  usage() {
    const { user, system } = process.cpuUsage()
    return { micros: user + system }
  },
  async memory() {
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.()
      await turn()
    }
    const { heapUsed, external, rss } = process.memoryUsage()
    return { heap: heapUsed + external, rss }
  },
})
