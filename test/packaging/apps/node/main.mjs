import { connect, RemoteError, RequestTimeout } from 'holdfast'
import { resumable } from 'holdfast/resume'
import { createServer, RemoteError as Refusal } from 'holdfast/server'
import { createTestPair } from 'holdfast/testing'
import { WebSocket } from 'ws'

const server = createServer({
  port: 0,
  host: '127.0.0.1',
  auth({ token }) {
    if (token !== 'ada') throw new Refusal({ code: 'forbidden', message: 'no' })
  },
  requests: { sum: (params) => (Array.isArray(params) ? params[0] + params[1] : 0) },
  channels: { chat: {} },
})
const url = `ws://127.0.0.1:${await server.listening()}`
const options = { session: resumable(), environment: { WebSocket } }
const client = connect(url, { ...options, auth: () => 'ada' })
client.handle('confirm', () => {
  throw new Error('no')
})

const sum = await client.request('sum', [1, 2])
await client.channel('chat').join()
await client.channel('chat').deliver('message', 'hi')
const { unacknowledged } = client.stats
const [page] = server.clients
const refusal = await page?.request('confirm').catch((error) => error)

const stranger = connect(url, options)
const refused = await new Promise((resolve) => stranger.on('error', resolve))

const pair = createTestPair({
  client: { session: resumable() },
  server: { requests: { wait: () => new Promise(() => {}) } },
})
const timeout = pair.client.request('wait', undefined, { timeoutMs: 100 }).catch((error) => error)
await pair.run(200)

const sameErrors = {
  server: refusal instanceof RemoteError,
  resume: refused instanceof RemoteError,
  testing: (await timeout) instanceof RequestTimeout,
}
console.log(JSON.stringify({ sum, unacknowledged, sameErrors }))

client.close()
stranger.close()
await pair.close()
await server.close()
