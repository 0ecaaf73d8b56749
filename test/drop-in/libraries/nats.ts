import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { wsconnect } from '@nats-io/nats-core'
import { findNats } from '../../../scripts/machine.mjs'
import { freePort, startProgram } from '../../interop/program.js'
import type { Library } from '../library.js'

export const nats: Library = {
  name: '@nats-io/nats-core',
  async start() {
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-nats-'))
    const [port, tcpPort] = await Promise.all([freePort(), freePort()])
    const configuration = path.join(folder, 'nats.conf')
    await writeFile(
      configuration,
      `listen: 127.0.0.1:${tcpPort}\nwebsocket { listen: "127.0.0.1:${port}", no_tls: true }\n`,
    )
    const program = await startProgram(findNats() ?? 'nats-server', ['-c', configuration], port)
    return {
      port,
      async close() {
        await program.kill()
        await rm(folder, { recursive: true })
      },
    }
  },
  async connect(url, WebSocket) {
    const connection = await wsconnect({
      servers: url,
      wsFactory: async (url) => ({ socket: new WebSocket(url), encrypted: false }),
      reconnectTimeWait: 100,
      maxReconnectAttempts: -1,
    })
    connection.subscribe('echo', { callback: (_error, message) => void message.respond(message.data) })
    return {
      echo: async (n) => Number((await connection.request('echo', `${n}`, { timeout: 1000 })).string()),
      close: () => connection.close(),
    }
  },
}
