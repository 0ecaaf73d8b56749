import { describe, expect, it, vi } from 'vitest'
import {
  memoryHistory,
  memorySessions,
  RemoteError,
  type ServerOptions,
  type SessionRecord,
  type SessionStore,
} from '../../src/server/index.js'
import {
  deferred,
  event,
  type FakeHouse,
  house,
  joining,
  meet,
  pass,
  type SessionPage,
  virtualTime,
} from './support.js'

const goodbye = { windowMs: 5_000, graceMs: 2_000, reason: 'new version' }
const bye = '{"bye":{}}'

/** A server that goes, and the one that comes, with a store between them. */
function generations(options: ServerOptions = {}, store: SessionStore = memorySessions()): [FakeHouse, FakeHouse] {
  const settings = { ...options, sessions: { store, ...options.sessions } }
  return [house(settings), house(settings)]
}

/** Whether a promise has resolved. */
function watch(promise: Promise<unknown>): () => boolean {
  let isDone = false
  void promise.then(() => {
    isDone = true
  })
  return () => isDone
}

/** The page moves: it has its last word, then the server, and then it goes to the next one. */
async function move(page: SessionPage, { hub }: FakeHouse): Promise<SessionPage> {
  page.socket.receive(bye)
  await pass(0)
  expect(page.controls('bye').at(-1)).toEqual({ done: true })
  const next = await meet(hub, page.held)
  page.socket.end(1000)
  return next
}

describe('a server that goes', () => {
  virtualTime()

  it('P12.3 says bye to pages with a session, and closes the others with 1012; both are told the window', async () => {
    const { hub, join } = house()
    const page = await meet(hub)
    const plain = join().socket
    const closed = watch(hub.close({ ...goodbye, url: 'wss://other.example/ws' }))
    expect(page.controls('bye')).toEqual([
      { window: { minMs: 0, maxMs: 5_000 }, resume: false, url: 'wss://other.example/ws' },
    ])
    expect(plain.closed).toEqual({ code: 1012, reason: 'new version retry=0-5000' })
    plain.end(1012)
    await pass(3_000)
    expect(page.socket.closed).toBeUndefined()
    page.socket.receive(bye)
    await pass(0)
    expect(closed()).toBe(false)
    page.socket.end(1000)
    await pass(0)
    expect(closed()).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('P12.3 closes with 1012 who is not in yet, and turns away who comes', async () => {
    const { hub } = house({ auth: () => new Promise(() => {}) })
    const page = await meet(hub)
    const closed = watch(hub.close(goodbye))
    const late = await meet(hub)
    const refused = { code: 1012, reason: 'new version retry=0-5000' }
    expect([page.socket.closed, late.socket.closed]).toEqual([refused, refused])
    for (const { socket } of [page, late]) socket.end(1012)
    await pass(0)
    expect(closed()).toBe(true)
  })

  it('P12.4 P15.5 finishes what a page has begun, and then has its last word', async () => {
    const handled = deferred()
    const answered = deferred<string>()
    const heard: unknown[] = []
    const { hub } = house({
      onMessage: async (data) => {
        await handled.promise
        heard.push(data)
      },
      requests: { slow: () => answered.promise },
    })
    const page = await meet(hub)
    void hub.close(goodbye)
    page.say({ id: 1, method: 'slow' })
    page.say('raw')
    page.socket.receive(bye)
    await pass(100)
    expect(page.controls('bye')).toHaveLength(1)
    answered.resolve('done')
    await pass(100)
    expect(page.controls('bye')).toHaveLength(1)
    handled.resolve()
    await pass(0)
    expect(heard).toEqual(['raw'])
    expect(page.socket.texts.slice(-3)).toEqual(['1 1 {"id":1,"result":"done"}', 'ack 2', '{"bye":{"done":true}}'])
    page.socket.end(1000)
  })

  it('P12.4 waits no longer than its time allows for what does not end', async () => {
    const { hub } = house({ requests: { never: () => new Promise(() => {}) } })
    const page = await meet(hub)
    const closed = watch(hub.close(goodbye))
    page.say({ id: 1, method: 'never' })
    await pass(1_000)
    page.socket.receive(bye)
    await pass(1_999)
    expect(page.controls('bye')).toHaveLength(1)
    await pass(1)
    expect(page.controls('bye')).toEqual([expect.anything(), { done: true }])
    expect(page.heard).toEqual([])
    expect(hub.metrics()).toMatchObject({ sessions: 0, openRequests: 0 })
    page.socket.end(1000)
    await pass(0)
    expect(closed()).toBe(true)
  })

  it('P12.4 says nothing after its last word but heartbeats, and hears nothing', async () => {
    const onMessage = vi.fn()
    const { hub } = house({ onMessage })
    const page = await meet(hub)
    const [client] = hub.clients
    void hub.close(goodbye)
    page.socket.receive(bye)
    await pass(0)
    const written = page.socket.texts.length
    client?.sendRaw('late')
    page.say('late')
    page.ack(0)
    page.socket.receive(bye)
    page.socket.receive('ping')
    await pass(1_000)
    expect(page.socket.texts.slice(written)).toEqual(['pong'])
    expect(onMessage).not.toHaveBeenCalled()
    expect(client?.signal.aborted).toBe(true)
    page.socket.end(1000)
  })

  it('P12.3 closes with 1012, when window and grace are over, who has not left', async () => {
    const onDisconnect = vi.fn()
    const { hub } = house({ pingIntervalMs: 60_000, onDisconnect })
    const page = await meet(hub)
    const closed = watch(hub.close(goodbye))
    await pass(6_999)
    expect(page.socket.closed).toBeUndefined()
    await pass(1)
    expect(page.socket.closed).toEqual({ code: 1012, reason: 'new version retry=0-5000' })
    await pass(1_999)
    expect([closed(), page.socket.terminated]).toEqual([false, false])
    await pass(1)
    expect([closed(), page.socket.terminated]).toEqual([true, true])
    expect(onDisconnect).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends the sessions whose pages are away, at once', async () => {
    const onDisconnect = vi.fn()
    const { hub } = house({ onDisconnect })
    const page = await meet(hub)
    page.socket.end()
    const closed = watch(hub.close(goodbye))
    await pass(0)
    expect(closed()).toBe(true)
    expect(onDisconnect).toHaveBeenCalledExactlyOnceWith(expect.anything(), 1012, 'new version retry=0-5000')
    expect(hub.metrics().sessions).toBe(0)
  })

  it('bears with a client that its app closes while it finishes', async () => {
    const answered = deferred<string>()
    const onDisconnect = vi.fn()
    const { hub } = house({ requests: { slow: () => answered.promise }, onDisconnect })
    const page = await meet(hub)
    const [client] = hub.clients
    const closed = watch(hub.close(goodbye))
    page.say({ id: 1, method: 'slow' })
    page.socket.receive(bye)
    client?.close(4000, 'enough')
    await pass(2_000)
    expect(page.socket.closed).toEqual({ code: 4000, reason: 'enough' })
    expect(onDisconnect).toHaveBeenCalledExactlyOnceWith(client, 4000, 'enough')
    page.socket.end(4000)
    await pass(0)
    expect(closed()).toBe(true)
  })
})

describe('a session that is handed over', () => {
  virtualTime()

  it('P12.4 goes on with the next server: numbers, key, subject, channels, and what was not acknowledged', async () => {
    const joined = vi.fn()
    const onConnect = vi.fn()
    const onDisconnect = vi.fn()
    const [old, next] = generations({
      auth: () => ({ name: 'ada' }),
      channels: { chat: { join: joined, on: {} }, other: {} },
      onConnect,
      onDisconnect,
    })
    const page = await meet(old.hub)
    page.say({ id: 1, method: 'join', params: { channel: 'chat', params: { room: 9 } } })
    page.say(joining(2, 'other'))
    page.say({ id: 3, method: 'leave', params: { channel: 'other' } })
    await pass(0)
    old.hub.broadcast('chat', 'message', 'from the old')
    const closed = watch(old.hub.close(goodbye))
    expect(page.controls('bye')).toMatchObject([{ resume: true }])
    page.ack(2)
    const received = page.received - 1
    page.socket.receive(bye)
    await pass(0)
    const back = await meet(next.hub, { ...page.held, received })
    page.socket.end(1000)
    await pass(0)
    expect(closed()).toBe(true)

    expect(back.ok).toMatchObject({ session: page.ok.session, resumed: true, received: 3, sent: 4 })
    expect(back.ok.epoch).not.toBe(page.ok.epoch)
    expect(back.heard).toEqual([{ number: 4, ack: 3, payload: event('from the old') }])
    next.hub.broadcast('chat', 'message', 'from the new')
    expect(back.heard.at(-1)).toEqual({ number: 5, ack: 3, payload: event('from the new') })
    expect(joined.mock.calls.map(([params]) => params)).toEqual([{ room: 9 }, { room: 9 }])
    expect([onConnect.mock.calls.length, onDisconnect.mock.calls.length]).toEqual([2, 1])
    const [client] = next.hub.clients
    expect([client?.subject, [...(client?.channels ?? [])], client?.address]).toEqual([{ name: 'ada' }, ['chat'], ''])
    expect(next.hub.metrics()).toMatchObject({ connections: 1, sessions: 1, sessionsResumed: 1 })
    back.ack()
    expect(next.hub.metrics().sessionBytes).toBe(0)
  })

  it('P12.4 answers with an error what it could not finish, and asks the page under new ids', async () => {
    const [old, next] = generations({ requests: { never: () => new Promise(() => {}) } })
    const page = await meet(old.hub)
    const [before] = old.hub.clients
    const asked = expect(before?.request('confirm')).rejects.toMatchObject({ code: 'DELIVERY_UNKNOWN' })
    page.say({ id: 1, method: 'never' })
    void old.hub.close(goodbye)
    page.socket.receive(bye)
    await pass(2_000)
    await asked
    const error = { code: 'RESTARTED', message: 'The server restarted before it had an answer.' }
    expect(page.payloads.at(-1)).toEqual({ id: 1, error })

    const back = await meet(next.hub, page.held)
    page.socket.end(1000)
    back.say({ id: 1, result: 'for the old server' }, 2)
    const [after] = next.hub.clients
    const again = after?.request('confirm')
    await pass(0)
    expect(back.payloads).toEqual([{ id: 2, method: 'confirm' }])
    back.say({ id: 2, result: 'yes' }, 3)
    expect(await again).toBe('yes')
    expect(next.hub.metrics().protocolErrors).toBe(0)
  })

  it('P12.5 whose socket was lost before the last word is saved all the same', async () => {
    const [old, next] = generations()
    const page = await meet(old.hub)
    const [client] = old.hub.clients
    client?.sendRaw('kept')
    const closed = watch(old.hub.close(goodbye))
    page.socket.end()
    await pass(0)
    expect(closed()).toBe(true)
    const back = await meet(next.hub, { ...page.held, received: 0 })
    expect(back.ok.resumed).toBe(true)
    expect(back.payloads).toEqual(['kept'])
  })

  it('is saved too if its page is away, or did not leave in time', async () => {
    const [old, next] = generations({ pingIntervalMs: 60_000 })
    const [away, late] = [await meet(old.hub), await meet(old.hub)]
    away.socket.end()
    void old.hub.close(goodbye)
    await pass(7_000)
    expect(late.socket.closed?.code).toBe(1012)
    for (const page of [away, late]) expect((await meet(next.hub, page.held)).ok.resumed).toBe(true)
    late.socket.end(1012)
  })

  it('is saved with what its handler was at, though its page is away and no other is there', async () => {
    const handled = deferred()
    const [old, next] = generations({ onMessage: () => handled.promise })
    const page = await meet(old.hub)
    page.say('raw')
    page.socket.end()
    const closed = watch(old.hub.close(goodbye))
    await pass(goodbye.graceMs - 100)
    expect(closed()).toBe(false)
    handled.resolve()
    await pass(0)
    expect(closed()).toBe(true)
    expect((await meet(next.hub, page.held)).ok).toMatchObject({ resumed: true, received: 1 })
  })

  it('P12.4 is lost, and not handed over, if a handler is still at a message when the time is up', async () => {
    const [old, next] = generations({ onMessage: () => new Promise(() => {}) })
    const page = await meet(old.hub)
    page.say('hangs')
    page.say('waits behind it')
    void old.hub.close(goodbye)
    page.socket.receive(bye)
    await pass(2_000)
    expect(page.controls('bye').at(-1)).toEqual({ done: true })
    // Neither done nor to be done again: nobody can tell the page that it may go on.
    const back = await meet(next.hub, page.held)
    page.socket.end(1000)
    expect(back.ok).toMatchObject({ resumed: false, why: 'unknown' })
    back.socket.receive(bye)
  })

  it('P11.5 is not resumed if a channel no longer lets it in', async () => {
    let isAllowed = true
    const [old, next] = generations({
      channels: {
        free: {},
        chat: {
          authorize: () => {
            if (!isAllowed) throw new RemoteError({ code: 'no', message: 'No.' })
          },
        },
      },
    })
    const page = await meet(old.hub)
    for (const [at, channel] of ['free', 'chat'].entries()) page.say(joining(at, channel))
    await pass(0)
    void old.hub.close(goodbye)
    isAllowed = false
    const back = await move(page, next)
    expect(back.ok).toMatchObject({ resumed: false, why: 'subject' })
    expect(next.hub.metrics()).toMatchObject({ sessions: 1, channels: 0 })
    expect(next.log.errors).toEqual([])
  })

  it.each([
    ['fails', { chat: { join: () => Promise.reject(new Error('no database')) } }, 'subject', 1],
    ['is not there', {}, 'position', 0],
  ])('is not resumed if a channel %s on the next server', async (_what, channels, why, errors) => {
    const store = memorySessions()
    const old = house({ channels: { chat: {} }, sessions: { store } })
    const next = house({ channels, sessions: { store } })
    const page = await meet(old.hub)
    page.say(joining(1))
    await pass(0)
    void old.hub.close(goodbye)
    const back = await move(page, next)
    expect(back.ok).toMatchObject({ resumed: false, why })
    expect(next.log.errors).toHaveLength(errors)
    expect(next.hub.metrics().sessions).toBe(1)
  })

  it('P13.5 gets the events of a shared history that came in between', async () => {
    const [old, next] = generations({ channels: { chat: { history: true } }, history: memoryHistory() })
    const page = await meet(old.hub)
    page.say(joining(1))
    await pass(0)
    old.hub.broadcast('chat', 'message', 'before')
    void old.hub.close(goodbye)
    page.socket.receive(bye)
    await pass(0)
    next.hub.broadcast('chat', 'message', 'between')
    const back = await meet(next.hub, page.held)
    page.socket.end(1000)
    next.hub.broadcast('chat', 'message', 'after')
    expect(page.payloads.at(-1)).toEqual({ ...event('before'), offset: 1 })
    expect(back.payloads).toEqual([
      { ...event('between'), offset: 2 },
      { ...event('after'), offset: 3 },
    ])
  })

  it('P13.6 is not resumed where the history of a channel has begun anew: its page would miss events in silence', async () => {
    const left = vi.fn()
    const [old, next] = generations({ channels: { chat: { history: true, leave: left } } })
    const page = await meet(old.hub)
    page.say(joining(1))
    await pass(0)
    void old.hub.close(goodbye)
    const back = await move(page, next)
    expect(back.ok).toMatchObject({ resumed: false, why: 'position' })
    await pass(0)
    expect(left).toHaveBeenCalledTimes(2)
    expect(next.hub.metrics().channels).toBe(0)
  })

  it('P11.4 P11.8 is for its own key and subject, and no attempt of others uses it up', async () => {
    const [old, next] = generations({ auth: ({ token }) => token })
    const page = await meet(old.hub, { token: 'ada' })
    void old.hub.close(goodbye)
    page.socket.receive(bye)
    await pass(0)
    const guess = await meet(next.hub, { ...page.held, key: 'kwrong', token: 'ada' })
    const other = await meet(next.hub, { ...page.held, token: 'grace' })
    expect([guess.ok.why, other.ok.why]).toEqual(['unknown', 'subject'])
    const back = await meet(next.hub, { ...page.held, token: 'ada' })
    expect(back.ok.resumed).toBe(true)
    page.socket.end(1000)
  })

  it('P11.8 is not lost with the connection on which it was on its way', async () => {
    const allowed = deferred()
    const [old, next] = generations({ channels: { chat: { join: () => isOld || allowed.promise } } })
    let isOld = true
    const page = await meet(old.hub)
    page.say(joining(1))
    await pass(0)
    void old.hub.close(goodbye)
    page.socket.receive(bye)
    await pass(0)
    isOld = false
    const lost = await meet(next.hub, page.held)
    lost.socket.end()
    const back = await meet(next.hub, page.held)
    allowed.resolve()
    await pass(0)
    expect(back.ok.resumed).toBe(true)
    expect(next.hub.metrics()).toMatchObject({ sessions: 1, sessionsTotal: 1 })
    page.socket.end(1000)
  })

  it('ends if the app closes it while it is on its way', async () => {
    const allowed = deferred()
    let isOld = true
    const [old, next] = generations({ channels: { chat: { join: () => isOld || allowed.promise } } })
    const page = await meet(old.hub)
    page.say(joining(1))
    await pass(0)
    void old.hub.close(goodbye)
    page.socket.receive(bye)
    await pass(0)
    isOld = false
    const back = await meet(next.hub, page.held)
    for (const client of next.hub.clients) client.close()
    allowed.resolve()
    await pass(0)
    expect(back.ok).toMatchObject({ resumed: false, why: 'unknown' })
    expect(next.hub.metrics()).toMatchObject({ sessions: 1, channels: 0 })
    page.socket.end(1000)
  })

  it('P14.2 waits in the store where there is no room for it', async () => {
    const [old, next] = generations({ sessions: { maxSessions: 1 } })
    const page = await meet(old.hub)
    void old.hub.close(goodbye)
    const first = await meet(next.hub)
    const refused = await meet(next.hub, page.held)
    expect(refused.socket.closed?.code).toBe(1013)
    page.socket.receive(bye)
    await pass(0)
    first.socket.receive(bye)
    expect((await meet(next.hub, page.held)).ok.resumed).toBe(true)
    page.socket.end(1000)
  })
})

describe('a store of sessions', () => {
  virtualTime()

  it('may be elsewhere: a record survives as JSON, but for its bytes', async () => {
    const kept = new Map<string, string>()
    const store: SessionStore = {
      save: async ({ messages, ...record }) => {
        const texts = messages.map(({ bytes, binary }) => ({ bytes: Buffer.from(bytes).toString('base64'), binary }))
        kept.set(record.id, JSON.stringify({ ...record, texts }))
      },
      take: async (id) => {
        const json = kept.get(id)
        if (json === undefined) return undefined
        kept.delete(id)
        const { texts, ...record }: SessionRecord & { texts: { bytes: string; binary: boolean }[] } = JSON.parse(json)
        return { ...record, messages: texts.map((text) => ({ ...text, bytes: Buffer.from(text.bytes, 'base64') })) }
      },
    }
    const [old, next] = generations({ auth: () => ({ name: 'ada' }), channels: { chat: {} } }, store)
    const page = await meet(old.hub)
    page.say(joining(1))
    await pass(0)
    old.hub.broadcast('chat', 'message', 'hi')
    void old.hub.close(goodbye)
    page.socket.receive(bye)
    await pass(0)
    const back = await meet(next.hub, { ...page.held, received: 1 })
    expect(back.ok).toMatchObject({ resumed: true, sent: 2 })
    expect(back.payloads).toEqual([event('hi')])
    page.socket.end(1000)
  })

  it('has all sessions before the server is closed, those of pages that are away too', async () => {
    const saved = deferred()
    const { hub } = house({ sessions: { store: { save: () => saved.promise, take: () => undefined } } })
    const page = await meet(hub)
    page.socket.end()
    const closed = watch(hub.close(goodbye))
    await pass(1_000)
    expect(closed()).toBe(false)
    saved.resolve()
    await pass(0)
    expect(closed()).toBe(true)
  })

  it.each(['rejects', 'hangs'])('that %s when it saves loses the session, and keeps nobody', async (how) => {
    const save = () => (how === 'rejects' ? Promise.reject(new Error('no redis')) : new Promise<void>(() => {}))
    const [old, next] = generations({}, { save, take: () => undefined })
    const page = await meet(old.hub)
    const closed = watch(old.hub.close(goodbye))
    page.socket.receive(bye)
    await pass(how === 'rejects' ? 0 : 2_000)
    expect(page.controls('bye').at(-1)).toEqual({ done: true })
    page.socket.end(1000)
    await pass(0)
    expect(closed()).toBe(true)
    expect(old.log.errors).toEqual(
      how === 'rejects' ? [['holdfast: sessions.store.save threw', expect.any(Error)]] : [],
    )
    expect((await meet(next.hub, page.held)).ok.why).toBe('unknown')
  })

  it('that rejects when it is asked makes the session unknown, and is logged', async () => {
    const failure = new Error('no redis')
    const { hub, log } = house({ sessions: { store: { save: () => {}, take: () => Promise.reject(failure) } } })
    const page = await meet(hub, { session: 's', key: 'k', received: 0 })
    expect(page.ok).toMatchObject({ resumed: false, why: 'unknown' })
    expect(log.errors).toEqual([['holdfast: sessions.store.take threw', failure]])
  })

  it('in memory is bounded in number and in time, and gives each away once', async () => {
    const store = memorySessions({ maxSessions: 2, ttlMs: 1_000 })
    const record = (id: string): SessionRecord => ({
      id,
      keys: [],
      page: 'p',
      subject: undefined,
      received: 0,
      acked: 0,
      messages: [],
      asked: 0,
      channels: [],
    })
    for (const id of ['a', 'b', 'c']) store.save(record(id))
    expect(store.take('a')).toBeUndefined()
    expect(store.take('b')).toEqual(record('b'))
    expect(store.take('b')).toBeUndefined()
    await pass(1_000)
    expect(store.take('c')).toBeUndefined()
    expect(() => memorySessions({ maxSessions: 0 })).toThrow('maxSessions')
  })
})
