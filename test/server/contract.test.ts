import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import type { ContractShape } from '../../src/protocol/contract.js'
import type { StandardSchema } from '../../src/protocol/schema.js'
import { normalize } from '../../src/server/options.js'
import { event, house, joining, pass, virtualTime } from './support.js'

virtualTime()

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))
const schema = (validate: StandardSchema['~standard']['validate']): StandardSchema => ({
  '~standard': { version: 1, vendor: 'test', validate },
})
/** Takes as many ms as the value says. */
const slow = schema(async (value) => {
  await wait(Number(value))
  return { value }
})
const never = schema(() => new Promise(() => {}))
const broken = schema(() => {
  throw new Error('the password is 1234')
})

const contract: ContractShape = {
  requests: { sum: { params: z.array(z.number()) }, slow: { params: slow }, never: { params: never } },
  channels: { chat: { message: z.string(), down: { data: z.string(), direction: 'down' } } },
}

describe('options', () => {
  it.each<[string, object]>([
    ['validate', { validate: 'out' }],
    ['validate', { validate: null }],
    ['contract', { contract: null }],
    ['contract', { contract: 'chat' }],
    ['contract', { contract: { serverRequests: 1 } }],
    ['contract.requests.join', { contract: { requests: { join: {} } } }],
    ['contract.channels.a.b.direction', { contract: { channels: { a: { b: { data: {}, direction: 'in' } } } } }],
  ])('%s that makes no sense throws InvalidOption: %j', (field, options) => {
    expect(() => normalize({ port: 0, ...options })).toThrow(`${field}: expected`)
    expect(() => normalize({ port: 0, ...options })).toThrow(expect.objectContaining({ field }))
  })

  it('check what comes unless they say otherwise', () => {
    expect(normalize({ port: 0, contract }).validate).toBe('in')
  })
})

describe('a hostile page', () => {
  it('P4.9 may send bad params and events without end: all are counted, one is logged, none is kept', async () => {
    const handler = vi.fn()
    const { hub, join, log } = house({
      contract,
      limits: { messagesPerSecond: 10_000 },
      requests: { sum: handler },
      channels: { chat: { on: { message: handler, down: handler } } },
    })
    const { socket } = join()
    socket.receive(joining(1))
    await pass(0)
    for (let id = 2; id < 502; id++) {
      socket.receive({ id, method: 'sum', params: Array.from({ length: 50 }, () => 'x'.repeat(100)) })
      socket.receive(event(id))
      socket.receive(event('not yours', 'down'))
    }
    await pass(0)
    expect(handler).not.toHaveBeenCalled()
    expect(hub.metrics()).toMatchObject({ protocolErrors: 1_500, openRequests: 0 })
    expect(log.warnings).toHaveLength(1)
    expect(log.errors).toEqual([])
    // A refusal names the first ten of fifty.
    const refusal = socket.frames.at(-1)
    expect(refusal).toMatchObject({ id: 501, error: { code: -32602, data: { path: 'sum.params.0' } } })
    expect(JSON.stringify(refusal).length).toBeLessThan(3_000)
  })

  it('cannot have more schemas at work than requests open', async () => {
    const { hub, join } = house({ contract, limits: { maxOpenRequests: 3 }, requests: { slow: () => 1 } })
    const { socket } = join()
    for (let id = 1; id <= 5; id++) socket.receive({ id, method: 'slow', params: 10 })
    await pass(0)
    expect(hub.metrics().openRequests).toBe(3)
    expect(socket.frames).toMatchObject([4, 5].map((id) => ({ id, error: { code: 'TOO_MANY_OPEN' } })))
    await pass(100)
    expect(hub.metrics().openRequests).toBe(0)
  })
})

describe('schemas that take their time', () => {
  it('keep the order of requests', async () => {
    const got: unknown[] = []
    const { join } = house({
      contract,
      requests: {
        slow: (params) => {
          got.push(params)
          return null
        },
        sum: (params) => {
          got.push(params)
          return null
        },
      },
    })
    const { socket } = join()
    socket.receive({ id: 1, method: 'slow', params: 30 })
    socket.receive({ id: 2, method: 'slow', params: 1 })
    socket.receive({ id: 3, method: 'sum', params: [1] })
    await pass(100)
    expect(got).toEqual([30, 1, [1]])
    expect(socket.frames).toMatchObject([{ id: 1 }, { id: 2 }, { id: 3 }])
  })

  it('end after 10 s: the request fails, those behind it run', async () => {
    const handler = vi.fn(() => 3)
    const { hub, join, log } = house({ contract, requests: { never: handler, sum: handler } })
    const { socket } = join()
    socket.receive({ id: 1, method: 'never' })
    socket.receive({ id: 2, method: 'sum', params: [1, 2] })
    await pass(9_900)
    expect(socket.frames).toEqual([])
    await pass(200)
    expect(socket.frames).toEqual([
      { id: 1, error: { code: -32603, message: 'internal error' } },
      { id: 2, result: 3 },
    ])
    expect(handler).toHaveBeenCalledOnce()
    expect(hub.metrics().protocolErrors).toBe(0)
    expect(log.errors.map(([, error]) => String(error))).toEqual([
      'HoldfastError: never.params: the schema failed: no answer in 10000 ms',
    ])
  })

  it('leave no timer when the server closes before', async () => {
    const { join } = house({ contract, requests: { never: () => 1 } })
    join().socket.receive({ id: 1, method: 'never' })
    await pass(0)
  })
})

it('a schema that throws is no fault of the page, and what it says stays here', async () => {
  const { hub, join, log } = house({
    contract: { requests: { sum: { params: broken } }, channels: { chat: { message: broken } } },
    requests: { sum: () => 3 },
    channels: { chat: { on: { message: () => {} } } },
  })
  const { socket } = join()
  socket.receive(joining(1))
  await pass(0)
  socket.receive({ id: 2, method: 'sum', params: [] })
  socket.receive(event('hi'))
  await pass(0)
  expect(socket.frames).toMatchObject([{ id: 1 }, { id: 2, error: { code: -32603, message: 'internal error' } }])
  expect(socket.texts.join()).not.toContain('1234')
  expect(log.errors.map(([, error]) => String(error))).toEqual([
    'HoldfastError: sum.params: the schema failed: the password is 1234',
    'HoldfastError: chat.message: the schema failed: the password is 1234',
  ])
  expect(hub.metrics().protocolErrors).toBe(0)
})
