import { describe, expect, it, vi } from 'vitest'
import { deferred, event, house, joining, meet, pass, SessionPage, virtualTime } from './support.js'

const hi = { hi: { version: 1, client: 'sixteen characters' } }

describe('the first message', () => {
  virtualTime()

  it('P9.1 decides what is spoken: hi begins a session', async () => {
    const onConnect = vi.fn()
    const { hub } = house({ onConnect })
    const page = await meet(hub)
    expect(page.ok.resumed).toBe(false)
    expect(onConnect).toHaveBeenCalledOnce()
    expect(hub.metrics()).toMatchObject({ connections: 1, connectionsTotal: 1, sessions: 1, sessionsTotal: 1 })
  })

  it.each([
    ['a request', { id: 1, method: 'sum' }],
    ['a text of the app', 'hello'],
    ['a heartbeat', 'pong'],
    ['a ping', 'ping'],
  ])(
    'P9.1 decides what is spoken: %s begins the plain wire, and a later hi is a message of the app',
    (_what, first) => {
      const onMessage = vi.fn()
      const { hub } = house({ requests: { sum: () => 3 }, onMessage })
      const { socket } = new SessionPage(hub)
      socket.receive(first)
      expect(hub.metrics()).toMatchObject({ connections: 1, sessions: 0 })
      onMessage.mockClear()
      socket.receive(hi)
      expect(onMessage).toHaveBeenCalledExactlyOnceWith(JSON.stringify(hi), expect.anything())
    },
  )

  it('P9.1 is heard by the handlers of the plain wire', async () => {
    const { hub } = house({ requests: { sum: () => 3 } })
    const { socket } = new SessionPage(hub)
    socket.receive({ id: 1, method: 'sum' })
    await pass(0)
    expect(socket.frames).toEqual([{ id: 1, result: 3 }])
  })

  it('P9.1 has no answer on a server without sessions', async () => {
    const onMessage = vi.fn()
    const { hub } = house({ sessions: false, onMessage })
    const page = await meet(hub)
    expect(page.socket.texts).toEqual([])
    expect(onMessage).toHaveBeenCalledOnce()
    expect(hub.metrics()).toMatchObject({ connections: 1, sessions: 0 })
  })
})

describe('hi', () => {
  virtualTime()

  it('P9.6 P11.1 is answered with all that a page needs to know, and with names that nobody can guess', async () => {
    const { hub } = house({
      pingIntervalMs: 7_000,
      limits: { maxPayload: 5_000 },
      sessions: { ttlMs: 60_000, windowMs: 9_000 },
    })
    const page = await meet(hub)
    expect(page.ok).toEqual({
      session: expect.stringMatching(/^s[\w-]{22}$/),
      key: expect.stringMatching(/^k[\w-]{22}$/),
      epoch: expect.stringMatching(/^e[\w-]{22}$/),
      resumed: false,
      received: 0,
      sent: 0,
      ttlMs: 60_000,
      pingMs: 7_000,
      maxPayload: 5_000,
      window: { minMs: 0, maxMs: 9_000 },
    })
    const another = await meet(hub)
    expect(another.ok.epoch).toBe(page.ok.epoch)
    expect(new Set([page.ok.session, page.ok.key, another.ok.session, another.ok.key]).size).toBe(4)
  })

  it.each([
    ['no members', '{"hi":{}}', 'a malformed hi'],
    ['nothing', '{"hi":null}', 'a malformed hi'],
    ['a short client', '{"hi":{"version":1,"client":"short"}}', 'a malformed hi'],
    ['a session without a key', '{"hi":{"version":1,"client":"sixteen characters","session":"s"}}', 'a malformed hi'],
    [
      'a negative position',
      '{"hi":{"version":1,"client":"sixteen characters","session":"s","key":"k","received":-1}}',
      'a malformed hi',
    ],
    [
      'its members in a prototype',
      '{"hi":{"__proto__":{"version":1,"client":"sixteen characters"}}}',
      'a malformed hi',
    ],
    ['a version to come', '{"hi":{"version":2,"client":"sixteen characters"}}', 'an unknown version of the session'],
  ])('P9.5 P9.6 with %s is refused with no, and 4400', async (_what, text, reason) => {
    const { hub, log } = house()
    const page = new SessionPage(hub)
    page.socket.receive(text)
    await pass(0)
    expect(page.controls('no')).toEqual([{ code: 4400, reason }])
    expect(page.socket.closed).toEqual({ code: 4400, reason })
    expect(hub.metrics()).toMatchObject({ protocolErrors: 1, refused: 1, sessions: 0 })
    expect(log.warnings).toEqual([`holdfast: client 1 broke the protocol: ${reason}`])
  })

  it.each(['__proto__', 'constructor', 'toString'])('names a session %s: it is unknown', async (session) => {
    const { hub } = house()
    const page = await meet(hub, { session, key: session, received: 0 })
    expect(page.ok).toMatchObject({ resumed: false, why: 'unknown' })
    expect(Object.prototype).not.toHaveProperty('keys')
  })

  it('P9.6 may have members that are not known', async () => {
    const { hub } = house()
    const page = new SessionPage(hub)
    page.socket.receive({ hi: { ...hi.hi, capabilities: ['later'], other: 1 } })
    await pass(0)
    expect(page.ok.resumed).toBe(false)
  })

  it.each([
    ['another hi', hi],
    ['a data frame', '1 0 hello'],
    ['bytes', new ArrayBuffer(3)],
    ['an ack', 'ack 0'],
  ])('P9.5 P11.2 followed by %s before the answer is refused with 4400', async (_what, message) => {
    const { hub } = house({ auth: () => new Promise(() => {}) })
    const page = await meet(hub)
    page.socket.receive('ping')
    expect(page.socket.closed).toBeUndefined()
    page.socket.receive(message)
    expect(page.controls('no')).toMatchObject([{ code: 4400 }])
    expect(page.socket.closed?.code).toBe(4400)
  })
})

describe('data frames', () => {
  virtualTime()

  it('P9.3 carry text behind their header', async () => {
    const heard: unknown[] = []
    const { hub } = house({ onMessage: (data) => void heard.push(data) })
    const page = await meet(hub)
    page.say('hello')
    page.say('1 0 looks like a frame')
    page.say('')
    expect(heard).toEqual(['hello', '1 0 looks like a frame', ''])
    const [client] = hub.clients
    client?.sendRaw('grüß dich')
    expect(page.heard).toEqual([{ number: 1, ack: 3, payload: 'grüß dich' }])
  })

  it('P9.3 carry bytes behind the same header in ASCII', async () => {
    const heard: unknown[] = []
    const { hub } = house({ onMessage: (data) => void heard.push(data) })
    const page = await meet(hub)
    page.socket.receive(new Uint8Array([...Buffer.from('1 0 '), 0, 255, 32]).buffer)
    expect(heard).toEqual([new Uint8Array([0, 255, 32])])
    const [client] = hub.clients
    client?.sendRaw(new Uint8Array([7, 8]))
    expect(page.socket.sent.at(-1)).toEqual({ bytes: Buffer.from([...Buffer.from('1 1 '), 7, 8]), binary: true })
  })

  it('P10.6 are kept as they were sent, whatever the app does with its buffer', async () => {
    const { hub } = house()
    const page = await meet(hub)
    page.socket.end()
    const [client] = hub.clients
    const buffer = Buffer.from('as sent')
    client?.sendRaw(buffer)
    buffer.fill(0)
    expect((await meet(hub, page.held)).payloads).toEqual(['as sent'])
  })

  it('P9.3 P10.1 with the number 0 are handled once, and count for nothing', async () => {
    const heard: unknown[] = []
    const { hub } = house({ onMessage: (data) => void heard.push(data) })
    const page = await meet(hub)
    page.say('volatile', 0)
    page.say('volatile', 0)
    page.say('reliable')
    expect(heard).toEqual(['volatile', 'volatile', 'reliable'])
    expect((await meet(hub, page.held)).ok.received).toBe(1)
  })

  it.each([
    '1 0',
    '01 0 x',
    '+1 0 x',
    '1.0 0 x',
    '-1 0 x',
    '1  0 x',
    '9007199254740993 0 x',
    '1 9007199254740993 x',
    'ack',
    'ack 01',
    'ack -1',
    'ack 9007199254740993',
    '{"bye":7}',
    '{"ok":{}}',
    '{"hi":{"version":1,"client":"sixteen characters"}}',
    '{"id":1,"method":"sum"}',
    'hello',
    '[]',
  ])('P9.5 a frame that is none, %s, is ignored and counted, and the first is reported', async (text) => {
    const handler = vi.fn()
    const { hub, log } = house({ onMessage: handler, requests: { sum: handler } })
    const page = await meet(hub)
    page.socket.receive(text)
    page.socket.receive(text)
    page.socket.receive(new ArrayBuffer(2))
    expect(handler).not.toHaveBeenCalled()
    expect(page.socket.closed).toBeUndefined()
    expect(hub.metrics().protocolErrors).toBe(3)
    expect(log.warnings).toEqual(['holdfast: client 1 broke the protocol: a malformed frame of a session'])
  })

  it('P9.4 P9.5 whose payload is malformed are counted, and are received', async () => {
    const { hub } = house()
    const page = await meet(hub)
    page.say('{"id":{},"method":"sum"}')
    expect(hub.metrics().protocolErrors).toBe(1)
    expect((await meet(hub, page.held)).ok.received).toBe(1)
  })
})

describe('numbers', () => {
  virtualTime()

  it('P10.1 count from 1 in each direction, and a message keeps its number', async () => {
    const { hub } = house({ requests: { sum: () => 3 } })
    const page = await meet(hub)
    page.say({ id: 1, method: 'sum' })
    page.say({ id: 2, method: 'sum' })
    await pass(0)
    const answers = [
      { number: 1, ack: 2, payload: { id: 1, result: 3 } },
      { number: 2, ack: 2, payload: { id: 2, result: 3 } },
    ]
    expect(page.heard).toEqual(answers)
    for (let cut = 0; cut < 3; cut++) {
      const back = await meet(hub, { ...page.held, received: 0 })
      expect(back.heard).toEqual(answers)
    }
  })

  it('P10.1 a volatile message is written at once or not at all, and is not written again', async () => {
    const { hub } = house({ channels: { chat: {} } })
    const page = await meet(hub)
    const [client] = hub.clients
    client?.send('chat', 'message', 1, { volatile: true })
    expect(page.heard).toEqual([{ number: 0, ack: 0, payload: event(1) }])

    page.socket.buffered = 100_000
    client?.send('chat', 'message', 2, { volatile: true })
    page.socket.end()
    client?.send('chat', 'message', 3, { volatile: true })
    const back = await meet(hub, page.held)
    expect([...page.payloads, ...back.payloads]).toEqual([event(1)])
    expect(back.ok.sent).toBe(0)
  })

  it('a volatile broadcast counts those that it reached, on both wires', async () => {
    const { hub, join } = house({ channels: { chat: {} } })
    const plain = join().socket
    plain.receive(joining(1))
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    expect(hub.broadcast('chat', 'message', 1, { volatile: true })).toBe(2)
    plain.buffered = 100_000
    page.socket.end()
    expect(hub.broadcast('chat', 'message', 2, { volatile: true })).toBe(0)
    expect(plain.closed).toBeUndefined()
    expect(plain.frames.at(-1)).toEqual(event(1))
  })

  it('P10.2 a message that came before is dropped and counted', async () => {
    const onMessage = vi.fn()
    const { hub } = house({ onMessage })
    const page = await meet(hub)
    page.say('one')
    page.say('one again', 1)
    page.say('two')
    page.say('one once more', 1)
    expect(onMessage.mock.calls.map(([data]) => data)).toEqual(['one', 'two'])
    expect(hub.metrics()).toMatchObject({ duplicates: 2, protocolErrors: 0 })
    expect(page.socket.closed).toBeUndefined()
  })

  it('P10.2 P12.1 a number that was passed over closes with 4003, and the page can resume', async () => {
    const onMessage = vi.fn()
    const { hub } = house({ onMessage })
    const page = await meet(hub)
    page.say('one')
    page.say('three', 3)
    expect(page.socket.closed).toEqual({ code: 4003, reason: 'expected 2, got 3' })
    expect(onMessage).toHaveBeenCalledOnce()
    const back = await meet(hub, page.held)
    expect(back.ok).toMatchObject({ resumed: true, received: 1 })
    back.say('two', 2)
    expect(onMessage).toHaveBeenCalledTimes(2)
  })
})

describe('acks', () => {
  virtualTime()

  it('P10.3 count what is handled, in order: a slow handler keeps back what came after', async () => {
    const steps = { a: deferred(), b: deferred() }
    const slow = (name: 'a' | 'b') => ({ on: { message: () => steps[name].promise } })
    const { hub } = house({ channels: { a: slow('a'), b: slow('b') } })
    const page = await meet(hub)
    page.say(joining(1, 'a'))
    page.say(joining(2, 'b'))
    await pass(0)
    page.say(event(1, 'message', 'a'))
    page.say(event(1, 'message', 'b'))
    await pass(250)
    expect(page.acks).toEqual([])
    expect(page.heard.at(-1)?.ack).toBe(2)

    steps.b.resolve()
    await pass(250)
    expect(page.acks).toEqual([])
    steps.a.resolve()
    await pass(250)
    expect(page.acks).toEqual([4])
    expect((await meet(hub, page.held)).ok.received).toBe(4)
  })

  it('P10.3 count raw messages when they are handled, and requests when they are passed on', async () => {
    const handled = deferred()
    const { hub } = house({ onMessage: () => handled.promise, requests: { never: () => new Promise(() => {}) } })
    const page = await meet(hub)
    page.say({ id: 1, method: 'never' })
    await pass(250)
    page.say('raw')
    page.say({ id: 2, method: 'never' })
    await pass(250)
    expect(page.acks).toEqual([1])
    handled.resolve()
    await pass(250)
    expect(page.acks).toEqual([1, 3])
  })

  it('P10.3 do not run ahead of a handler that answers by itself', async () => {
    const { hub } = house({ onMessage: (_data, { client }) => client.sendRaw('reply') })
    const page = await meet(hub)
    page.say('one')
    page.say('two')
    expect(page.heard.map(({ ack }) => ack)).toEqual([0, 1])
  })

  it('P10.3 that are lower than one before say nothing new', async () => {
    const { hub } = house()
    const page = await meet(hub)
    const [client] = hub.clients
    for (const text of ['a', 'b']) client?.sendRaw(text)
    page.ack(2)
    page.ack(1)
    page.ack(0)
    expect(hub.metrics()).toMatchObject({ sessionBytes: 0, protocolErrors: 0 })
    client?.sendRaw('c')
    expect(page.heard.at(-1)?.number).toBe(3)
  })

  it.each([
    ['a lone ack', (page: SessionPage) => page.ack(2)],
    ['an ack in a data frame', (page: SessionPage) => page.say('hello', 1, 2)],
  ])('P10.4 P15.4 %s from the future ends the session with 4400, and is not guessed at', async (_what, act) => {
    const onMessage = vi.fn()
    const onDisconnect = vi.fn()
    const { hub } = house({ onMessage, onDisconnect })
    const page = await meet(hub)
    const [client] = hub.clients
    client?.sendRaw('one')
    const held = page.held
    act(page)
    expect(page.socket.closed).toEqual({ code: 4400, reason: 'ack from the future' })
    await pass(0)
    expect(onDisconnect).toHaveBeenCalledExactlyOnceWith(client, 4400, 'ack from the future')
    expect(onMessage).not.toHaveBeenCalled()
    expect(client?.signal.aborted).toBe(true)
    expect(hub.metrics()).toMatchObject({ protocolErrors: 1, sessions: 0 })
    expect((await meet(hub, held)).ok).toMatchObject({ resumed: false, why: 'unknown' })
  })

  it('P10.5 go out after 32 messages', async () => {
    const { hub } = house()
    const page = await meet(hub)
    for (let i = 0; i < 31; i++) page.say('x')
    expect(page.acks).toEqual([])
    page.say('x')
    expect(page.acks).toEqual([32])
  })

  it('P10.5 go out after 64 KiB', async () => {
    const { hub } = house()
    const page = await meet(hub)
    page.say('x'.repeat(65_000))
    expect(page.acks).toEqual([])
    page.say('x'.repeat(600))
    expect(page.acks).toEqual([2])
  })

  it('P10.5 go out 250 ms after the first that is owed, with one timer for all sessions', async () => {
    const { hub } = house()
    const [first, second] = [await meet(hub), await meet(hub)]
    const before = vi.getTimerCount()
    first.say('x')
    second.say('x')
    expect(vi.getTimerCount()).toBe(before + 1)
    await pass(249)
    first.say('x')
    expect(first.acks).toEqual([])
    await pass(1)
    expect([first.acks, second.acks]).toEqual([[2], [1]])
    await pass(1_000)
    expect([first.acks, second.acks]).toEqual([[2], [1]])
  })

  it('P10.5 ride on data frames, and then do not go out by themselves', async () => {
    const { hub } = house()
    const page = await meet(hub)
    const [client] = hub.clients
    page.say('x')
    client?.sendRaw('y')
    expect(page.heard).toEqual([{ number: 1, ack: 1, payload: 'y' }])
    await pass(1_000)
    expect(page.acks).toEqual([])
  })

  it('P10.5 go out before each ping and pong, and before a polite close', async () => {
    const { hub } = house({ pingIntervalMs: 1_000 })
    const page = await meet(hub)
    const last = () => page.socket.sent.slice(-2).map(({ bytes }) => Buffer.from(bytes).toString())
    page.say('x')
    page.socket.receive('ping')
    expect(last()).toEqual(['ack 1', 'pong'])
    await pass(900)
    page.say('x')
    await pass(100)
    expect(last()).toEqual(['ack 2', 'ping 1000'])
    page.say('x')
    const [client] = hub.clients
    client?.close(4000, 'enough')
    expect(page.acks).toEqual([1, 2, 3])
    expect(page.socket.closed).toEqual({ code: 4000, reason: 'enough' })
  })

  it('P10.6 alone free what is kept: to have received it is not enough', async () => {
    const { hub } = house()
    const page = await meet(hub)
    const [client] = hub.clients
    client?.sendRaw('12345')
    client?.sendRaw('678')
    expect(hub.metrics().sessionBytes).toBe(8)
    const back = await meet(hub, page.held)
    expect(hub.metrics().sessionBytes).toBe(8)
    back.ack(1)
    expect(hub.metrics().sessionBytes).toBe(3)
    back.say('x', 1, 2)
    expect(hub.metrics().sessionBytes).toBe(0)
  })

  it('P10.6 that were lost with their socket are said again', async () => {
    const { hub } = house()
    const page = await meet(hub)
    for (let i = 0; i < 40; i++) page.say('x')
    expect(page.acks).toEqual([32])
    const back = await meet(hub, page.held)
    expect(back.acks).toEqual([40])
    back.say('x', 41)
    const again = await meet(hub, back.held)
    await pass(250)
    expect(again.acks).toEqual([41])
  })
})

describe('a socket that the page has given up', () => {
  virtualTime()

  it('P11.13 is slower than the one after it: its hi is not answered, and takes nothing from the other', async () => {
    const { hub } = house()
    const page = await meet(hub, { attempt: 1 })
    const slow = new SessionPage(hub)
    const newest = await meet(hub, { ...page.held, attempt: 3 })
    slow.hi({ ...page.held, attempt: 2 })
    await pass(0)
    expect(slow.socket.closed).toEqual({ code: 4001, reason: 'a later hi was answered' })
    newest.say({ channel: 'nobody', event: 'hears' })
    await pass(250)
    expect(newest.acks).toEqual([1])
    const back = await meet(hub, { ...newest.held, attempt: 4 })
    expect(back.ok).toMatchObject({ resumed: true, received: 1 })
  })
})
