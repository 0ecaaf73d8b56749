/** The app that a server under the conformance suite runs, on the server kit. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createServer, type Server, type ServerOptions } from '../../src/server/index.js'
import { RemoteError } from '../../src/shared/errors.js'

export const TOKEN = 's3cret'

const number = (value: unknown): number => {
  if (typeof value === 'number') return value
  throw new TypeError('expected a number')
}

/** `options`: in place of those of the app. */
export function createTestApp({ requests, ...options }: ServerOptions = {}): Server {
  let tickets = 0
  const server: Server = createServer({
    host: '127.0.0.1',
    port: 0,
    pingIntervalMs: 300,
    auth({ token }) {
      if (token !== TOKEN) throw new RemoteError({ code: 'unauthorized', message: 'The token is not valid.' })
      return 'ada'
    },
    requests: {
      echo: (params) => params,
      fail() {
        throw new RemoteError({ code: 'no_such_room', message: 'There is no room 9.', data: { room: 9 } })
      },
      crash() {
        throw new Error('what nobody is to see')
      },
      slow: async (ms, { signal }) => {
        await sleep(number(ms), undefined, { signal })
        return null
      },
      async *count(n, { signal }) {
        for (let i = 1; i <= number(n); i++) {
          yield i
          await sleep(1, undefined, { signal })
        }
        return null
      },
      running: () => server.metrics().openRequests - 1,
      ticket: () => ++tickets,
      ask: (params, { client }) => client.request('confirm', params),
      disconnect(params, { client }) {
        if (typeof params !== 'object' || params === null || !('code' in params) || !('reason' in params))
          throw new TypeError()
        client.close(number(params.code), String(params.reason))
      },
      depart: () => void server.close(),
      ...requests,
    },
    channels: {
      chat: {
        history: true,
        on: {
          message: (data, { subject }) =>
            void server.broadcast('chat', 'message', Object.assign({ from: subject }, data)),
        },
      },
    },
    onMessage: (data, { client }) => client.sendRaw(data),
    logger: { debug() {}, warn() {}, error() {} },
    ...options,
  })
  return server
}
