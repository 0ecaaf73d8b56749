import { describe, expect, it, vi } from 'vitest'
import { type Answer, type DedupeStore, memoryDedupe, RemoteError, type ServerContext } from '../../src/server/index.js'
import { deferred, house, meet, pass, virtualTime } from './support.js'

const buy = (id: number, key: unknown = 'page:1') => ({ id, method: 'buy', key })

/** Answers may come in any order (P4.2). */
const inOrder = (payloads: unknown[]): unknown[] =>
  [...payloads].sort((one, other) => Object(one).id - Object(other).id)

describe('an idempotent request', () => {
  virtualTime()

  it('P13.3 runs once: the second with its key is answered from memory, in another session too', async () => {
    const keys: unknown[] = []
    const handler = vi.fn((_params: unknown, { key }: ServerContext) => {
      keys.push(key)
      return { order: keys.length }
    })
    const { hub, join } = house({ requests: { buy: handler } })
    const page = await meet(hub)
    page.say(buy(1))
    await pass(0)
    page.say(buy(2))
    await pass(0)
    const other = await meet(hub)
    other.say(buy(7))
    const plain = join().socket
    plain.receive(buy(8))
    await pass(0)
    expect([...page.payloads, ...other.payloads, ...plain.frames]).toEqual(
      [1, 2, 7, 8].map((id) => ({ id, result: { order: 1 } })),
    )
    page.say(buy(3, 'page:3'))
    page.say({ id: 4, method: 'buy' })
    await pass(0)
    expect(keys).toEqual(['page:1', 'page:3', undefined])
  })

  it('P13.3 that failed is answered with its error again', async () => {
    const handler = vi.fn(() => {
      throw new RemoteError({ code: 'sold_out', message: 'Sold out.', data: [1] })
    })
    const { hub } = house({ requests: { buy: handler } })
    const page = await meet(hub)
    for (const id of [1, 2]) page.say(buy(id))
    await pass(0)
    const error = { code: 'sold_out', message: 'Sold out.', data: [1] }
    expect(inOrder(page.payloads)).toEqual([
      { id: 1, error },
      { id: 2, error },
    ])
    expect(handler).toHaveBeenCalledOnce()
    expect(hub.metrics().errors).toBe(2)
  })

  it('P13.3 that still runs answers those that come meanwhile, in other sessions too', async () => {
    const done = deferred<string>()
    const handler = vi.fn(() => done.promise)
    const { hub } = house({ requests: { buy: handler } })
    const [one, two] = [await meet(hub), await meet(hub)]
    one.say(buy(1))
    two.say(buy(5))
    two.say(buy(6))
    await pass(1_000)
    expect([...one.payloads, ...two.payloads]).toEqual([])
    done.resolve('bought')
    await pass(0)
    expect([...one.payloads, ...two.payloads]).toEqual([1, 5, 6].map((id) => ({ id, result: 'bought' })))
    expect(handler).toHaveBeenCalledOnce()
  })

  it('P13.3 is refused to another subject, while it runs and afterwards', async () => {
    const done = deferred<string>()
    const { hub } = house({ auth: ({ token }) => ({ name: token }), requests: { buy: () => done.promise } })
    const [ada, grace, again] = [
      await meet(hub, { token: 'ada' }),
      await meet(hub, { token: 'grace' }),
      await meet(hub, { token: 'ada' }),
    ]
    ada.say(buy(1))
    grace.say(buy(1))
    await pass(0)
    done.resolve('bought')
    await pass(0)
    grace.say(buy(2))
    again.say(buy(1))
    await pass(0)
    const error = { code: -32600, message: 'This key is not yours.' }
    expect(ada.payloads).toEqual([{ id: 1, result: 'bought' }])
    expect(grace.payloads).toEqual([
      { id: 1, error },
      { id: 2, error },
    ])
    expect(again.payloads).toEqual([{ id: 1, result: 'bought' }])
  })

  it.each([7, '', null, {}, 'x'.repeat(257)])('P13.3 with the key %j is refused', async (key) => {
    const handler = vi.fn()
    const { hub } = house({ requests: { buy: handler } })
    const page = await meet(hub)
    page.say(buy(1, key))
    expect(page.payloads).toEqual([{ id: 1, error: { code: -32600, message: 'key: expected 1 to 256 characters' } }])
    expect(handler).not.toHaveBeenCalled()
  })

  it.each(['__proto__', 'constructor'])('P13.3 may have the key %s', async (key) => {
    const handler = vi.fn(() => 1)
    const { hub } = house({ requests: { buy: handler } })
    const page = await meet(hub)
    page.say(`{"id":1,"method":"buy","key":"${key}"}`)
    page.say(`{"id":2,"method":"buy","key":"${key}"}`)
    await pass(0)
    expect(page.payloads).toHaveLength(2)
    expect(handler).toHaveBeenCalledOnce()
  })

  it('P13.3 that was stopped before it had an answer runs again for who still waits', async () => {
    const seen: AbortSignal[] = []
    const second = deferred<string>()
    const { hub } = house({
      requests: {
        buy: (_params, { signal }) => {
          seen.push(signal)
          if (seen.length > 1) return second.promise
          return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
        },
      },
    })
    const [one, two] = [await meet(hub), await meet(hub)]
    one.say(buy(1))
    for (const id of [5, 6, 7]) two.say(buy(id))
    two.say({ id: 6, cancel: true })
    one.say({ id: 1, cancel: true })
    await pass(0)
    expect(seen.map(({ aborted }) => aborted)).toEqual([true, false])
    second.resolve('bought')
    await pass(0)
    expect(one.payloads).toEqual([])
    expect(inOrder(two.payloads)).toEqual([5, 7].map((id) => ({ id, result: 'bought' })))
  })

  it('P13.3 that acted although it was cancelled is remembered', async () => {
    const done = deferred<string>()
    const handler = vi.fn(() => done.promise)
    const { hub } = house({ requests: { buy: handler } })
    const page = await meet(hub)
    page.say(buy(1))
    page.say({ id: 1, cancel: true })
    done.resolve('bought')
    await pass(0)
    page.say(buy(2))
    await pass(0)
    expect(inOrder(page.payloads)).toEqual([{ id: 2, result: 'bought' }])
    expect(handler).toHaveBeenCalledOnce()
  })

  it('starts in its turn among the others', async () => {
    const order: unknown[] = []
    const { hub } = house({ requests: { buy: (_params, { key }) => void order.push(key) } })
    const page = await meet(hub)
    page.say(buy(1, 'a'))
    page.say({ id: 2, method: 'buy' })
    page.say(buy(3, 'b'))
    expect(order).toEqual(['a', undefined, 'b'])
    await pass(0)
  })

  it('that is a stream runs each time', async () => {
    let runs = 0
    const { hub } = house({
      requests: {
        async *buy() {
          yield ++runs
        },
      },
    })
    const page = await meet(hub)
    page.say(buy(1))
    await pass(0)
    page.say(buy(2))
    await pass(0)
    expect(page.payloads).toEqual([
      { id: 1, item: 1 },
      { id: 1, result: null },
      { id: 2, item: 2 },
      { id: 2, result: null },
    ])
  })

  it('of an unknown method is answered as any other', async () => {
    const { hub } = house()
    const page = await meet(hub)
    page.say(buy(1))
    await pass(0)
    expect(page.payloads).toMatchObject([{ id: 1, error: { code: -32601 } }])
  })
})

describe('the memory of answers', () => {
  virtualTime()

  it('P13.3 may be elsewhere, and has the answer before the page has', async () => {
    const answers = new Map<string, string>()
    const saved = deferred()
    const dedupe: DedupeStore = {
      claim: async (key) => {
        const kept = answers.get(key)
        const answer: Answer | undefined = kept === undefined ? undefined : JSON.parse(kept)
        return answer
      },
      set: async (key, answer) => {
        await saved.promise
        answers.set(key, JSON.stringify(answer))
      },
      release() {},
    }
    const handler = vi.fn()
    const options = { auth: () => ({ name: 'ada' }), dedupe, requests: { buy: handler } }
    const [one, two] = [house(options), house(options)]
    const page = await meet(one.hub)
    page.say(buy(1))
    await pass(1_000)
    expect(handler).toHaveBeenCalledOnce()
    expect(page.payloads).toEqual([])
    saved.resolve()
    await pass(0)
    expect(page.payloads).toEqual([{ id: 1, result: null }])
    const other = await meet(two.hub)
    other.say(buy(9))
    await pass(0)
    expect(other.payloads).toEqual([{ id: 9, result: null }])
    expect(handler).toHaveBeenCalledOnce()
  })

  it('that cannot be asked fails the request, and nothing is run', async () => {
    const handler = vi.fn()
    const failure = new Error('no redis')
    const { hub, log } = house({
      requests: { buy: handler },
      dedupe: { claim: () => Promise.reject(failure), set() {}, release() {} },
    })
    const page = await meet(hub)
    page.say(buy(1))
    await pass(0)
    expect(page.payloads).toMatchObject([{ id: 1, error: { code: -32603 } }])
    expect(handler).not.toHaveBeenCalled()
    expect(log.errors).toEqual([['holdfast: the request buy failed', failure]])
  })

  it('that cannot remember is logged, and the page is answered', async () => {
    const failure = new Error('no redis')
    const { hub, log } = house({
      requests: { buy: () => 1 },
      dedupe: { claim: () => undefined, set: () => Promise.reject(failure), release() {} },
    })
    const page = await meet(hub)
    page.say(buy(1))
    await pass(0)
    expect(page.payloads).toEqual([{ id: 1, result: 1 }])
    expect(log.errors).toEqual([['holdfast: dedupe.set threw', failure]])
  })

  it('P13.3 is shared: what one server runs another waits for, and runs it if the first was stopped', async () => {
    const runs: string[] = []
    const dedupe = memoryDedupe()
    const houseOf = (name: string) =>
      house({
        dedupe,
        requests: {
          async buy(_params, { signal }) {
            runs.push(name)
            await new Promise<void>((resolve, reject) => {
              setTimeout(resolve, 1_000)
              signal.addEventListener('abort', () => reject(signal.reason))
            })
            return name
          },
        },
      })
    const first = await meet(houseOf('first').hub)
    const second = await meet(houseOf('second').hub)
    const third = await meet(houseOf('third').hub)
    first.say(buy(1))
    second.say(buy(2))
    third.say(buy(3))
    await pass(500)
    expect(runs).toEqual(['first'])
    first.say({ id: 1, cancel: true })
    await pass(2_000)
    expect(runs).toEqual(['first', 'second'])
    expect([second.payloads, third.payloads]).toEqual([[{ id: 2, result: 'second' }], [{ id: 3, result: 'second' }]])
  })

  it('is bounded in number and in time', async () => {
    const handler = vi.fn()
    const { hub } = house({ requests: { buy: handler }, dedupe: memoryDedupe({ maxEntries: 2, ttlMs: 1_000 }) })
    const page = await meet(hub)
    let id = 0
    const runs = async (key: string) => {
      handler.mockClear()
      page.say(buy(++id, key))
      await pass(0)
      return handler.mock.calls.length
    }
    expect([await runs('a'), await runs('b'), await runs('a'), await runs('c')]).toEqual([1, 1, 0, 1])
    expect([await runs('b'), await runs('a')]).toEqual([0, 1])
    await pass(999)
    expect(await runs('c')).toBe(0)
    await pass(1)
    expect(await runs('c')).toBe(1)
  })

  it.each([{ maxEntries: 0 }, { ttlMs: 0 }])('refuses limits that make no sense: %j', (options) => {
    expect(() => memoryDedupe(options)).toThrow(Object.keys(options)[0])
  })
})

describe('a request with a time limit', () => {
  virtualTime()

  it('P13.9 is stopped then, as by a cancel, and answered no more', async () => {
    const signals: AbortSignal[] = []
    const done = deferred<string>()
    const { hub } = house({
      requests: {
        buy: (_params, { signal }) => {
          signals.push(signal)
          return done.promise
        },
      },
    })
    const page = await meet(hub)
    page.say({ id: 1, method: 'buy', timeoutMs: 500 })
    page.say({ id: 2, method: 'buy', timeoutMs: 1e300 })
    await pass(499)
    expect(signals[0]?.aborted).toBe(false)
    await pass(1)
    expect(signals[0]?.reason).toMatchObject({ name: 'TimeoutError', message: 'The client waited for 500 ms.' })
    expect(hub.metrics().openRequests).toBe(1)
    page.say({ id: 1, cancel: true })
    done.resolve('late')
    await pass(0)
    expect(page.payloads).toEqual([{ id: 2, result: 'late' }])
    expect(hub.metrics()).toMatchObject({ openRequests: 0, protocolErrors: 0, errors: 0 })
  })

  it('P13.9 of a stream stops its source', async () => {
    const ended = vi.fn()
    const { hub } = house({
      requests: {
        async *buy() {
          try {
            yield 1
            await new Promise(() => {})
          } finally {
            ended()
          }
        },
      },
    })
    const page = await meet(hub)
    page.say({ id: 1, method: 'buy', timeoutMs: 100 })
    await pass(100)
    expect(page.payloads).toEqual([{ id: 1, item: 1 }])
    expect(hub.metrics().openRequests).toBe(0)
  })

  it('P13.9 of a join lets nobody in that waits no longer', async () => {
    const allowed = deferred()
    const left = vi.fn()
    const { hub } = house({ channels: { chat: { join: () => allowed.promise, leave: left } } })
    const page = await meet(hub)
    page.say({ id: 1, method: 'join', params: { channel: 'chat' }, timeoutMs: 100 })
    await pass(100)
    allowed.resolve()
    await pass(0)
    expect(hub.book.members('chat').size).toBe(0)
    expect(left).toHaveBeenCalledOnce()
  })

  it.each([0, -1, '5', null, {}])('P13.9 of %j is refused', async (timeoutMs) => {
    const handler = vi.fn()
    const { hub } = house({ requests: { buy: handler } })
    const page = await meet(hub)
    page.say({ id: 1, method: 'buy', timeoutMs })
    expect(page.payloads).toEqual([{ id: 1, error: { code: -32600, message: 'timeoutMs: expected a number above 0' } }])
    expect(handler).not.toHaveBeenCalled()
  })
})
