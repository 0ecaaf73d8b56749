/** Compiled, never run: what a contract makes of both ends. */
import { z } from 'zod'
import { connectWith, defineContract, type } from '../../src/addons/contract/index.js'
import { createServer } from '../../src/server/index.js'

const contract = defineContract({
  requests: {
    when: { params: z.string().transform(Number), result: z.string().transform((text) => new Date(text)) },
    now: { result: type<string>() },
    tokens: { params: type<string>(), item: z.string().transform((text) => text.length) },
  },
  serverRequests: { confirm: { params: z.string().default('sure?'), result: z.boolean(), timeoutMs: 5 } },
  channels: {
    chat: {
      message: z.string().transform((text) => text.length),
      say: { data: z.string(), direction: 'up' },
      said: { data: type<{ text: string }>(), direction: 'down' },
    },
  },
})

// @ts-expect-error: no such direction
defineContract({ channels: { chat: { say: { data: type<string>(), direction: 'left' } } } })
// @ts-expect-error: no schema
defineContract({ requests: { sum: { params: 5 } } })

export async function page(): Promise<void> {
  const client = connectWith(contract, 'wss://example.com', { validate: 'both' })
  const when: Date = await client.request('when', '5')
  const now: string = await client.request('now')
  for await (const token of client.stream('tokens', now)) token.toFixed(when.getTime())
  client.handle('confirm', (question) => question.length > 0)
  const chat = client.channel('chat')
  chat.send('message', 'hi')
  chat.on('message', (length) => length.toFixed())
  chat.send('say', 'hi')
  chat.on('said', ({ text }) => text.toUpperCase())

  // @ts-expect-error: the schema takes a text
  await client.request('when', 5)
  // @ts-expect-error: the schema makes a date of it
  const text: string = await client.request('when', '5')
  // @ts-expect-error: pages send it
  chat.on('say', () => text)
  // @ts-expect-error: the server sends it
  chat.send('said', { text: 'hi' })
  // @ts-expect-error: no such method
  await client.request('confirm', 'sure?')
  // @ts-expect-error: no such choice
  connectWith(contract, 'wss://example.com', { validate: 'out' })
}

export async function server(): Promise<void> {
  const both = createServer({
    port: 0,
    contract,
    validate: 'both',
    requests: {
      when: (number) => number.toFixed(),
      now: () => 'now',
      async *tokens(question) {
        yield question.toUpperCase()
      },
    },
    channels: { chat: { on: { message: (length) => void length.toFixed(), say: (text) => void text.length } } },
  })
  both.broadcast('chat', 'message', 'hi')
  both.broadcast('chat', 'said', { text: 'hi' })
  for (const client of both.clients) {
    const sure: boolean = await client.request('confirm')
    client.send('chat', 'message', String(sure))
  }

  // @ts-expect-error: the schema takes a text
  both.broadcast('chat', 'message', 5)
  // @ts-expect-error: pages send it
  both.broadcast('chat', 'say', 'hi')
  // @ts-expect-error: the schema takes a text
  createServer({ contract, requests: { when: () => new Date() } })
  // @ts-expect-error: the server sends it
  createServer({ contract, channels: { chat: { on: { said: () => {} } } } })
  // @ts-expect-error: no such method
  createServer({ contract, requests: { confirm: () => true } })
}
