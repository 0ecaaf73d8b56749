import { describe, expect, it } from 'vitest'
import { memorySessions, type ServerOptions } from '../../src/server/index.js'
import { deferred, house, meet, pass, virtualTime } from './support.js'

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

  it('P12.4 has what is not handled in time handled by the other server, and nothing twice', async () => {
    const slow = deferred()
    const heard: unknown[] = []
    const [old, young] = generations({
      requests: { count: (n) => heard.push(n) },
      onMessage(data) {
        heard.push(data)
        return data === 'slow' ? slow.promise : undefined
      },
    })
    const page = await meet(old)
    void old.close(GOODBYE)
    for (const message of ['one', 'slow', 'waits', { id: 1, method: 'count', params: 4 }]) page.say(message)
    page.socket.receive(BYE)
    await pass(2_000)
    expect(heard).toEqual(['one', 'slow', 4])
    const next = await meet(young, page.held)
    expect(next.ok).toMatchObject({ resumed: true, received: 1 })
    // The old server has begun with one message, and knows nothing of its end.
    slow.resolve()
    await pass(0)
    expect(heard).toEqual(['one', 'slow', 4])
    next.socket.receive('2 0 slow')
    next.socket.receive('3 0 waits')
    next.socket.receive('4 0 {"id":1,"method":"count","params":4}')
    next.socket.receive('5 0 new')
    await pass(0)
    expect(heard).toEqual(['one', 'slow', 4, 'slow', 'waits', 'new'])
    for (const { socket } of [page, next]) socket.end(1000)
    await pass(0)
  })
})
