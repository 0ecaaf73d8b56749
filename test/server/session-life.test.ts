import { describe, expect, it, vi } from 'vitest'
import type { Credentials, ServerContext } from '../../src/server/index.js'
import { RemoteError } from '../../src/server/index.js'
import { deferred, event, house, joining, meet, pass, SessionPage, virtualTime } from './support.js'

const auth = ({ token }: Credentials): unknown => {
  if (token === 'bad') throw new RemoteError({ code: 'expired', message: 'This token has expired.' })
  if (token === 'banned') throw new RemoteError({ code: 'forbidden', message: 'You are banned.' })
  return { name: token }
}

describe('a session', () => {
  virtualTime()

  it('P11.3 P11.12 goes on after a cut: channels stay, and what was missed follows with its numbers', async () => {
    const onConnect = vi.fn()
    const onDisconnect = vi.fn()
    const { hub } = house({ channels: { chat: {} }, onConnect, onDisconnect })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    hub.broadcast('chat', 'message', 'heard')
    const held = page.held
    page.socket.end()
    expect(hub.broadcast('chat', 'message', 'missed')).toBe(1)
    expect(hub.metrics()).toMatchObject({ connections: 0, sessions: 1, sessionsDetached: 1 })

    const back = await meet(hub, held)
    expect(back.ok).toMatchObject({ session: held.session, resumed: true, received: 1, sent: 3 })
    expect(back.heard).toEqual([{ number: 3, ack: 1, payload: event('missed') }])
    hub.broadcast('chat', 'message', 'again')
    expect(back.heard.at(-1)).toEqual({ number: 4, ack: 1, payload: event('again') })
    expect(onConnect).toHaveBeenCalledOnce()
    expect(onDisconnect).not.toHaveBeenCalled()
    expect(hub.metrics()).toMatchObject({
      connections: 1,
      sessionsDetached: 0,
      sessionsResumed: 1,
      messagesReplayed: 1,
    })
  })

  it('P11.1 P15.3 is made at hi: a cut that the server has not noticed can be resumed', async () => {
    const { hub } = house()
    const page = await meet(hub)
    const [client] = hub.clients
    client?.sendRaw('into the void')
    const back = await meet(hub, { ...page.held, received: 0 })
    expect(back.ok.resumed).toBe(true)
    expect(back.payloads).toEqual(['into the void'])
    page.socket.end()
    client?.sendRaw('still here')
    expect(back.payloads).toEqual(['into the void', 'still here'])
    expect(hub.metrics()).toMatchObject({ connections: 1, sessionsDetached: 0 })
  })

  it('P15.3 is kept by a server that cuts the silent socket, and resumed by its page, in any order', async () => {
    const { hub } = house({ pingIntervalMs: 1_000 })
    const page = await meet(hub)
    await pass(3_000)
    expect(page.socket.terminated).toBe(true)
    expect(hub.metrics()).toMatchObject({ timedOut: 1, sessionsDetached: 1 })
    const back = await meet(hub, page.held)
    expect(back.ok.resumed).toBe(true)
    await pass(1_000)
    const again = await meet(hub, back.held)
    await pass(1_000)
    expect([again.ok.resumed, again.socket.terminated]).toEqual([true, false])
  })

  it('P11.1 is kept without a socket for ttlMs, anew after each resume, and then says why it is gone', async () => {
    const onDisconnect = vi.fn()
    const { hub } = house({ sessions: { ttlMs: 1_000 }, onDisconnect })
    const page = await meet(hub)
    const [client] = hub.clients
    client?.sendRaw('kept')
    page.socket.end(1001, 'going away')
    await pass(999)
    const back = await meet(hub, page.held)
    expect(back.ok.resumed).toBe(true)
    await pass(5_000)
    back.socket.end(1001, 'going away')
    await pass(999)
    expect(onDisconnect).not.toHaveBeenCalled()
    await pass(1)
    expect(onDisconnect).toHaveBeenCalledExactlyOnceWith(client, 1001, 'going away')
    expect(hub.metrics()).toMatchObject({ sessions: 0, sessionsExpired: 1, sessionBytes: 0 })
    expect((await meet(hub, back.held)).ok).toMatchObject({ resumed: false, why: 'expired', received: 0, sent: 0 })
  })

  it('P11.2 says nothing but pings before its answer', async () => {
    const decided = deferred<string>()
    const { hub } = house({ auth: () => decided.promise, channels: { chat: {} } })
    const page = await meet(hub)
    page.socket.receive('ping')
    expect(page.socket.texts).toEqual(['pong'])
    expect(page.socket.pings).toEqual([])
    decided.resolve('ada')
    await pass(0)
    expect(page.socket.sent.map(({ bytes }) => Buffer.from(bytes).toString().slice(0, 5))).toEqual([
      'pong',
      '{"ok"',
      'ping ',
    ])
  })

  it('P11.3 P11.4 goes on from the position 0 like from any other', async () => {
    const { hub } = house()
    const page = await meet(hub)
    const [client] = hub.clients
    const texts = ['a', 'b', 'c']
    for (const text of texts) client?.sendRaw(text)
    for (const received of [0, 1, 2, 3]) {
      const back = await meet(hub, { ...page.held, received })
      expect(back.ok).toMatchObject({ resumed: true, sent: 3 })
      expect(back.heard.map(({ number, payload }) => [number, payload])).toEqual(
        texts.map((text, at) => [at + 1, text]).slice(received),
      )
    }
  })

  it.each([
    ['below the ack that it has had', 1],
    ['above what it has sent', 4],
  ])('P11.4 P11.9 does not go on from a position %s, and stays for one that is right', async (_what, received) => {
    const { hub } = house()
    const page = await meet(hub)
    const [client] = hub.clients
    for (const text of ['a', 'b', 'c']) client?.sendRaw(text)
    page.ack(2)
    const lost = await meet(hub, { ...page.held, received })
    expect(lost.ok).toMatchObject({ resumed: false, why: 'position', sent: 0 })
    expect(lost.ok.session).not.toBe(page.ok.session)
    expect(page.socket.closed).toBeUndefined()
    expect((await meet(hub, { ...page.held, received: 2 })).ok.resumed).toBe(true)
  })

  it.each([
    ['a wrong key', { key: 'kwrong' }],
    ['an empty-looking key', { key: ' ' }],
    ['a guessed id', { session: 'sguess' }],
  ])('P11.4 P11.9 is unknown to who shows %s', async (_what, wrong) => {
    const { hub } = house()
    const page = await meet(hub)
    const thief = await meet(hub, { ...page.held, ...wrong })
    expect(thief.ok).toMatchObject({ resumed: false, why: 'unknown' })
    expect(page.socket.closed).toBeUndefined()
    expect((await meet(hub, page.held)).ok.resumed).toBe(true)
  })

  it('tells why it is gone to nobody who cannot show its key', async () => {
    const { hub } = house({ sessions: { ttlMs: 1 } })
    const page = await meet(hub)
    page.socket.end()
    await pass(1)
    expect((await meet(hub, { ...page.held, key: 'kwrong' })).ok.why).toBe('unknown')
    expect((await meet(hub, page.held)).ok.why).toBe('expired')
  })

  it('keeps its client: id, channels, and the address and subject of the newest connection', async () => {
    const contexts: ServerContext[] = []
    const { hub } = house({
      auth: ({ request }) => ({ name: 'ada', from: [request.headers['x-from'] === undefined] }),
      address: (request) => String(request.headers['x-from'] ?? 'home'),
      onMessage: (_data, context) => void contexts.push(context),
    })
    const page = await meet(hub)
    const [client] = hub.clients
    const before = client?.subject
    expect([client?.id, client?.address]).toEqual([1, 'home'])
    page.socket.end()
    expect(client?.address).toBe('home')
    const back = await meet(hub, page.held)
    back.say('x', 1)
    expect([...hub.clients]).toEqual([client])
    expect(client?.subject).toEqual(before)
    expect(client?.subject).not.toBe(before)
    expect(contexts[0]?.subject).toBe(client?.subject)
    expect(contexts[0]?.client).toBe(client)
  })
})

describe('credentials', () => {
  virtualTime()

  it.each([
    ['bad', 4401, 'This token has expired.'],
    ['banned', 4403, 'You are banned.'],
  ])(
    'P11.5 P12.2 come first: who shows the token %s is told %i by no and close, and nothing of a session',
    async (...[token, code, reason]) => {
      const { hub } = house({ auth })
      const page = await meet(hub, { token: 'ada' })
      const refused = await meet(hub, { ...page.held, token })
      expect(refused.socket.texts).toEqual([`{"no":{"code":${code},"reason":"${reason}"}}`])
      expect(refused.socket.closed).toEqual({ code, reason })
      expect(page.socket.closed).toBeUndefined()
      expect(hub.metrics()).toMatchObject({ sessions: 1, refused: 1, sessionsResumed: 0 })
      expect((await meet(hub, { ...page.held, token: 'ada' })).ok.resumed).toBe(true)
    },
  )

  it('P12.2 are refused in full length by no, though a close cuts it', async () => {
    const reason = 'x'.repeat(500)
    const { hub } = house({
      auth: () => {
        throw new RemoteError({ code: 1, message: reason })
      },
    })
    const page = await meet(hub)
    expect(page.controls('no')).toEqual([{ code: 4401, reason }])
    expect(page.socket.closed?.reason).toHaveLength(123)
  })

  it('P5.3 P11.5 that are not decided in time are refused', async () => {
    const { hub } = house({ auth: () => new Promise(() => {}), authTimeoutMs: 1_000 })
    const silent = new SessionPage(hub)
    const undecided = await meet(hub)
    await pass(1_000)
    expect(silent.socket.closed).toEqual({ code: 4401, reason: 'authentication timed out' })
    expect(undecided.controls('no')).toEqual([{ code: 4401, reason: 'authentication timed out' }])
    expect(undecided.socket.closed?.code).toBe(4401)
    expect(hub.metrics()).toMatchObject({ refused: 2, sessions: 0 })
  })

  it('P11.2 waits no longer than authTimeoutMs for a channel that does not say whether it lets in', async () => {
    let isSlow = false
    const { hub } = house({
      authTimeoutMs: 1_000,
      channels: { chat: { authorize: () => isSlow && new Promise(() => {}) } },
    })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    isSlow = true
    const back = await meet(hub, page.held)
    await pass(1_000)
    expect(back.socket.closed?.code).toBe(4401)
    expect(page.socket.closed).toBeUndefined()
  })

  it('that are decided after the page has left begin nothing', async () => {
    const decided = deferred<string>()
    const { hub } = house({ auth: () => decided.promise })
    const page = await meet(hub)
    page.socket.end()
    decided.resolve('ada')
    await pass(0)
    expect(page.socket.texts).toEqual([])
    expect(hub.metrics()).toMatchObject({ sessionsTotal: 0, connectionsTotal: 0 })
  })

  it('P11.4 P11.5 of another subject do not resume; an equal one does', async () => {
    const { hub } = house({ auth })
    const page = await meet(hub, { token: 'ada' })
    const other = await meet(hub, { ...page.held, token: 'grace' })
    expect(other.ok).toMatchObject({ resumed: false, why: 'subject' })
    expect((await meet(hub, { ...page.held, token: 'ada' })).ok.resumed).toBe(true)
  })

  it('P11.5 are followed by the channels: one that no longer lets in ends the session', async () => {
    let isAllowed = true
    const onDisconnect = vi.fn()
    const left = vi.fn()
    const { hub, log } = house({
      auth,
      onDisconnect,
      channels: {
        chat: {
          authorize: ({ subject, client }) => {
            if (!isAllowed)
              throw new RemoteError({ code: 'no', message: `No ${JSON.stringify(subject)}, ${client.id}.` })
          },
          leave: left,
        },
        open: {},
      },
    })
    const page = await meet(hub, { token: 'ada' })
    page.say(joining(1))
    page.say(joining(2, 'open'))
    await pass(0)
    const back = await meet(hub, { ...page.held, token: 'ada' })
    expect(back.ok.resumed).toBe(true)

    isAllowed = false
    const lost = await meet(hub, { ...back.held, token: 'ada' })
    expect(lost.ok).toMatchObject({ resumed: false, why: 'subject' })
    expect(back.socket.closed?.code).toBe(4001)
    await pass(0)
    expect(left).toHaveBeenCalledOnce()
    expect(onDisconnect).toHaveBeenCalledOnce()
    expect(hub.metrics()).toMatchObject({ sessions: 1, sessionsRevoked: 1 })
    expect(log.errors).toEqual([])
    lost.say(joining(1))
    await pass(0)
    expect(lost.payloads).toEqual([{ id: 1, error: { code: 'no', message: 'No {"name":"ada"}, 3.' } }])
    expect((await meet(hub, { ...back.held, token: 'ada' })).ok.why).toBe('subject')
  })

  it('P11.5 an authorize that fails for reasons of its own lets nobody in, and is logged', async () => {
    const failure = new Error('no database')
    let isBroken = false
    const { hub, log } = house({
      channels: {
        chat: {
          authorize: () => {
            if (isBroken) throw failure
          },
        },
      },
    })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    isBroken = true
    expect((await meet(hub, page.held)).ok).toMatchObject({ resumed: false, why: 'subject' })
    expect(log.errors).toEqual([['holdfast: authorize threw', failure]])
  })
})

describe('a resume', () => {
  virtualTime()

  it('P11.6 P15.1 fences the old socket: what still arrives there counts for nothing', async () => {
    const onMessage = vi.fn()
    const { hub } = house({ onMessage })
    const page = await meet(hub)
    page.say('one')
    const back = await meet(hub, page.held)
    expect(page.socket.closed).toEqual({ code: 4001, reason: 'resumed elsewhere' })
    expect(back.ok.received).toBe(1)
    const written = page.socket.sent.length
    page.say('two')
    page.ack(99)
    page.socket.receive('{"bye":{}}')
    page.socket.receive('ping')
    expect(onMessage).toHaveBeenCalledOnce()
    expect(page.socket.sent).toHaveLength(written)
    back.say('two', 2)
    expect(onMessage).toHaveBeenCalledTimes(2)
    expect(hub.metrics()).toMatchObject({ sessions: 1, duplicates: 0, protocolErrors: 0 })
    page.socket.end(4001)
    expect(hub.metrics().sessionsDetached).toBe(0)
  })

  it('P11.6 reads its position after that, even if the old socket spoke while the token was looked at', async () => {
    const decisions = [deferred<string>(), deferred<string>()]
    let asked = 0
    const { hub } = house({ auth: () => decisions[asked++]?.promise })
    decisions[0]?.resolve('ada')
    const page = await meet(hub)
    const back = await meet(hub, page.held)
    page.say('meanwhile')
    decisions[1]?.resolve('ada')
    await pass(0)
    expect(back.ok).toMatchObject({ resumed: true, received: 1 })
  })

  it('P11.7 P15.2 has a new key each time; the one before stays valid until the page has spoken in the session', async () => {
    const { hub } = house()
    const page = await meet(hub)
    const first = page.held
    const second = (await meet(hub, first)).held
    const again = await meet(hub, first)
    expect(again.ok.resumed).toBe(true)
    const third = again.held
    expect(new Set([first.key, second.key, third.key]).size).toBe(3)
    // The second was never seen by the page that went on: it could not have shown the first.
    expect((await meet(hub, second)).ok.why).toBe('unknown')

    again.socket.receive('pong')
    again.socket.receive('ping')
    again.socket.receive('nonsense')
    const still = await meet(hub, first)
    expect(still.ok.resumed).toBe(true)
    still.say('hello', 1)
    expect((await meet(hub, first)).ok.why).toBe('unknown')
    expect((await meet(hub, { ...third, key: still.ok.key })).ok.resumed).toBe(true)
  })

  it.each([
    ['a data frame', (page: SessionPage) => page.say('hello', 1)],
    ['a volatile one', (page: SessionPage) => page.say('hello', 0)],
    ['an ack', (page: SessionPage) => page.ack(0)],
  ])('P11.7 is confirmed by %s', async (_what, speak) => {
    const { hub } = house()
    const page = await meet(hub)
    const back = await meet(hub, page.held)
    speak(back)
    expect((await meet(hub, page.held)).ok.why).toBe('unknown')
  })

  it('P11.8 P15.2 uses nothing up: a hi whose ok was lost can be said again and again', async () => {
    const { hub } = house()
    const page = await meet(hub)
    const [client] = hub.clients
    for (const text of ['a', 'b']) client?.sendRaw(text)
    const held = { ...page.held, received: 1 }
    page.socket.end()
    for (let lost = 0; lost < 5; lost++) {
      const back = await meet(hub, held)
      expect(back.ok).toMatchObject({ resumed: true, received: 0, sent: 2 })
      expect(back.payloads).toEqual(['b'])
      back.socket.end()
    }
    expect(hub.metrics()).toMatchObject({ sessions: 1, sessionsResumed: 5 })
  })

  it('P15.6 that comes while another is being looked at fences that one: the last wins', async () => {
    const decisions = [deferred<string>(), deferred<string>(), deferred<string>()]
    let asked = 0
    const { hub } = house({ auth: () => decisions[asked++]?.promise ?? 'ada' })
    decisions[0]?.resolve('ada')
    const page = await meet(hub)
    const held = page.held
    const [one, two] = [await meet(hub, held), await meet(hub, held)]
    for (const decision of decisions) decision.resolve('ada')
    await pass(0)
    expect([page, one, two].map(({ socket }) => socket.closed?.code)).toEqual([4001, 4001, undefined])
    expect([one.ok.resumed, two.ok.resumed]).toEqual([true, true])
    expect((await meet(hub, two.held)).ok.resumed).toBe(true)
  })

  it('P15.6 is looked at anew when its turn comes: a session that ended meanwhile is not resumed', async () => {
    const allowed = deferred()
    let isSlow = false
    const { hub } = house({ channels: { chat: { authorize: () => isSlow && allowed.promise } } })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    const [client] = hub.clients
    isSlow = true
    const back = await meet(hub, page.held)
    const gone = await meet(hub, page.held)
    gone.socket.end()
    client?.close()
    allowed.resolve()
    await pass(0)
    expect(back.ok).toMatchObject({ resumed: false, why: 'unknown' })
    expect(gone.socket.texts).toEqual([])
  })

  it('P15.8 of a copy takes the session; the original cannot take it back once the copy has spoken', async () => {
    const { hub } = house()
    const original = await meet(hub)
    const held = original.held
    const copy = await meet(hub, held)
    expect(original.socket.closed?.code).toBe(4001)
    copy.say('mine', 1)
    expect((await meet(hub, held)).ok).toMatchObject({ resumed: false, why: 'unknown' })
    expect(copy.socket.closed).toBeUndefined()
  })

  it('P11.12 keeps open requests and streams, in both directions', async () => {
    const answer = deferred<string>()
    const items = [deferred<string>(), deferred<string>()]
    const { hub } = house({
      requests: {
        slow: () => answer.promise,
        async *tokens() {
          for (const item of items) yield item.promise
        },
      },
    })
    const page = await meet(hub)
    page.say({ id: 1, method: 'slow' })
    page.say({ id: 2, method: 'tokens' })
    const [client] = hub.clients
    const asked = client?.request('confirm', 'sure?')
    items[0]?.resolve('first')
    await pass(0)
    const held = page.held
    page.socket.end()
    answer.resolve('done')
    items[1]?.resolve('second')
    await pass(0)
    const back = await meet(hub, held)
    back.say({ id: 1, result: 'yes' }, 3)
    await pass(0)
    expect(await asked).toBe('yes')
    expect([...page.payloads, ...back.payloads]).toEqual([
      { id: 1, method: 'confirm', params: 'sure?' },
      { id: 2, item: 'first' },
      { id: 1, result: 'done' },
      { id: 2, item: 'second' },
      { id: 2, result: null },
    ])
  })

  it('P15.7 delivers a cancel that crossed the answer, and it is ignored', async () => {
    const { hub } = house({ requests: { now: () => 1 } })
    const page = await meet(hub)
    page.say({ id: 1, method: 'now' })
    await pass(0)
    page.socket.end()
    const back = await meet(hub, page.held)
    back.say({ id: 1, cancel: true }, 2)
    expect(page.payloads).toEqual([{ id: 1, result: 1 }])
    expect(hub.metrics()).toMatchObject({ protocolErrors: 0, openRequests: 0 })
  })
})

describe('the end of a session', () => {
  virtualTime()

  it('P11.11 comes at once when the page says bye', async () => {
    const onDisconnect = vi.fn()
    const left = vi.fn()
    const { hub } = house({ channels: { chat: { leave: left } }, onDisconnect })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    const [client] = hub.clients
    const held = page.held
    page.socket.receive('{"bye":{}}')
    expect(client?.signal.aborted).toBe(true)
    expect(page.socket.closed).toEqual({ code: 1000, reason: '' })
    await pass(0)
    expect(onDisconnect).toHaveBeenCalledExactlyOnceWith(client, 1000, '')
    expect(left).toHaveBeenCalledOnce()
    expect(hub.metrics()).toMatchObject({ sessions: 0, sessionBytes: 0 })
    expect((await meet(hub, held)).ok.why).toBe('unknown')
  })

  it('P11.11 does not come with a close without bye', async () => {
    const { hub } = house()
    const page = await meet(hub)
    page.socket.end(1000, 'page hidden')
    await pass(200_000)
    expect((await meet(hub, page.held)).ok.resumed).toBe(true)
  })

  it('comes when the app closes the client, with a connection and without', async () => {
    const onDisconnect = vi.fn()
    const { hub } = house({ onDisconnect })
    for (const isAway of [false, true]) {
      const page = await meet(hub)
      const [client] = hub.clients
      const asked = client?.request('confirm')
      if (isAway) page.socket.end(1006)
      client?.close(4000, 'enough', { minMs: 0, maxMs: 9 })
      client?.close(4000, 'again')
      await expect(asked).rejects.toMatchObject({ code: 'DELIVERY_UNKNOWN' })
      expect(page.socket.closed).toEqual(isAway ? undefined : { code: 4000, reason: 'enough retry=0-9' })
      expect(onDisconnect).toHaveBeenLastCalledWith(client, 4000, 'enough retry=0-9')
      client?.sendRaw('nobody hears this')
      expect((await meet(hub, page.held)).ok.why).toBe('unknown')
      for (const other of hub.clients) other.close()
    }
    await pass(0)
    expect(onDisconnect).toHaveBeenCalledTimes(4)
  })

  it('lets a handler that finishes later say what it likes to nobody', async () => {
    const handled = deferred()
    const { hub } = house({
      onMessage: async (_data, { client }) => {
        await handled.promise
        client.sendRaw('late')
      },
    })
    const page = await meet(hub)
    page.say('x')
    page.socket.receive('{"bye":{}}')
    handled.resolve()
    await pass(1_000)
    expect(page.heard).toEqual([])
  })
})

describe('the connection of a session', () => {
  virtualTime()

  it('counts against the places like any other, and gives its own back', async () => {
    const { hub } = house({ limits: { maxConnections: 1 } })
    const page = await meet(hub)
    const second = new SessionPage(hub)
    expect(second.socket.closed?.code).toBe(1013)
    page.socket.end()
    expect((await meet(hub, page.held)).ok.resumed).toBe(true)
  })
})
