/** Compiled, never run: each line under an expectation must fail to compile, and every other line must not. */
import { type Client, connect } from '../../src/index.js'
import type { App } from './app.js'

export const client: Client<App> = connect<App>('wss://example.com')

export async function requests(): Promise<void> {
  const sum: number = await client.request('sum', [1, 2], { timeoutMs: 1000, idempotent: true })
  const now: string = await client.request('now')
  await client.request('now', undefined, { timeoutMs: sum + now.length })

  // @ts-expect-error: no such method
  await client.request('product', [1, 2])
  // @ts-expect-error: one number is missing
  await client.request('sum', [1])
  // @ts-expect-error: texts are no numbers
  await client.request('sum', ['1', '2'])
  // @ts-expect-error: the params are missing
  await client.request('sum')
  // @ts-expect-error: the result is a number
  const text: string = await client.request('sum', [1, 2])
  // @ts-expect-error: no such option
  await client.request('now', undefined, { timeout: text })
  // @ts-expect-error: a method that the server asks
  await client.request('confirm', 'sure?')
}

export async function streams(): Promise<void> {
  for await (const token of client.stream('tokens', 'why', { signal: AbortSignal.timeout(1) })) token.toUpperCase()

  // @ts-expect-error: sum is no stream
  client.stream('sum', [1, 2])
  // @ts-expect-error: the params are a text
  client.stream('tokens', 5)
  for await (const token of client.stream('tokens', 'why')) {
    // @ts-expect-error: the items are texts
    token.toFixed()
  }
}

export function handlers(): void {
  const off: () => void = client.handle('confirm', (question, { signal }) => question.length > 0 && !signal.aborted)
  off()
  client.handle('confirm', async () => true)

  // @ts-expect-error: no such method
  client.handle('sum', () => 3)
  // @ts-expect-error: the result is a boolean
  client.handle('confirm', () => 'yes')
  // @ts-expect-error: the params are a text
  client.handle('confirm', (question: number) => question > 0)
}

export function channels(): void {
  const chat = client.channel('chat', { join: { as: 'ada' } })
  const off: () => void = chat.on('message', ({ text }) => text.toUpperCase())
  off()
  chat.send('message', { text: 'hi' })
  chat.send('typing', true)
  chat.send('cleared')

  // @ts-expect-error: no such channel
  client.channel('chess')
  // @ts-expect-error: no such event
  chat.on('headline', () => {})
  // @ts-expect-error: no such event
  chat.send('headline', 'hi')
  // @ts-expect-error: the data is an object with a text
  chat.send('message', 'hi')
  // @ts-expect-error: the data is missing
  chat.send('message')
  // @ts-expect-error: the data is a boolean
  chat.on('typing', (typing: string) => typing)
}

export function events(): void {
  client.on('open', ({ reconnected }) => !reconnected)
  client.on('error', ({ code }) => code)

  // @ts-expect-error: no such event
  client.on('opened', () => {})
  // @ts-expect-error: a status is no listener
  client.on('open', client.status)
}

export function options(): void {
  connect(() => Promise.resolve(new URL('wss://example.com')), { backoff: { maxMs: 1000 }, heartbeat: false })

  // @ts-expect-error: no such option
  connect('wss://example.com', { reconnect: true })
  // @ts-expect-error: times are numbers of milliseconds
  connect('wss://example.com', { requestTimeoutMs: '5 s' })
  // @ts-expect-error: no such way to overflow
  connect('wss://example.com', { queue: { overflow: 'block' } })
  // @ts-expect-error: a heartbeat needs its interval
  connect('wss://example.com', { heartbeat: { ping: 'hello' } })
}

/** Without an `App` every name goes, and what comes back is unknown. */
export async function untyped(): Promise<void> {
  const anything = connect('wss://example.com')
  const result: unknown = await anything.request('whatever', { a: 1 })
  anything.channel('some').on('event', (data: unknown) => data ?? result)

  // @ts-expect-error: unknown is no number until it is checked
  const sum: number = await anything.request('sum', [1, 2])
  sum.toFixed()
}
