/** A contract on what else may be between the two ends: sockets, another wire, a session. */
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { connectWith, defineContract } from '../../../src/addons/contract/index.js'
import { msgpack } from '../../../src/addons/msgpack/index.js'
import { resumable } from '../../../src/addons/resume/index.js'
import type { HoldfastError } from '../../../src/index.js'
import { createServer } from '../../../src/server/index.js'
import { createTestPair } from '../../../src/testing/index.js'

const closings: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closings.splice(0).reverse()) await close()
})

const contract = defineContract({
  requests: {
    later: { params: z.date(), result: z.date() },
    sum: { params: z.array(z.number()), result: z.number() },
    count: { params: z.number(), item: z.number() },
  },
  serverRequests: { confirm: { params: z.string(), result: z.boolean() } },
  channels: { chat: { message: z.object({ text: z.string() }), file: z.instanceof(Uint8Array) } },
})

/** What JavaScript may send all the same. */
const misfit = (value: unknown) => JSON.parse(JSON.stringify(value))

async function* count(to: number) {
  for (let item = 1; item < to; item++) yield item
  yield misfit('the end')
}

test('over real sockets, both ways', async () => {
  const got: unknown[] = []
  const warnings: string[] = []
  const logger = { debug() {}, warn: (message: string) => void warnings.push(message), error() {} }
  const server = createServer({
    port: 0,
    host: '127.0.0.1',
    logger,
    contract,
    requests: { later: (at) => at, sum: (numbers) => numbers.reduce((a, b) => a + b, 0), count },
    channels: { chat: { on: { message: (data) => void got.push(data) } } },
  })
  closings.push(() => server.close({ windowMs: 0, graceMs: 0 }))
  const client = connectWith(contract, `ws://127.0.0.1:${await server.listening()}`, { environment: { WebSocket } })
  closings.push(async () => client.close())
  const errors: HoldfastError[] = []
  client.on('error', (error) => errors.push(error))
  const chat = client.channel('chat')
  const heard: unknown[] = []
  chat.on('message', (data) => heard.push(data))
  await chat.join()

  expect(await client.request('sum', [1, 2])).toBe(3)
  await expect(client.request('sum', misfit([1, 'two']))).rejects.toMatchObject({
    code: -32602,
    data: { path: 'sum.params.1' },
  })
  const items: number[] = []
  const read = async (): Promise<void> => {
    for await (const item of client.stream('count', 3)) items.push(item)
  }
  await expect(read()).rejects.toMatchObject({ code: 'CONTRACT', message: expect.stringMatching(/^count\.item: /) })
  expect(items).toEqual([1, 2])

  client.handle('confirm', (text) => (text === 'odd' ? misfit('maybe') : true))
  const [page] = server.clients
  expect(await page?.request('confirm', 'sure?')).toBe(true)
  await expect(page?.request('confirm', misfit(7))).rejects.toMatchObject({ code: -32602 })
  await expect(page?.request('confirm', 'odd')).rejects.toMatchObject({ code: 'CONTRACT' })

  chat.send('message', misfit({ text: 7 }))
  chat.send('message', { text: 'up' })
  server.broadcast('chat', 'message', misfit({ text: 7 }))
  server.broadcast('chat', 'message', { text: 'down' })
  // Answered after all of these.
  await client.request('sum', [])
  expect(got).toEqual([{ text: 'up' }])
  expect(heard).toEqual([{ text: 'down' }])
  expect(client.stats.protocolErrors).toBe(3)
  expect(errors).toMatchObject([{ code: 'CONTRACT' }])
  expect(server.metrics()).toMatchObject({ protocolErrors: 3, contractSkews: 0, openRequests: 0 })
  expect(warnings).toHaveLength(1)
})

test('with MessagePack: dates and bytes are what the schemas see', async () => {
  const got: unknown[] = []
  const pair = createTestPair({
    connect: (url, options) => connectWith(contract, url, { ...options, wire: msgpack() }),
    server: {
      wire: msgpack(),
      contract: Object(contract),
      requests: {
        later(at) {
          got.push(at)
          return at
        },
        sum: () => 'three',
      },
      channels: { chat: { on: { file: (data) => void got.push(data) } } },
    },
  })
  closings.push(pair.close)
  const chat = pair.client.channel('chat', { join: true })
  const heard: unknown[] = []
  chat.on('file', (data) => heard.push(data))
  await pair.settle()
  const at = new Date(1_764_000_000_123)
  const bytes = new Uint8Array([1, 2, 255])
  const fates = Promise.allSettled([
    pair.client.request('later', at),
    pair.client.request('later', misfit('now')),
    pair.client.request('sum', [1, 2]),
  ])
  chat.send('file', bytes)
  pair.server.broadcast('chat', 'file', bytes)
  pair.server.broadcast('chat', 'file', 'no bytes')
  await pair.settle()
  expect(await fates).toMatchObject([
    { value: at },
    { reason: { code: -32602, message: expect.stringMatching(/^later\.params: .*date/) } },
    { reason: { code: 'CONTRACT', message: expect.stringMatching(/^sum\.result: .*number/) } },
  ])
  expect(got).toEqual([at, bytes])
  expect(heard).toEqual([bytes])
  expect(pair.client.stats.protocolErrors).toBe(2)
})

test('with a session: what was sent across a cut is held against it, once', async () => {
  const got: unknown[] = []
  const pair = createTestPair({
    connect: (url, options) => connectWith(contract, url, { ...options, session: resumable() }),
    server: {
      contract: Object(contract),
      requests: {
        sum(numbers) {
          got.push(numbers)
          return 1
        },
      },
      channels: { chat: { on: { message: (data) => void got.push(data) } } },
    },
  })
  closings.push(pair.close)
  const chat = pair.client.channel('chat', { join: true })
  const heard: unknown[] = []
  chat.on('message', (data) => heard.push(data))
  await pair.settle()
  pair.connection.cut()
  const fates = Promise.allSettled([pair.client.request('sum', [1]), pair.client.request('sum', misfit(['one']))])
  chat.send('message', { text: 'up' })
  chat.send('message', misfit({ text: 1 }))
  pair.server.broadcast('chat', 'message', { text: 'down' })
  pair.server.broadcast('chat', 'message', { text: 1 })
  await pair.run(3_000)
  expect(await fates).toMatchObject([{ value: 1 }, { reason: { code: -32602 } }])
  expect(got).toEqual([[1], { text: 'up' }])
  expect(heard).toEqual([{ text: 'down' }])
  expect(pair.client.stats.protocolErrors).toBe(1)
  expect(pair.server.metrics().protocolErrors).toBe(2)
})
