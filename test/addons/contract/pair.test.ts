/** Both ends with one contract, over the pair in memory. */
import { afterEach, describe, expect, test } from 'vitest'
import { connectWith } from '../../../src/addons/contract/index.js'
import { resumable } from '../../../src/addons/resume/index.js'
import type { ConnectOptions, HoldfastError } from '../../../src/index.js'
import type { ContractShape, Validate } from '../../../src/protocol/contract.js'
import type { ServerOptions } from '../../../src/server/public.js'
import { createTestPair, type TestPair } from '../../../src/testing/index.js'
import { contracts } from './schemas.js'

const pairs: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const pair of pairs.splice(0)) await pair.close()
})

interface World {
  pair: TestPair
  errors: HoldfastError[]
  /** What handlers of the server got. */
  got: unknown[]
}

interface Setup {
  page?: ContractShape | undefined
  server?: ContractShape
  validate?: { page?: Validate; server?: Validate }
  options?: ConnectOptions
  serverOptions?: ServerOptions
}

async function begin(
  contract: ContractShape,
  { page = contract, server = contract, validate = {}, options, serverOptions }: Setup = {},
): Promise<World> {
  const got: unknown[] = []
  const take = (data: unknown): void => void got.push(data)
  const echo = (params: unknown): unknown => {
    take(params)
    return params
  }
  const pair = createTestPair({
    connect: (url, rest) =>
      connectWith(page, url, { ...rest, ...options, ...(validate.page && { validate: validate.page }) }),
    server: {
      contract: server,
      ...(validate.server && { validate: validate.server }),
      requests: {
        sum: (params) => {
          take(params)
          return Array.isArray(params) ? params.length : 'none'
        },
        when: echo,
        register: echo,
        async *count(params) {
          take(params)
          yield 1
          yield 'two'
          yield 3
          return 3
        },
      },
      channels: { chat: { on: { message: take, name: take, say: take, said: take, free: take } } },
      ...serverOptions,
    },
  })
  pairs.push(pair)
  const errors: HoldfastError[] = []
  pair.client.on('error', (error) => errors.push(error))
  await pair.settle()
  return { pair, errors, got }
}

/** How a promise ends, kept for later. */
const fateOf = (promise: Promise<unknown>): { value?: unknown; error?: unknown } => {
  const fate: { value?: unknown; error?: unknown } = {}
  promise.then(
    (value) => Object.assign(fate, { value }),
    (error) => Object.assign(fate, { error }),
  )
  return fate
}

const AT = '2026-11-25T10:00:00.000Z'

describe.each(Object.entries(contracts))('a contract in %s', (_library, contract) => {
  test('lets through what fits, and gives what the schema makes of it', async () => {
    const { pair, errors, got } = await begin(contract)
    const chat = pair.client.channel('chat', { join: true })
    const heard: unknown[] = []
    chat.on('message', (data) => heard.push(data))
    const sum = fateOf(pair.client.request('sum', [1, 2]))
    const when = fateOf(pair.client.request('when', AT))
    await pair.settle()
    chat.send('message', { text: 'hi', at: AT })
    pair.server.broadcast('chat', 'message', { text: 'ho', at: AT })
    await pair.settle()
    expect(sum.value).toBe(2)
    expect(when.value).toEqual(new Date(AT))
    expect(got).toEqual([[1, 2], AT, { text: 'hi', at: new Date(AT) }])
    expect(heard).toEqual([{ text: 'ho', at: new Date(AT) }])
    expect(errors).toEqual([])
    expect(pair.client.stats.protocolErrors).toBe(0)
    expect(pair.server.metrics()).toMatchObject({ protocolErrors: 0, contractSkews: 0 })
  })

  test('P4.9 drops an event that does not fit, counts it, and names its field', async () => {
    const { pair, errors } = await begin(contract)
    const chat = pair.client.channel('chat', { join: true })
    const heard: unknown[] = []
    chat.on('message', (data) => heard.push(data))
    await pair.settle()
    pair.server.broadcast('chat', 'message', { text: 7, at: AT })
    pair.server.broadcast('chat', 'message', { text: 8, at: AT })
    pair.server.broadcast('chat', 'message', { text: 'good', at: AT })
    await pair.settle()
    expect(heard).toEqual([{ text: 'good', at: new Date(AT) }])
    expect(pair.client.stats.protocolErrors).toBe(2)
    expect(errors).toMatchObject([
      { code: 'CONTRACT', message: expect.stringMatching(/^chat\.message\.text: .*string/) },
    ])
  })

  test('P4.9 refuses params that do not fit before the handler', async () => {
    const { pair, got } = await begin(contract)
    const fate = fateOf(pair.client.request('sum', [1, 'two']))
    await pair.settle()
    expect(got).toEqual([])
    expect(fate.error).toMatchObject({
      code: -32602,
      message: expect.stringMatching(/^sum\.params\.1: .*number/),
      data: { path: 'sum.params.1', issues: [{ path: 'sum.params.1', message: expect.any(String) }] },
    })
    expect(pair.server.metrics()).toMatchObject({ protocolErrors: 1, errors: 1, openRequests: 0 })
    expect(JSON.stringify(pair.environment.logged)).toContain('sum.params.1')
  })

  test('fills in defaults, and ends a stream on the server at an item that does not fit', async () => {
    const { pair, got, errors } = await begin(contract)
    const items: unknown[] = []
    const fate = fateOf(
      (async () => {
        for await (const item of pair.client.stream('count', {})) items.push(item)
      })(),
    )
    await pair.settle()
    expect(got).toEqual([{ to: 3 }])
    expect(items).toEqual([1])
    expect(fate.error).toMatchObject({ code: 'CONTRACT', message: expect.stringMatching(/^count\.item: .*number/) })
    expect(errors).toEqual([fate.error])
    expect(pair.server.metrics().openRequests).toBe(0)
  })

  test('rejects a request whose answer does not fit, and reports it', async () => {
    const { pair, errors } = await begin(contract, { serverOptions: { requests: { when: () => 7 } } })
    const fate = fateOf(pair.client.request('when', AT))
    await pair.settle()
    expect(fate.error).toMatchObject({ code: 'CONTRACT', message: expect.stringMatching(/^when\.result: .*string/) })
    expect(errors).toEqual([fate.error])
    expect(pair.client.stats).toMatchObject({ protocolErrors: 1, openRequests: 0 })
  })

  test('refuses an event that goes the other way only', async () => {
    const { pair, errors, got } = await begin(contract)
    const chat = pair.client.channel('chat', { join: true })
    const heard: unknown[] = []
    chat.on('say', (data) => heard.push(data))
    chat.on('said', (data) => heard.push(data))
    await pair.settle()
    chat.send('said', 'not mine')
    chat.send('say', 'mine')
    pair.server.broadcast('chat', 'say', 'not its')
    pair.server.broadcast('chat', 'said', 'its')
    await pair.settle()
    expect(got).toEqual(['mine'])
    expect(heard).toEqual(['its'])
    expect(errors).toMatchObject([{ code: 'CONTRACT', message: 'chat.say: goes up only' }])
    expect(pair.server.metrics().protocolErrors).toBe(1)
  })

  test('a check that takes its time keeps the order of frames, both ways', async () => {
    const { pair, got, errors } = await begin(contract)
    const chat = pair.client.channel('chat', { join: true })
    const heard: unknown[] = []
    for (const event of ['name', 'said', 'free']) chat.on(event, (data) => heard.push(data))
    await pair.settle()
    chat.send('name', 'ada')
    chat.send('say', 'after ada')
    chat.send('name', 'taken')
    chat.send('free', 1)
    const order: unknown[] = []
    for (const [method, params] of [
      ['register', 'bob'],
      ['register', 'taken'],
      ['sum', [1]],
    ] as const) {
      pair.client.request(method, params).then(
        () => order.push(method),
        (error) => order.push(error.code),
      )
    }
    pair.server.broadcast('chat', 'name', 'cleo')
    pair.server.broadcast('chat', 'name', 'taken')
    pair.server.broadcast('chat', 'said', 'after cleo')
    for (let turn = 0; turn < 9; turn++) {
      await pair.settle()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(got.filter((data) => data !== 'bob' && !Array.isArray(data))).toEqual(['ada', 'after ada', 1])
    expect(got.filter((data) => data === 'bob' || Array.isArray(data))).toEqual(['bob', [1]])
    expect(heard).toEqual(['cleo', 'after cleo'])
    expect(order).toEqual(expect.arrayContaining(['register', -32602, 'sum']))
    expect(errors).toMatchObject([{ code: 'CONTRACT' }])
    expect(pair.server.metrics().protocolErrors).toBe(2)
  })

  test('answers a request of the server that does not fit with -32602, and checks the answer', async () => {
    const { pair, errors } = await begin(contract)
    const asked: unknown[] = []
    pair.client.handle('confirm', (params) => {
      asked.push(params)
      return 'maybe'
    })
    const [client] = pair.server.clients
    const bad = fateOf(client?.request('confirm', 7) ?? Promise.resolve())
    const odd = fateOf(client?.request('confirm', 'sure?') ?? Promise.resolve())
    await pair.settle()
    expect(asked).toEqual(['sure?'])
    expect(bad.error).toMatchObject({ code: -32602, message: expect.stringMatching(/^confirm\.params: /) })
    expect(odd.error).toMatchObject({ code: 'CONTRACT', message: expect.stringMatching(/^confirm\.result: /) })
    expect(errors).toMatchObject([{ code: 'CONTRACT', message: expect.stringMatching(/^confirm\.params: /) }])
    expect(pair.client.stats.protocolErrors).toBe(1)
    expect(pair.server.metrics().protocolErrors).toBe(1)
  })

  test('both: what does not fit does not go', async () => {
    const { pair, got } = await begin(contract, { validate: { page: 'both', server: 'both' } })
    const chat = pair.client.channel('chat', { join: true })
    await pair.settle()
    expect(() => chat.send('message', { text: 7, at: AT })).toThrow(/^chat\.message\.text: /)
    expect(() => chat.send('said', 'not mine')).toThrow('chat.said: goes down only')
    const params = fateOf(pair.client.request('sum', ['one']))
    const [client] = pair.server.clients
    expect(() => pair.server.broadcast('chat', 'message', { text: 7, at: AT })).toThrow(/^chat\.message\.text: /)
    expect(() => client?.send('chat', 'say', 'not its')).toThrow('chat.say: goes up only')
    const asked = fateOf(client?.request('confirm', 7) ?? Promise.resolve())
    const items: unknown[] = []
    const stream = fateOf(
      (async () => {
        for await (const item of pair.client.stream('count', { to: 1 })) items.push(item)
      })(),
    )
    await pair.settle()
    expect(params.error).toMatchObject({ code: 'CONTRACT', message: expect.stringMatching(/^sum\.params\.0: /) })
    expect(asked.error).toMatchObject({ code: 'CONTRACT', message: expect.stringMatching(/^confirm\.params: /) })
    expect(items).toEqual([1])
    expect(stream.error).toMatchObject({ code: -32603, message: 'internal error' })
    expect(JSON.stringify(pair.environment.logged)).toContain('count failed')
    expect(got).toEqual([{ to: 1 }])
    expect(pair.up.waiting).toEqual([])
  })

  test('none: types alone', async () => {
    const { pair, got, errors } = await begin(contract, { validate: { page: 'none', server: 'none' } })
    const fate = fateOf(pair.client.request('sum', 'anything'))
    await pair.settle()
    expect(fate.value).toBe('none')
    expect(got).toEqual(['anything'])
    expect(errors).toEqual([])
  })

  test('P4.8 another contract on the other end is said once on both ends, and breaks nothing', async () => {
    const server = { ...contract, requests: { ...contract.requests, other: {} } }
    const { pair, errors } = await begin(contract, { server })
    expect(errors).toMatchObject([{ code: 'CONTRACT_SKEW' }])
    expect(pair.server.metrics().contractSkews).toBe(1)
    expect(JSON.stringify(pair.environment.logged).match(/another contract/g)).toHaveLength(1)
    pair.client.reconnect()
    await pair.settle()
    const fate = fateOf(pair.client.request('sum', [1]))
    await pair.settle()
    expect(fate.value).toBe(1)
    expect(errors).toHaveLength(1)
    expect(pair.client.stats.openRequests).toBe(0)
  })
})

describe('the hash', () => {
  test.each([
    ['jsonrpc', { wire: 'jsonrpc' as const }, {}],
    ['auth', { auth: () => 'token' }, { auth: () => 'ada' }],
    ['a session', { session: resumable() }, {}],
  ])('P4.8 travels with %s', async (_name, options, serverOptions) => {
    const { pair, errors } = await begin(contracts.zod, { server: contracts.valibot, options, serverOptions })
    expect(errors).toMatchObject([{ code: 'CONTRACT_SKEW' }])
    expect(pair.server.metrics().contractSkews).toBe(1)
  })

  test('P4.8 a server without a contract says that it has none, and nothing comes of it', async () => {
    const pair = createTestPair({ connect: (url, options) => connectWith(contracts.zod, url, options) })
    pairs.push(pair)
    const errors: HoldfastError[] = []
    pair.client.on('error', (error) => errors.push(error))
    await pair.settle()
    expect(errors).toEqual([])
    expect(pair.client.status).toBe('open')
    expect(pair.client.stats.openRequests).toBe(0)
  })
})

test('requests have the timeout and the idempotence of the contract, unless they say otherwise', async () => {
  const { pair, got } = await begin(contracts.zod)
  pair.client.request('sum', [1]).catch(() => {})
  const when = fateOf(pair.client.request('when', AT))
  await pair.environment.settle()
  pair.connection.cut()
  pair.client.reconnect()
  await pair.settle()
  expect(when.error).toMatchObject({ code: 'DELIVERY_UNKNOWN' })
  expect(got).toEqual([[1]])
})

test('a request has the time limit of its contract', async () => {
  const { pair } = await begin(contracts.zod, { serverOptions: { requests: { sum: () => new Promise(() => {}) } } })
  const mine = fateOf(pair.client.request('sum', [1]))
  const longer = fateOf(pair.client.request('sum', [1], { timeoutMs: 1_000 }))
  await pair.run(600)
  expect(mine.error).toMatchObject({ code: 'TIMEOUT' })
  expect(longer).toEqual({})
  await pair.run(600)
  expect(longer.error).toMatchObject({ code: 'TIMEOUT' })
})
