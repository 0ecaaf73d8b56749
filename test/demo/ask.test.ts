import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import type { App } from '../../demo/app.js'
import type { Client } from '../../src/index.js'
import { makeTrouble, start, until, visit } from './support.js'

const toClose: (() => void)[] = []
afterEach(() => {
  for (const close of toClose.splice(0)) close()
})

/** A small server that speaks like OpenAI's; gives the environment that leads to it. */
async function startModel(answer: RequestListener) {
  const server = createServer(answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  toClose.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { DEEPSEEK_API_KEY: 'test-key', DEEPSEEK_BASE_URL: `http://127.0.0.1:${port}` }
}

const event = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`

async function collect(client: Client<App>, question: string, signal?: AbortSignal): Promise<string[]> {
  const pieces: string[] = []
  for await (const piece of client.stream('ask', { question }, signal ? { signal } : {})) pieces.push(piece)
  return pieces
}

test('with a key, the model answers in tokens, told the question and the documentation', async () => {
  let asked: { request: IncomingMessage; body: unknown } | undefined
  const environment = await startModel(async (request, response) => {
    asked = { request, body: await json(request) }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(`${event('Hold')}${event('fast')}data: [DONE]\n\n`)
  })
  const client = await visit(await start({ environment }), 'Ada')

  expect(await client.request('ask.who')).toMatchObject({ kind: 'model', name: expect.stringContaining('DeepSeek') })
  expect(await collect(client, 'How does the heartbeat work?')).toEqual(['Hold', 'fast'])
  expect(asked?.request.url).toBe('/chat/completions')
  expect(asked?.request.headers.authorization).toBe('Bearer test-key')
  expect(asked?.body).toMatchObject({
    stream: true,
    thinking: { type: 'disabled' },
    messages: [
      { role: 'system', content: expect.stringMatching(/heartbeat/i) },
      { role: 'user', content: 'How does the heartbeat work?' },
    ],
  })
})

test('Stop ends the request to the model', async () => {
  let hungUp = false
  const environment = await startModel((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(event('first'))
    response.on('close', () => {
      hungUp = true
    })
  })
  const client = await visit(await start({ environment }), 'Ada')
  for await (const piece of client.stream('ask', { question: 'Why?' })) {
    expect(piece).toBe('first')
    break
  }
  await until(() => hungUp, true)
})

test('what the model refuses is said in words', async () => {
  const environment = await startModel((_request, response) => {
    response.writeHead(402, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { message: 'Insufficient Balance' } }))
  })
  const client = await visit(await start({ environment }), 'Ada')
  await expect(collect(client, 'Why?')).rejects.toMatchObject({
    code: 'model_failed',
    message: expect.stringContaining('Insufficient Balance'),
  })
})

test('without a key, the documentation answers word by word, and says where it is from', async () => {
  const client = await visit(await start(), 'Ada')
  expect(await client.request('ask.who')).toEqual({ kind: 'search', name: 'Search in the documentation' })
  const pieces = await collect(client, 'How does the heartbeat work?')
  expect(pieces.length).toBeGreaterThan(20)
  expect(pieces.join('')).toMatch(/^From [\w./-]+\.md, “.+”:\n\n.*heartbeat/is)
}, 20_000)

test('without a key, a question about something else gets a hint', async () => {
  const client = await visit(await start(), 'Ada')
  expect((await collect(client, 'xylophone zebra')).join('')).toContain('I found nothing about that.')
})

describe('an answer under way', () => {
  const QUESTION = 'What does the page do after a close?'

  test.each(['cut', 'flap', 'restart'] as const)(
    '%s: goes on where it was, to the last word',
    async (name) => {
      const demo = await start()
      const client = await visit(demo, 'Ada')
      const whole = await collect(client, QUESTION)
      const pieces: string[] = []
      for await (const piece of client.stream('ask', { question: QUESTION })) {
        if (pieces.push(piece) === 3) await makeTrouble(demo, name)
      }
      expect(pieces).toEqual(whole)
    },
    30_000,
  )

  test('kill: what became of it is unknown, and said to be', async () => {
    const demo = await start()
    const client = await visit(demo, 'Ada')
    const pieces: string[] = []
    const answer = (async () => {
      for await (const piece of client.stream('ask', { question: QUESTION })) {
        if (pieces.push(piece) === 3) await makeTrouble(demo, 'kill')
      }
    })()
    await expect(answer).rejects.toMatchObject({ code: 'DELIVERY_UNKNOWN' })
  }, 15_000)
})
