import { describe, expect, it, vi } from 'vitest'
import { memoryHistory, RemoteError, type ServerOptions } from '../../src/server/index.js'
import { deferred, event, house, joining, meet, pass, virtualTime } from './support.js'

const numbered = (data: unknown, offset: number) => ({ ...event(data), offset })
const epoch = expect.stringMatching(/^h[\w-]{22}$/)

interface Joined {
  id: number
  result: unknown
  position: { epoch: string; offset: number; recovered: boolean }
}

const isJoined = (value: unknown): value is Joined =>
  typeof value === 'object' && value !== null && 'position' in value && 'result' in value

/** The position in the answer to a join. */
function positionIn(payloads: unknown[]): Joined['position'] {
  const joined = payloads.find(isJoined)
  if (!joined) throw new Error('no position')
  return joined.position
}

describe('a channel with history', () => {
  virtualTime()

  it('P13.4 numbers its events from 1, those that nobody hears too, and no volatile ones', async () => {
    const { hub, join } = house({ channels: { chat: { history: true }, other: {} } })
    expect(hub.broadcast('chat', 'message', 'a')).toBe(0)
    const page = await meet(hub)
    page.say(joining(1))
    page.say(joining(2, 'other'))
    const plain = join().socket
    plain.receive(joining(1))
    await pass(0)
    expect(hub.broadcast('chat', 'message', 'b')).toBe(2)
    hub.broadcast('chat', 'message', 'now', { volatile: true })
    hub.broadcast('chat', 'message', 'c')
    hub.broadcast('other', 'message', 'x')
    expect(page.payloads).toEqual([
      { id: 1, result: null, position: { epoch, offset: 1, recovered: false } },
      { id: 2, result: null },
      numbered('b', 2),
      event('now'),
      numbered('c', 3),
      event('x', 'message', 'other'),
    ])
    expect(plain.frames).toEqual([
      { id: 1, result: null, position: { epoch, offset: 1, recovered: false } },
      numbered('b', 2),
      event('now'),
      numbered('c', 3),
    ])
  })

  it('P13.4 gives no number to an event that does not encode', async () => {
    const { hub } = house({ channels: { chat: { history: true } } })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    expect(() => hub.broadcast('chat', 'message', 1n)).toThrow(TypeError)
    hub.broadcast('chat', 'message', 'a')
    expect(page.payloads.at(-1)).toEqual(numbered('a', 1))
  })

  it('P13.5 sends what a page missed after its answer, and before anything newer', async () => {
    const { hub } = house({ channels: { chat: { history: true, join: () => 'welcome' } } })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    const since = { ...positionIn(page.payloads), offset: 1 }
    for (const data of ['a', 'b', 'c']) hub.broadcast('chat', 'message', data)
    page.socket.receive('{"bye":{}}')

    const back = await meet(hub)
    back.say(joining(1, 'chat', since))
    await pass(0)
    hub.broadcast('chat', 'message', 'd')
    expect(back.payloads).toEqual([
      { id: 1, result: 'welcome', position: { epoch: since.epoch, offset: 3, recovered: true } },
      numbered('b', 2),
      numbered('c', 3),
      numbered('d', 4),
    ])
  })

  it('P13.5 has recovered a page that missed nothing', async () => {
    const { hub } = house({ channels: { chat: { history: true } } })
    hub.broadcast('chat', 'message', 'a')
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    const since = positionIn(page.payloads)
    page.say(joining(2, 'chat', since))
    await pass(0)
    expect(page.payloads.at(-1)).toEqual({ id: 2, result: null, position: { epoch, offset: 1, recovered: true } })
  })

  it.each([
    ['of another epoch', (now: object) => ({ ...now, epoch: 'another' })],
    ['above the last', (now: object) => ({ ...now, offset: 99 })],
    ['that is no longer held', (now: object) => ({ ...now, offset: 0 })],
    ['that is none', () => 7],
    ['without an epoch', () => ({ offset: 3 })],
    ['with a negative offset', (now: object) => ({ ...now, offset: -1 })],
    ['with half an offset', (now: object) => ({ ...now, offset: 2.5 })],
  ])('P13.6 passes no part off as the whole: from a position %s nothing follows', async (_what, sinceOf) => {
    const { hub } = house({ channels: { chat: { history: { maxMessages: 2 } } } })
    const page = await meet(hub)
    for (const data of ['a', 'b', 'c']) hub.broadcast('chat', 'message', data)
    page.say(joining(1))
    await pass(0)
    const now = positionIn(page.payloads)
    page.say({ id: 2, method: 'join', params: { channel: 'chat', since: sinceOf(now) } })
    await pass(0)
    expect(page.payloads.slice(1)).toEqual([{ id: 2, result: null, position: { epoch, offset: 3, recovered: false } }])
  })

  it('P13.6 holds no more than maxMessages, and nothing older than maxAgeMs', async () => {
    const { hub } = house({ channels: { chat: { history: { maxMessages: 2, maxAgeMs: 1_000 } } } })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    const { epoch: ours } = positionIn(page.payloads)
    const recover = async (offset: number) => {
      const back = await meet(hub)
      back.say(joining(1, 'chat', { epoch: ours, offset }))
      await pass(0)
      return [positionIn(back.payloads).recovered, back.payloads.length - 1]
    }
    hub.broadcast('chat', 'message', 'a')
    await pass(500)
    hub.broadcast('chat', 'message', 'b')
    expect(await recover(0)).toEqual([true, 2])
    await pass(501)
    expect(await recover(0)).toEqual([false, 0])
    expect(await recover(1)).toEqual([true, 1])
    hub.broadcast('chat', 'message', 'c')
    hub.broadcast('chat', 'message', 'd')
    expect(await recover(1)).toEqual([false, 0])
    expect(await recover(2)).toEqual([true, 2])
  })

  it('P13.6 holds no more bytes of a channel than the store may', async () => {
    const { hub } = house({ channels: { chat: { history: true } }, history: memoryHistory({ maxBytes: 200 }) })
    const page = await meet(hub)
    for (let i = 0; i < 3; i++) hub.broadcast('chat', 'message', 'x'.repeat(30))
    page.say(joining(1))
    await pass(0)
    const { epoch: ours } = positionIn(page.payloads)
    page.say(joining(2, 'chat', { epoch: ours, offset: 0 }))
    page.say(joining(3, 'chat', { epoch: ours, offset: 1 }))
    await pass(0)
    const recovered = page.payloads.filter(isJoined).map(({ position }) => position.recovered)
    expect(recovered).toEqual([false, false, true])
  })

  it('P13.5 keeps from a page, later too, what it was excepted from', async () => {
    const { hub } = house({
      channels: {
        chat: {
          history: true,
          on: { message: (data, { client }) => void hub.broadcast('chat', 'message', data, { except: client }) },
        },
      },
    })
    const [ada, grace] = [await meet(hub), await meet(hub, { client: 'another page altogether' })]
    for (const page of [ada, grace]) page.say(joining(1))
    await pass(0)
    const since = positionIn(ada.payloads)
    ada.say(event('from ada'))
    grace.say(event('from grace'))
    expect(ada.payloads.slice(1)).toEqual([numbered('from grace', 2)])
    expect(grace.payloads.slice(1)).toEqual([numbered('from ada', 1)])
    for (const [client, missed] of [
      [undefined, numbered('from grace', 2)],
      ['another page altogether', numbered('from ada', 1)],
    ] as const) {
      const back = await meet(hub, client ? { client } : {})
      back.say(joining(1, 'chat', since))
      await pass(0)
      expect(back.payloads.slice(1)).toEqual([missed])
    }
  })

  it('P13.4 works without sessions as well', async () => {
    const { hub, join } = house({ sessions: false, channels: { chat: { history: true } } })
    const { socket } = join()
    socket.receive(joining(1))
    await pass(0)
    hub.broadcast('chat', 'message', 'a')
    socket.receive(joining(2, 'chat', { ...positionIn(socket.frames), offset: 0 }))
    await pass(0)
    expect(socket.frames.slice(2)).toMatchObject([
      { id: 2, position: { offset: 1, recovered: true } },
      numbered('a', 1),
    ])
  })
})

describe('a channel with a state', () => {
  virtualTime()

  it('P13.7 sends it to who enters, after the answer, and then every event since it was asked for', async () => {
    const states = [deferred<string>()]
    const getState = vi.fn(() => states[0]?.promise)
    const { hub } = house({ channels: { chat: { history: true, getState } } })
    hub.broadcast('chat', 'message', 'before')
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    expect(page.payloads).toEqual([])
    expect(hub.broadcast('chat', 'message', 'meanwhile')).toBe(0)
    states[0]?.resolve('all so far')
    hub.broadcast('chat', 'message', 'at the last moment')
    await pass(0)
    hub.broadcast('chat', 'message', 'after')
    expect(page.payloads).toEqual([
      { id: 1, result: null, position: { epoch, offset: 1, recovered: false } },
      event('all so far', 'state'),
      numbered('meanwhile', 2),
      numbered('at the last moment', 3),
      numbered('after', 4),
    ])
    expect(getState).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ client: [...hub.clients][0] }))
  })

  it('P13.7 does not ask for it if all that was missed is there', async () => {
    const getState = vi.fn(() => 'state')
    const { hub } = house({ channels: { chat: { history: true, getState } } })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    getState.mockClear()
    page.say(joining(2, 'chat', positionIn(page.payloads)))
    await pass(0)
    expect(getState).not.toHaveBeenCalled()
    expect(page.payloads.slice(2)).toMatchObject([{ id: 2, position: { recovered: true } }])
  })

  it('P13.7 asks again if the history is too short to bridge the time it takes, and gives up in the end', async () => {
    const states: ((state: unknown) => void)[] = []
    const left = vi.fn()
    const { hub, log } = house({
      channels: {
        chat: {
          history: { maxMessages: 1 },
          getState: () => new Promise((resolve) => states.push(resolve)),
          leave: left,
        },
      },
    })
    const page = await meet(hub)
    const enter = async (id: number, tooShort: number) => {
      page.say(joining(id))
      await pass(0)
      for (let i = 0; i < tooShort; i++) {
        for (const data of ['x', 'y']) hub.broadcast('chat', 'message', data)
        states.shift()?.('old')
        await pass(0)
      }
      states.shift()?.('new')
      await pass(0)
    }
    await enter(1, 2)
    expect(page.payloads).toMatchObject([{ id: 1, position: { offset: 4 } }, event('new', 'state')])
    await enter(2, 3)
    expect(page.payloads.slice(2)).toMatchObject([{ id: 2, error: { code: -32603 } }])
    expect(log.errors).toMatchObject([['holdfast: the request join failed', expect.any(Error)]])
    expect(hub.book.members('chat').size).toBe(0)
    expect(left).toHaveBeenCalledOnce()
  })

  it('P13.7 one who joins again gets each event once', async () => {
    const state = deferred<string>()
    let asked = 0
    const { hub } = house({
      channels: { chat: { history: true, getState: () => (asked++ ? state.promise : 'first') } },
    })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    hub.broadcast('chat', 'message', 'a')
    page.say(joining(2))
    await pass(0)
    hub.broadcast('chat', 'message', 'b')
    state.resolve('second')
    await pass(0)
    hub.broadcast('chat', 'message', 'c')
    expect(page.payloads.slice(2)).toEqual([
      numbered('a', 1),
      { id: 2, result: null, position: { epoch, offset: 1, recovered: false } },
      event('second', 'state'),
      numbered('b', 2),
      numbered('c', 3),
    ])
  })

  it('a refusal by it is an answer, and the app sees who was let in leave', async () => {
    const left = vi.fn()
    const { hub } = house({
      channels: {
        chat: {
          history: true,
          getState: () => {
            throw new RemoteError({ code: 'later', message: 'Not ready.' })
          },
          leave: left,
        },
      },
    })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    expect(page.payloads).toEqual([{ id: 1, error: { code: 'later', message: 'Not ready.' } }])
    expect(left).toHaveBeenCalledOnce()
    expect(hub.book.members('chat').size).toBe(0)
  })

  it.each([
    ['cancels', (page: Awaited<ReturnType<typeof meet>>) => page.say({ id: 1, cancel: true })],
    ['leaves for good', (page: Awaited<ReturnType<typeof meet>>) => page.socket.receive('{"bye":{}}')],
  ])('who %s while it is made is not in, and is seen to leave', async (_what, act) => {
    const state = deferred<string>()
    const left = vi.fn()
    const { hub } = house({ channels: { chat: { history: true, getState: () => state.promise, leave: left } } })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    act(page)
    state.resolve('late')
    await pass(0)
    expect(hub.book.members('chat').size).toBe(0)
    expect(left).toHaveBeenCalledOnce()
    expect(page.heard).toEqual([])
  })

  it('who was in, and cancels to join again, stays in and misses nothing', async () => {
    const state = deferred<string>()
    let asked = 0
    const { hub } = house({
      channels: { chat: { history: true, getState: () => (asked++ ? state.promise : 'first') } },
    })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    page.say(joining(2))
    await pass(0)
    page.say({ id: 2, cancel: true })
    hub.broadcast('chat', 'message', 'meanwhile')
    state.resolve('second')
    await pass(0)
    expect(page.payloads.slice(2)).toEqual([event('second', 'state'), numbered('meanwhile', 1)])
    expect(hub.book.members('chat').size).toBe(1)
  })
})

describe('authorize', () => {
  virtualTime()

  it('P11.5 is asked before join, and refuses in its place', async () => {
    const joined = vi.fn()
    let isOpen = false
    const { hub } = house({
      channels: {
        chat: {
          authorize: () => {
            if (!isOpen) throw new RemoteError({ code: 'closed', message: 'Closed.' })
          },
          join: joined,
        },
      },
    })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    expect(page.payloads).toEqual([{ id: 1, error: { code: 'closed', message: 'Closed.' } }])
    expect(joined).not.toHaveBeenCalled()
    isOpen = true
    page.say(joining(2))
    await pass(0)
    expect(page.payloads.at(-1)).toEqual({ id: 2, result: null })
    expect(joined).toHaveBeenCalledOnce()
  })
})

describe('a history that two servers share', () => {
  virtualTime()

  it('P13.4 gives the members of each what the other broadcasts, in one order', async () => {
    const history = memoryHistory()
    const options: ServerOptions = { history, channels: { chat: { history: true } } }
    const [one, two] = [house(options), house(options)]
    const [left, right] = [await meet(one.hub), await meet(two.hub)]
    for (const page of [left, right]) page.say(joining(1))
    await pass(0)
    one.hub.broadcast('chat', 'message', 'a')
    two.hub.broadcast('chat', 'message', 'b')
    const heard = ['a', 'b'].map((data, at) => ({ channel: 'chat', event: 'message', data, offset: at + 1 }))
    expect([left.payloads.slice(1), right.payloads.slice(1)]).toEqual([heard, heard])
  })
})
