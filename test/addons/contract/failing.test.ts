/** Schemas that break, or never answer, and contracts that are none. */
import { afterEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { connectWith } from '../../../src/addons/contract/index.js'
import { type HoldfastError, InvalidOption } from '../../../src/index.js'
import type { ContractShape } from '../../../src/protocol/contract.js'
import { hashOf } from '../../../src/protocol/examine.js'
import type { StandardSchema, Verdict } from '../../../src/protocol/schema.js'
import type { ServerOptions } from '../../../src/server/public.js'
import { createTestPair, type TestPair } from '../../../src/testing/index.js'

const pairs: TestPair[] = []
// Each rejects if a timer is left.
afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close()
})

const schema = (validate: (value: unknown) => Verdict<unknown> | Promise<Verdict<unknown>>): StandardSchema => ({
  '~standard': { version: 1, vendor: 'test', validate },
})
const throwing = schema(() => {
  throw new Error('boom')
})
const rejecting = schema(() => Promise.reject(new Error('boom')))
const never = schema(() => new Promise(() => {}))

async function begin(page: ContractShape, server: ServerOptions) {
  const pair: TestPair = createTestPair({ connect: (url, options) => connectWith(page, url, options), server })
  pairs.push(pair)
  const errors: HoldfastError[] = []
  pair.client.on('error', (error) => errors.push(error))
  await pair.settle()
  return { pair, errors }
}

/** How a promise ends, kept for later. */
function fateOf(promise: Promise<unknown>): { value?: unknown; error?: unknown } {
  const fate: { value?: unknown; error?: unknown } = {}
  promise.then(
    (value) => Object.assign(fate, { value }),
    (error) => Object.assign(fate, { error }),
  )
  return fate
}

describe.each([
  ['throws', throwing],
  ['rejects', rejecting],
])('a schema of the page that %s', (_how, broken) => {
  test('ends its request at once, and is reported by its name', async () => {
    const { pair, errors } = await begin({ requests: { ask: { result: broken } } }, { requests: { ask: () => 1 } })
    const fate = fateOf(pair.client.request('ask'))
    await pair.settle()
    expect(fate.error).toMatchObject({
      code: 'CONTRACT',
      message: 'ask.result: the schema failed: boom',
      cause: new Error('boom'),
    })
    expect(errors).toEqual([fate.error])
    expect(pair.client.stats).toMatchObject({ protocolErrors: 1, openRequests: 0 })
  })

  test('ends its stream at once, on the server too', async () => {
    const left: string[] = []
    async function* count() {
      try {
        for (;;) yield 1
      } finally {
        left.push('count')
      }
    }
    const { pair } = await begin({ requests: { count: { item: broken } } }, { requests: { count } })
    const reader = pair.client.stream('count')[Symbol.asyncIterator]()
    const fate = fateOf(reader.next())
    await pair.run(20)
    expect(fate.error).toMatchObject({ code: 'CONTRACT', message: 'count.item: the schema failed: boom' })
    expect(left).toEqual(['count'])
    expect(pair.server.metrics().openRequests).toBe(0)
  })

  test('drops its event, and what comes after it passes', async () => {
    const page = { channels: { chat: { bad: broken } } }
    const { pair, errors } = await begin(page, { channels: { chat: {} } })
    const chat = pair.client.channel('chat', { join: true })
    const heard: unknown[] = []
    for (const event of ['bad', 'good']) chat.on(event, (data) => heard.push(data))
    await pair.settle()
    pair.server.broadcast('chat', 'bad', 1)
    pair.server.broadcast('chat', 'good', 2)
    await pair.settle()
    expect(heard).toEqual([2])
    expect(errors).toMatchObject([{ code: 'CONTRACT', message: 'chat.bad: the schema failed: boom' }])
  })

  test('answers a request of the server with -32603: it is the page that is at fault', async () => {
    const { pair } = await begin({ serverRequests: { confirm: { params: broken } } }, {})
    const asked: unknown[] = []
    pair.client.handle('confirm', (params) => asked.push(params))
    const [client] = pair.server.clients
    const fate = fateOf(client?.request('confirm', 1) ?? Promise.resolve())
    await pair.settle()
    expect(asked).toEqual([])
    expect(fate.error).toMatchObject({ code: -32603, message: 'confirm.params: the schema failed: boom' })
  })
})

test('an answer with members that mean nothing there ends its request all the same', async () => {
  const wire = { encode: JSON.stringify, decode: (data: unknown) => ({ ...JSON.parse(`${data}`), channel: 'chat' }) }
  const pair: TestPair = createTestPair({
    connect: (url, options) => connectWith({ requests: { ask: { result: throwing } } }, url, { ...options, wire }),
    server: { requests: { ask: () => 1 } },
  })
  pairs.push(pair)
  const fate = fateOf(pair.client.request('ask', null))
  await pair.settle()
  expect(fate.error).toMatchObject({ code: 'CONTRACT' })
})

describe('a schema of the page that never answers', () => {
  const page = { requests: { ask: { result: never } } }
  const server = { requests: { ask: () => 1, other: () => 2 } }

  test('holds up the conversation for 10 s, then its request ends', async () => {
    const { pair, errors } = await begin(page, server)
    const stuck = fateOf(pair.client.request('ask'))
    const behind = fateOf(pair.client.request('other'))
    await pair.run(9_900)
    expect([stuck, behind]).toEqual([{}, {}])
    await pair.run(200)
    expect(stuck.error).toMatchObject({
      code: 'CONTRACT',
      message: 'ask.result: the schema failed: no answer in 10000 ms',
    })
    expect(behind.value).toBe(2)
    expect(errors).toEqual([stuck.error])
  })

  test('leaves no timer when the client ends before', async () => {
    const { pair } = await begin(page, server)
    const stuck = fateOf(pair.client.request('ask'))
    await pair.settle()
    pair.client.close()
    await pair.settle()
    expect(stuck.error).toMatchObject({ code: 'DELIVERY_UNKNOWN' })
  })
})

test.each([
  ['validate', {}, 'out'],
  ['validate', {}, ['in']],
  ['validate', {}, null],
  ['contract', null, 'in'],
  ['contract', 'chat', 'in'],
  ['contract', { requests: 7 }, 'in'],
  ['contract', { channels: null }, 'in'],
])('%s that makes no sense throws InvalidOption: %j %j', (field, contract, validate) => {
  const connect = () => Reflect.apply(connectWith, undefined, [contract, 'ws://127.0.0.1:9', { validate }])
  expect(connect).toThrow(InvalidOption)
  expect(connect).toThrow(new RegExp(`^${field}: `))
})

describe('the hash', () => {
  const text = z.string()

  test('is the same in another order of names', () => {
    const one = { requests: { a: { params: z.object({ x: text, y: text }), result: text }, b: {} } }
    const other = { requests: { b: {}, a: { result: text, params: z.object({ y: text, x: text }) } } }
    expect(hashOf(one)).toBe(hashOf(other))
  })

  test('is another one for another schema, name, flag or direction', () => {
    const contracts: ContractShape[] = [
      { requests: { a: { params: text } } },
      { requests: { a: { params: z.number() } } },
      { requests: { b: { params: text } } },
      { requests: { a: { params: text, idempotent: true } } },
      { channels: { a: { b: { data: text, direction: 'up' } } } },
      { channels: { a: { b: { data: text, direction: 'down' } } } },
      { requests: { a: { params: z.tuple([text, z.number()]) } } },
      { requests: { a: { params: z.tuple([z.number(), text]) } } },
    ]
    expect(new Set(contracts.map(hashOf)).size).toBe(contracts.length)
  })

  test('counts a schema that cannot say what it is by who made it', () => {
    const contracts = [{}, { params: schema((value) => ({ value })) }, { params: z.date() }]
    expect(new Set(contracts.map((a) => hashOf({ requests: { a } }))).size).toBe(3)
  })
})
