/** Compiled, never run: each line under an expectation must fail to compile, and every other line must not. */
import { createServer, type Server } from '../../src/server/index.js'
import type { App } from './app.js'

export const server: Server<App> = createServer<App>({
  port: 0,
  requests: {
    sum: ([a, b], { signal }) => (signal.aborted ? 0 : a + b),
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
