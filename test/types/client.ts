/** Compiled, never run: each line under an expectation must fail to compile, and every other line must not. */
import { resumable } from '../../src/addons/resume/index.js'
import { type Client, connect, type Split } from '../../src/index.js'
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

  chat.send('typing', true, { volatile: true })
  chat.send('cleared', undefined, { volatile: true })
  client.send('raw', { volatile: true })

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
  // @ts-expect-error: the options come after the data
  chat.send('message', { volatile: true })
  // @ts-expect-error: no such option
  chat.send('typing', true, { idempotent: true })
  // @ts-expect-error: yes or no
  client.send('raw', { volatile: 'yes' })
}

export async function deliveries(): Promise<void> {
  const chat = client.channel('chat')
  await chat.deliver('message', { text: 'hi' })
  await chat.deliver('cleared')

  // @ts-expect-error: no such event
  await chat.deliver('headline', 'hi')
  // @ts-expect-error: the data is an object with a text
  await chat.deliver('message', 'hi')
  // @ts-expect-error: the data is missing
  await chat.deliver('message')
  // @ts-expect-error: what may vanish is not waited for
  await chat.deliver('typing', true, { volatile: true })
  // @ts-expect-error: it is handled or not, and gives nothing
  const result: number = await chat.deliver('message', { text: 'hi' })
  result.toFixed()
}

export function events(): void {
  client.on('open', ({ reconnected }) => !reconnected)
  client.on('error', ({ code }) => code)

  client.on('resumed', ({ replayed, missedMs }) => replayed.toFixed() + missedMs.toFixed())
  client.on('gap', ({ channel = 'all', from, to = from, why }) => `${channel.length} ${to - from} ${why === 'epoch'}`)
  client.on('sessionlost', ({ unknown, messages }) =>
    messages.map(({ data, channel }) => [typeof data, channel?.length, unknown.toFixed()]),
  )
  client.on('drop', ({ why }) => why === 'too-large')

  // @ts-expect-error: no such event
  client.on('opened', () => {})
  // @ts-expect-error: nobody may know where a gap ends
  client.on('gap', ({ to }) => to.toFixed())
  // @ts-expect-error: raw messages have no channel
  client.on('sessionlost', ({ messages: [first] }) => first?.channel.length)
  // @ts-expect-error: no such reason
  client.on('sessionlost', ({ why }) => why === 'bored')
  // @ts-expect-error: what it brings is not to be changed
  client.on('sessionlost', ({ messages }) => messages.pop())
  // @ts-expect-error: a status is no listener
  client.on('open', client.status)
}

export function options(): void {
  connect(() => Promise.resolve(new URL('wss://example.com')), { backoff: { maxMs: 1000 }, heartbeat: false })

  connect('wss://example.com', { session: resumable() })
  connect('wss://example.com', { session: false })

  // @ts-expect-error: no such option
  connect('wss://example.com', { reconnect: true })
  // @ts-expect-error: it has to be called
  connect('wss://example.com', { session: resumable })
  // @ts-expect-error: a session has to be imported, so that who wants none does not carry it
  connect('wss://example.com', { session: true })
  // @ts-expect-error: it has no options
  resumable({ ttlMs: 1000 })
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

interface OneWay {
  channels: {
    chat: { say: Split<{ at: string }, never>; said: Split<never, { at: Date }>; moved: Split<string, number> }
  }
}

export function splitEvents(oneWay: Client<OneWay>): void {
  const chat = oneWay.channel('chat')
  chat.send('say', { at: 'now' })
  chat.on('said', ({ at }) => at.getTime())
  chat.send('moved', 'here')
  chat.on('moved', (by) => by.toFixed())

  // @ts-expect-error: the page only sends it
  chat.on('say', () => {})
  // @ts-expect-error: the page only receives it
  chat.send('said', { at: new Date() })
  // @ts-expect-error: it is sent as a text
  chat.send('moved', 5)
}
