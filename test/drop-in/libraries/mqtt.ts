import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import mqtt from 'mqtt'
import { findMosquitto } from '../../../scripts/machine.mjs'
import { freePort, startProgram } from '../../interop/program.js'
import type { Library } from '../library.js'

export const mqttJs: Library = {
  name: 'mqtt',
  async start() {
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-mosquitto-'))
    const [port, tcpPort] = await Promise.all([freePort(), freePort()])
    const configuration = path.join(folder, 'mosquitto.conf')
    // With WebSockets alone, version 2.0.11 does not start.
    const listeners = `listener ${tcpPort} 127.0.0.1\nlistener ${port} 127.0.0.1\nprotocol websockets\n`
    await writeFile(configuration, `${listeners}allow_anonymous true\n`)
    const program = await startProgram(findMosquitto() ?? 'mosquitto', ['-c', configuration], port)
    return {
      port,
      async close() {
        await program.kill()
        await rm(folder, { recursive: true })
      },
    }
  },
  connect(url, WebSocket) {
    const client = mqtt.connect(url, {
      // As in a page: else it would make a stream of `ws`.
      forceNativeWebSocket: true,
      createWebsocket: (url, protocols) => new WebSocket(url, protocols),
      reconnectPeriod: 100,
    })
    client.on('error', () => {})
    const subscribed = client.subscribeAsync('echo')
    return {
      async echo(n) {
        await subscribed
        const back = new Promise((resolve) => {
          client.on('message', (_topic, payload) => `${payload}` === `${n}` && resolve(n))
        })
        await client.publishAsync('echo', `${n}`)
        return back
      },
      close: () => client.endAsync(),
    }
  },
}
