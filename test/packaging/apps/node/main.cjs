const { connect, RemoteError } = require('holdfast')
const { createServer } = require('holdfast/server')
const { WebSocket } = require('ws')

async function main() {
  const server = createServer({
    port: 0,
    host: '127.0.0.1',
    requests: { sum: (params) => (Array.isArray(params) ? params[0] + params[1] : 0) },
  })
  const client = connect(`ws://127.0.0.1:${await server.listening()}`, { environment: { WebSocket } })
  client.handle('confirm', () => {
    throw new Error('no')
  })

  const sum = await client.request('sum', [1, 2])
  const [page] = server.clients
  const refusal = await page?.request('confirm').catch((error) => error)
  console.log(JSON.stringify({ sum, sameErrors: refusal instanceof RemoteError }))

  client.close()
  await server.close()
}

main()
