/** Compiled, never run: each line under an expectation must fail to compile, and every other line must not. */
import {
  createServer,
  type DedupeStore,
  memoryDedupe,
  memoryHistory,
  memorySessions,
  type Server,
  type SessionStore,
} from '../../src/server/index.js'
import type { App } from './app.js'

export const server: Server<App> = createServer<App>({
  port: 0,
  requests: {
    sum: ([a, b], { signal, key }) => (signal.aborted ? (key?.length ?? 0) : a + b),
    now: async () => new Date().toISOString(),
    tokens: async function* (question) {
      yield question.toUpperCase()
    },
  },
  channels: {
    chat: {
      join: (_params, { client }) => client.id,
      on: { message: ({ text }, { client }) => client.send('chat', 'message', { text }) },
    },
  },
})

export function sessions(): void {
  createServer<App>({ port: 0, sessions: false })
  createServer<App>({
    port: 0,
    sessions: { ttlMs: 1000, maxSessions: 1, maxMessages: 1, maxBytes: 1, maxTotalBytes: 1, windowMs: 0 },
    dedupe: memoryDedupe({ maxEntries: 10, ttlMs: 1000 }),
    history: memoryHistory({ maxBytes: 1000 }),
  })
  createServer<App>({ port: 0, sessions: { store: memorySessions() } })
  // A store may take its time, or answer at once.
  const slow: SessionStore = { save: async ({ id }) => void id.length, take: async () => undefined }
  const forgetful: DedupeStore = { claim: () => undefined, set() {}, release() {} }
  createServer<App>({ port: 0, sessions: { store: slow }, dedupe: forgetful })
  void server.close({ windowMs: 1000, graceMs: 1000, reason: 'deploy', url: 'wss://example.com' })

  // @ts-expect-error: they are on by default
  createServer<App>({ sessions: true })
  // @ts-expect-error: no such option
  createServer<App>({ sessions: { ttl: 5 } })
  // @ts-expect-error: a store does both
  createServer<App>({ sessions: { store: { take: () => undefined } } })
  // @ts-expect-error: not a store of answers
  createServer<App>({ dedupe: memoryHistory() })
  // @ts-expect-error: a history is asked at once
  createServer<App>({ history: { ...memoryHistory(), since: async () => [] } })
  // @ts-expect-error: the key of a request that is not idempotent is undefined
  createServer<App>({ requests: { now: (_params, { key }) => key } })
}

export function requests(): void {
  // @ts-expect-error: no such method
  createServer<App>({ requests: { product: () => 1 } })
  // @ts-expect-error: the result is a number
  createServer<App>({ requests: { sum: () => '3' } })
  // @ts-expect-error: the params are two numbers
  createServer<App>({ requests: { sum: (params: string) => params.length } })
  // @ts-expect-error: a stream is an async generator
  createServer<App>({ requests: { tokens: () => 'token' } })
  createServer<App>({
    requests: {
      // @ts-expect-error: the items are texts
      tokens: async function* () {
        yield 5
      },
    },
  })
}

export function channels(): void {
  createServer<App>({
    port: 0,
    channels: {
      chat: {
        authorize: ({ subject }) => subject,
        history: { maxMessages: 10, maxAgeMs: 1000 },
        getState: async ({ client }) => client.channels.size,
      },
      news: { history: true },
    },
  })

  // @ts-expect-error: a channel without history has none
  createServer<App>({ channels: { news: { history: false } } })
  // @ts-expect-error: no such limit
  createServer<App>({ channels: { news: { history: { maxBytes: 5 } } } })
  // @ts-expect-error: the state is asked for
  createServer<App>({ channels: { news: { history: true, getState: 'now' } } })
  // @ts-expect-error: no such channel
  createServer<App>({ channels: { chess: {} } })
  // @ts-expect-error: no such event
  createServer<App>({ channels: { news: { on: { message: () => {} } } } })
  // @ts-expect-error: the data is a text
  createServer<App>({ channels: { news: { on: { headline: (data: number) => data } } } })
}

export function broadcast(): void {
  const members: number = server.broadcast('chat', 'message', { text: 'hi' })
  server.members('news').size.toFixed(members)
  for (const except of server.clients) server.broadcast('chat', 'typing', true, { volatile: true, except })

  // @ts-expect-error: no such option
  server.broadcast('chat', 'typing', true, { reliable: true })
  // @ts-expect-error: no such channel
  server.broadcast('chess', 'move', 'e4')
  // @ts-expect-error: no such event
  server.broadcast('news', 'message', { text: 'hi' })
  // @ts-expect-error: the data is an object with a text
  server.broadcast('chat', 'message', 'hi')
}

export async function askThePage(): Promise<void> {
  for (const client of server.clients) {
    const sure: boolean = await client.request('confirm', 'sure?', { timeoutMs: 1000 })
    client.send('chat', 'typing', sure)
    client.send('chat', 'typing', sure, { volatile: true })

    // @ts-expect-error: yes or no
    client.send('chat', 'typing', sure, { volatile: 1 })
    // @ts-expect-error: a method that the page asks
    await client.request('sum', [1, 2])
    // @ts-expect-error: the params are a text
    await client.request('confirm', 5)
    // @ts-expect-error: the result is a boolean
    const text: string = await client.request('confirm', 'sure?')
    // @ts-expect-error: the data is a boolean
    client.send('chat', 'typing', text)
  }
}
