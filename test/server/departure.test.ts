import { describe, expect, it } from 'vitest'
import { memorySessions, type ServerOptions } from '../../src/server/index.js'
import { deferred, house, meet, pass, type SessionPage, virtualTime } from './support.js'

const GOODBYE = { windowMs: 5_000, graceMs: 2_000, reason: 'restart' }
const BYE = '{"bye":{}}'

/** A server that goes, and the one that comes. */
function generations(options: ServerOptions) {
  const settings = { ...options, sessions: { store: memorySessions() } }
  return [house(settings).hub, house(settings).hub] as const
}

describe('at the end of its time a server that goes', () => {
  virtualTime()

  it('P12.4 saves the session of a page that left late before it sends it away', async () => {
    const [old, young] = generations({ requests: { never: () => new Promise(() => {}) } })
    const page = await meet(old)
    void old.close(GOODBYE)
    page.say({ id: 1, method: 'never' })
    await pass(5_500)
    page.socket.receive(BYE)
    await pass(1_500)
    expect(page.socket.closed).toMatchObject({ code: 1012 })
    const next = await meet(young, page.held)
    expect(next.ok).toMatchObject({ resumed: true, received: 1 })
    for (const { socket } of [page, next]) socket.end(1000)
    await pass(0)
  })

  it('P12.4 saves the session of a page that never left', async () => {
    const [old, young] = generations({})
    const page = await meet(old)
    void old.close(GOODBYE)
    page.say('raw')
    await pass(7_000)
    expect(page.socket.closed).toMatchObject({ code: 1012 })
    const next = await meet(young, page.held)
    expect(next.ok).toMatchObject({ resumed: true, received: 1 })
    for (const { socket } of [page, next]) socket.end(1000)
    await pass(0)
  })

  it('P12.4 stops what it has not finished, and tells its page', async () => {
    let isStopped = false
    const [old] = generations({
      requests: {
        async *ticks(_params, { signal }) {
          yield 1
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          isStopped = true
        },
      },
    })
    const page = await meet(old)
    page.say({ id: 1, method: 'ticks' })
    await pass(0)
    void old.close(GOODBYE)
    page.socket.receive(BYE)
    await pass(2_000)
    expect(page.socket.texts.filter((text) => text.includes('"RESTARTED"'))).toHaveLength(1)
    expect(isStopped).toBe(true)
    page.socket.end(1000)
    await pass(0)
  })
})

describe('a server that goes, whose page has come to the next one unseen', () => {
  virtualTime()

  const end = ({ socket }: SessionPage): void => socket.end()

  it.each([
    ['handles what it has received, late', false, 100, () => {}, ['a', 'c', 'b']],
    ['begins nothing more once it hears that the page is gone', false, 100, end, ['a', 'c']],
    ['handles it then too if it has a store: it may hand the session over', true, 100, end, ['a', 'c', 'b']],
    ['begins nothing more when its time is over', false, 7_000, () => {}, ['a', 'c']],
  ])('P13.1 %s', async (_what, hasStore, afterMs, notice, expected) => {
    const heard: unknown[] = []
    const handled = deferred()
    const options: ServerOptions = {
      pingIntervalMs: 60_000,
      sessions: hasStore ? { store: memorySessions() } : {},
      async onMessage(data) {
        heard.push(data)
        await handled.promise
      },
    }
    const [old, young] = [house(options).hub, house(options).hub]
    const [page, other] = [await meet(old), await meet(old)]
    page.say('a')
    page.say('b')
    void old.close(GOODBYE)
    const next = await meet(young, page.held)
    expect(next.ok).toMatchObject({ resumed: false, why: 'unknown' })
    next.say('c')
    notice(page)
    await pass(afterMs)
    handled.resolve()
    await pass(0)
    expect(heard).toEqual(expected)
    for (const { socket } of [page, other, next]) socket.end(1000)
    await pass(0)
  })
})
