import { describe, expect, it, vi } from 'vitest'
import { deferred, event, house, joining, meet, pass, SessionPage, virtualTime } from './support.js'

describe('a page that reads too slowly', () => {
  virtualTime()

  it.each([
    ['messages', { maxMessages: 3 }, ['1', '2', '3']],
    ['bytes', { maxBytes: 10 }, ['12345', '67890']],
  ])(
    'P14.1 P12.1 loses its session, with 4002, when the %s that it has not acknowledged are too many',
    async (...[, sessions, texts]) => {
      const onDisconnect = vi.fn()
      const { hub } = house({ sessions, onDisconnect })
      const page = await meet(hub)
      const [client] = hub.clients
      for (const text of texts) client?.sendRaw(text)
      expect(page.socket.closed).toBeUndefined()
      client?.sendRaw('more')
      expect(page.payloads).toEqual(texts)
      expect(page.socket.closed).toEqual({ code: 4002, reason: 'too slow' })
      await pass(0)
      expect(onDisconnect).toHaveBeenCalledExactlyOnceWith(client, 4002, 'too slow')
      expect(hub.metrics()).toMatchObject({ sessions: 0, sessionsOverflowed: 1, sessionBytes: 0 })
      expect((await meet(hub, page.held)).ok).toMatchObject({ resumed: false, why: 'overflow' })
    },
  )

  it('P14.1 loses it too while it is away', async () => {
    const { hub } = house({ channels: { chat: {} }, sessions: { maxMessages: 2 } })
    const page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    page.ack()
    page.socket.end()
    expect([1, 2, 3].map((data) => hub.broadcast('chat', 'message', data))).toEqual([1, 1, 0])
    expect((await meet(hub, page.held)).ok.why).toBe('overflow')
  })

  it('P14.1 does not lose it for one large message', async () => {
    const { hub } = house({ sessions: { maxBytes: 10 } })
    const page = await meet(hub)
    const [client] = hub.clients
    client?.sendRaw('x'.repeat(1_000))
    page.ack()
    client?.sendRaw('x'.repeat(1_000))
    page.ack()
    expect(page.socket.closed).toBeUndefined()
    expect(page.heard).toHaveLength(2)
  })

  it('P14.1 keeps it as long as it acknowledges', async () => {
    const { hub } = house({ sessions: { maxMessages: 2 } })
    const page = await meet(hub)
    const [client] = hub.clients
    for (let i = 0; i < 100; i++) {
      client?.sendRaw('x')
      page.ack()
    }
    expect(page.heard.at(-1)?.number).toBe(100)
  })

  it('P14.1 gets all that was kept after a resume, however much waits in its socket', async () => {
    const { hub } = house({ limits: { maxBufferedBytes: 100 } })
    const page = await meet(hub)
    const [client] = hub.clients
    page.socket.buffered = 1_000
    client?.sendRaw('one')
    expect(page.payloads).toEqual(['one'])
    expect(page.socket.closed).toBeUndefined()
    await pass(15_000)
    expect(page.socket.closed).toEqual({ code: 1013, reason: 'too slow retry=0-5000' })
    expect((await meet(hub, page.held)).ok.resumed).toBe(true)
  })

  it('P14.1 keeps streams waiting while more than half of what may be kept is kept', async () => {
    let made = 0
    const { hub } = house({
      sessions: { maxMessages: 10 },
      requests: {
        async *count() {
          for (;;) yield ++made
        },
      },
    })
    const page = await meet(hub)
    page.say({ id: 1, method: 'count' })
    await pass(1_000)
    expect(made).toBe(5)
    page.ack(1)
    await pass(0)
    expect(made).toBe(6)
    page.ack()
    await pass(1_000)
    expect(made).toBe(11)
    expect(page.heard).toHaveLength(11)
    page.say({ id: 1, cancel: true })
    page.ack()
  })

  it('P11.12 keeps streams waiting while it is away, and while its socket is full', async () => {
    let made = 0
    const { hub } = house({
      requests: {
        async *count() {
          for (;;) yield ++made
        },
      },
      sessions: { maxMessages: 1_000 },
    })
    const page = await meet(hub)
    page.socket.buffered = 100_000
    page.say({ id: 1, method: 'count' })
    await pass(1_000)
    expect(made).toBe(1)
    page.socket.end()
    await pass(100_000)
    expect(made).toBe(1)
    const back = await meet(hub, page.held)
    await pass(1_000)
    expect(made).toBe(500)
    back.socket.buffered = 100_000
    back.ack()
    await pass(1_000)
    expect(made).toBe(500)
    back.socket.buffered = 0
    await pass(1_000)
    expect(made).toBe(1_000)
  })

  it('frees what waits when the session ends while it is away', async () => {
    const ended = vi.fn()
    const { hub } = house({
      sessions: { ttlMs: 1_000 },
      requests: {
        async *count() {
          try {
            for (let i = 0; ; i++) yield i
          } finally {
            ended()
          }
        },
      },
    })
    const page = await meet(hub)
    page.socket.buffered = 100_000
    page.say({ id: 1, method: 'count' })
    await pass(0)
    page.socket.end()
    await pass(1_000)
    expect(ended).toHaveBeenCalledOnce()
    expect(hub.metrics()).toMatchObject({ sessions: 0, openRequests: 0 })
  })
})

describe('sessions in all', () => {
  virtualTime()

  it('P14.2 are bounded: one more takes the place of the one that waits longest for its page', async () => {
    const onDisconnect = vi.fn()
    const { hub } = house({ sessions: { maxSessions: 3 }, onDisconnect })
    const pages = [await meet(hub), await meet(hub), await meet(hub)]
    const [, second, third] = pages
    third?.socket.end(1001)
    await pass(10)
    second?.socket.end(1001)
    const more = await meet(hub)
    expect(more.ok.resumed).toBe(false)
    await pass(0)
    expect(onDisconnect.mock.calls.map(([client, code]) => [client.id, code])).toEqual([[3, 1001]])
    expect(hub.metrics()).toMatchObject({ sessions: 3, sessionsDetached: 1, sessionsEvicted: 1 })
    expect((await meet(hub, second?.held)).ok.resumed).toBe(true)
  })

  it('P14.2 where none waits, one more is told to come back', async () => {
    const { hub } = house({ sessions: { maxSessions: 1 } })
    const page = await meet(hub)
    const second = await meet(hub)
    const no = { code: 1013, reason: 'too many sessions', window: { minMs: 0, maxMs: 5_000 } }
    expect(second.controls('no')).toEqual([no])
    expect(second.socket.closed).toEqual({ code: 1013, reason: 'too many sessions retry=0-5000' })
    expect(page.socket.closed).toBeUndefined()
    page.socket.end()
    const third = await meet(hub)
    expect(third.ok.resumed).toBe(false)
    const back = await meet(hub, page.held)
    expect(back.controls('no')).toEqual([no])
    third.socket.end()
    expect((await meet(hub, page.held)).ok.why).toBe('expired')
  })

  it('P14.2 are bounded in bytes: those without a page go first, the longest away first', async () => {
    const { hub } = house({ channels: { chat: {} }, sessions: { maxTotalBytes: 500 } })
    const pages = [await meet(hub), await meet(hub), await meet(hub)]
    for (const page of pages) page.say(joining(1))
    await pass(0)
    for (const page of pages) page.ack()
    const [here, away, longAway] = pages
    longAway?.socket.end()
    await pass(10)
    away?.socket.end()
    hub.broadcast('chat', 'message', 'x'.repeat(120))
    expect(hub.metrics()).toMatchObject({ sessions: 3, sessionsEvicted: 0 })
    hub.broadcast('chat', 'message', 'x')
    expect(hub.metrics()).toMatchObject({ sessions: 2, sessionsDetached: 1, sessionsEvicted: 1 })
    expect((await meet(hub, longAway?.held)).ok.why).toBe('expired')
    expect((await meet(hub, away?.held)).ok.resumed).toBe(true)
    expect(here?.payloads).toHaveLength(3)
  })

  it('P14.2 where every page is there, the one that is sent more goes', async () => {
    const { hub } = house({ sessions: { maxTotalBytes: 100 } })
    const [one, two] = [await meet(hub), await meet(hub)]
    const [first, second] = hub.clients
    first?.sendRaw('x'.repeat(90))
    second?.sendRaw('x'.repeat(20))
    expect([one.socket.closed, two.socket.closed?.code]).toEqual([undefined, 4002])
    expect(hub.metrics()).toMatchObject({ sessionBytes: 90, sessionsOverflowed: 1 })
    expect((await meet(hub, two.held)).ok.why).toBe('overflow')
  })
})

describe('what a page sends', () => {
  virtualTime()

  it('P14.4 is refused if its hi is longer than 64 KiB, or a name than 128 characters', async () => {
    const { hub } = house()
    const fits = await meet(hub, { token: 'x'.repeat(65_000) })
    expect(fits.ok.resumed).toBe(false)
    for (const hi of [
      { token: 'x'.repeat(65_536) },
      { client: 'x'.repeat(129) },
      { session: 'x'.repeat(129), key: 'k', received: 0 },
      { session: 's', key: 'x'.repeat(129), received: 0 },
    ]) {
      const page = await meet(hub, hi)
      expect(page.controls('no')).toEqual([{ code: 4400, reason: 'a malformed hi' }])
    }
    expect(hub.metrics().protocolErrors).toBe(4)
  })

  it('P8.1 P14.4 in a flood closes the connection, and not the session', async () => {
    const { hub } = house({ limits: { messagesPerSecond: 1 } })
    const page = await meet(hub)
    for (let i = 0; i < 10; i++) page.say('x')
    expect(page.socket.closed).toEqual({ code: 4429, reason: 'too many messages retry=0-5000' })
    expect(page.acks).toEqual([9])
    expect((await meet(hub, page.held)).ok).toMatchObject({ resumed: true, received: 9 })
  })

  it('P8.1 faster than handlers finish closes the connection; what was not taken is written again, and in order', async () => {
    const steps: (() => void)[] = []
    const heard: unknown[] = []
    const { hub } = house({
      channels: {
        chat: {
          on: {
            message: async (data) => {
              heard.push(data)
              await new Promise<void>((resolve) => steps.push(resolve))
            },
          },
        },
      },
      limits: { maxBufferedBytes: 1_000 },
    })
    let page = await meet(hub)
    page.say(joining(1))
    await pass(0)
    const said = Array.from({ length: 6 }, (_, at) => `${at}`.padEnd(300))
    for (const data of said) page.say(event(data))
    expect(page.socket.closed).toEqual({ code: 4429, reason: 'too many messages waiting retry=0-5000' })
    for (let cuts = 0; heard.length < said.length || steps.length > 0; cuts++) {
      steps.shift()?.()
      await pass(0)
      page = await meet(hub, page.held)
      for (const [at, data] of said.entries()) if (at + 2 > page.ok.received) page.say(event(data), at + 2)
      await pass(0)
      expect(cuts).toBeLessThan(10)
    }
    expect(heard).toEqual(said)
    expect(hub.metrics().duplicates).toBe(0)
  })

  it.each(['chat', undefined])(
    'P13.1 and waits for a handler is not handled once its session was dropped',
    async (...[channel]) => {
      const handled = deferred()
      const heard: unknown[] = []
      const hear = async (data: unknown) => {
        heard.push(data)
        await handled.promise
      }
      const { hub } = house({
        onMessage: hear,
        channels: { chat: { on: { message: hear } } },
        sessions: { ttlMs: 1_000 },
      })
      const page = await meet(hub)
      page.say(joining(1))
      await pass(0)
      for (const data of ['begun', 'waiting']) page.say(channel ? event(data) : data)
      page.socket.end()
      await pass(1_000)
      handled.resolve()
      await pass(0)
      expect(heard).toEqual(['begun'])
      expect((await meet(hub, page.held)).ok.why).toBe('expired')
    },
  )

  it('P8.1 is forgotten with the session: a handler that hangs keeps nothing', async () => {
    const handled = deferred()
    const { hub } = house({ onMessage: () => handled.promise })
    const page = new SessionPage(hub)
    page.hi()
    await pass(0)
    page.say('x')
    page.socket.receive('{"bye":{}}')
    expect(hub.metrics()).toMatchObject({ sessions: 0 })
    handled.resolve()
    await pass(1_000)
    expect(page.acks).toEqual([])
  })
})
