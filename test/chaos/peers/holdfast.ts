import { WebSocket } from 'ws'
import { resumable } from '../../../src/addons/resume/index.js'
import { type ConnectOptions, connect } from '../../../src/index.js'
import { createServer } from '../../../src/server/index.js'
import { rawOf, readRaw } from '../workload.js'
import { type Contender, WAITS } from './contender.js'

const OPTIONS: ConnectOptions = {
  environment: { WebSocket },
  backoff: {
    firstWindowMs: WAITS.firstMs,
    initialMs: WAITS.firstMs,
    maxMs: WAITS.mostMs,
    stableAfterMs: WAITS.stableMs,
  },
  heartbeat: { intervalMs: WAITS.pingMs, timeoutMs: WAITS.pongMs },
  openTimeoutMs: WAITS.openMs,
}

const holdfast = (kind: string, options: ConnectOptions): Contender => ({
  name: `holdfast, ${kind}`,
  async serve(onHeard) {
    const server = createServer({
      port: 0,
      host: '127.0.0.1',
      pingIntervalMs: WAITS.pingMs,
      onMessage: (data) => onHeard(readRaw(String(data))),
    })
    return {
      port: await server.listening(),
      say(n) {
        for (const client of server.clients) client.sendRaw(rawOf(n))
      },
      close: () => void server.close({ windowMs: 0, graceMs: 0 }),
    }
  },
  connect(url, notes) {
    const client = connect(url, { ...OPTIONS, ...options })
    let resumed = false
    client.on('resumed', () => {
      resumed = true
    })
    client.on('open', ({ reconnected }) => {
      if (reconnected) notes.reconnected(options.session ? resumed : undefined)
      resumed = false
    })
    client.on('message', (data) => notes.heard(readRaw(String(data))))
    client.on('close', ({ unconfirmed }) => {
      if (!options.session) notes.doubted(unconfirmed)
    })
    client.on('sessionlost', ({ why, unknown }) => {
      // The end of the run is no loss.
      if (why !== 'closed') notes.doubted(unknown)
    })
    return { say: (n) => client.send(rawOf(n)), close: () => client.close() }
  },
})

export const holdfastPlain = holdfast('plain', {})
export const holdfastResumable = holdfast('resumable', { session: resumable() })
