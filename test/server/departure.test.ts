import { describe, expect, it } from 'vitest'
import { memorySessions, type ServerOptions } from '../../src/server/index.js'
import { house, meet, pass, virtualTime } from './support.js'

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
