import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Hub } from '../../src/server/hub.js'
import type { ServerOptions } from '../../src/server/index.js'
import { normalize, normalizeClose } from '../../src/server/options.js'
import type { ServerSocket, ServerSocketHandlers } from '../../src/server/socket.js'
import { fakeEnvironment } from '../../src/testing/fake-environment.js'
import { bytes, hostile, pollution, seeds } from './frames.js'

const FRAMES = 60
const RUNS = 200

/** The server's side of a socket, whose page is the test. */
class Line implements ServerSocket {
  readonly heard: string[] = []
  closed = false
  #handlers: ServerSocketHandlers | undefined

  send(sent: Uint8Array): void {
    this.heard.push(Buffer.from(sent).toString())
  }
  close(code: number, reason: string): void {
    this.heard.push(`close ${code} ${reason}`)
    this.terminate()
  }
  terminate(): void {
    this.closed = true
    this.#handlers?.onClose(1006, '')
  }
  bufferedAmount(): number {
    return 0
  }
  listen(handlers: ServerSocketHandlers): void {
    this.#handlers = handlers
  }
  say(message: string | ArrayBuffer): void {
    if (!this.closed) this.#handlers?.onMessage(message)
  }
}

const HI = { version: 1, client: 'page-0123456789abcdef' }
const request = () => Object.assign(new IncomingMessage(new Socket()), { headers: {} })

function createHouse(options: Partial<ServerOptions> = {}) {
  const environment = fakeEnvironment()
  const clock = { now: environment.now, timer: environment.timer, turn: environment.settle }
  const hub = new Hub(
    normalize({
      port: 0,
      logger: environment.logger,
      pingIntervalMs: 1_000_000,
      requests: { sum: (params) => params },
      channels: { chat: { history: true, on: { message: () => {} } } },
      sessions: { maxSessions: 50, maxMessages: 100, ttlMs: 60_000 },
      ...options,
    }),
    clock,
  )
  const dial = (): Line => {
    const line = new Line()
    hub.accept(line, request())
    return line
  }
  return { environment, hub, dial }
}

/** Frames from a page that opens a socket whenever it has none, with a session or not. */
async function attack(script: readonly { frame: string | ArrayBuffer; greets: boolean }[]): Promise<void> {
  const { environment, hub, dial } = createHouse()
  let line = dial()
  for (const { frame, greets } of script) {
    if (line.closed) {
      line = dial()
      if (greets) line.say(JSON.stringify({ hi: HI }))
      await environment.settle()
    }
    line.say(frame)
    await environment.settle()
  }
  const metrics = hub.metrics()
  expect(pollution()).toEqual([])
  expect(environment.logged.filter(({ level }) => level === 'error')).toEqual([])
  expect(environment.logged.length, 'one report a connection').toBeLessThanOrEqual(FRAMES + 1)
  expect(metrics.sessions).toBeLessThanOrEqual(50)
  expect(metrics.openRequests).toBe(0)

  // An honest page is served as if nothing had been.
  const honest = dial()
  honest.say(JSON.stringify({ hi: HI }))
  await environment.settle()
  honest.say('1 0 {"id":1,"method":"sum","params":[1,2]}')
  await environment.settle()
  expect(honest.heard.some((text) => text.endsWith('{"id":1,"result":[1,2]}'))).toBe(true)

  const closed = hub.close(normalizeClose({ windowMs: 0, graceMs: 0 }))
  await environment.advance(10)
  await closed
  await environment.advance(120_000)
  expect(environment.timers).toBe(0)
}

describe('a hostile page', () => {
  test.each(seeds(3))(
    'crashes nothing, keeps nothing, pollutes nothing (seed %i)',
    async (seed) => {
      const step = fc.record({ frame: hostile, greets: fc.boolean() })
      await fc.assert(fc.asyncProperty(fc.array(step, { minLength: FRAMES, maxLength: FRAMES }), attack), {
        seed,
        numRuns: RUNS,
      })
    },
    60_000,
  )

  test('a flood of opens leaves no more sessions than the limit, and one line in the log', async () => {
    const { environment, hub, dial } = createHouse()
    for (let i = 0; i < 500; i++) {
      const line = dial()
      line.say(JSON.stringify({ hi: { ...HI, client: `${HI.client}${i}` } }))
      await environment.settle()
      line.terminate()
    }
    expect(hub.metrics()).toMatchObject({ sessions: 50, connectionsTotal: 500 })
    await environment.advance(61_000)
    expect(hub.metrics().sessions).toBe(0)
    expect(environment.logged).toEqual([])
  })

  test("another's id without its key learns nothing and gets a session of its own", async () => {
    const { environment, dial } = createHouse()
    const okOf = (line: Line) => JSON.parse(line.heard.find((text) => text.startsWith('{"ok"')) ?? '{}').ok
    const victim = dial()
    victim.say(JSON.stringify({ hi: HI }))
    await environment.settle()
    const { session, key } = okOf(victim)
    for (const guess of ['x', `${key}x`, key.toUpperCase(), '__proto__']) {
      const thief = dial()
      thief.say(JSON.stringify({ hi: { ...HI, session, key: guess, received: 0 } }))
      await environment.settle()
      expect(okOf(thief)).toMatchObject({ resumed: false, why: 'unknown', received: 0 })
      expect(okOf(thief).session).not.toBe(session)
    }
    for (const guess of ['__proto__', 'constructor', 'toString']) {
      const thief = dial()
      thief.say(JSON.stringify({ hi: { ...HI, session: guess, key, received: 0 } }))
      await environment.settle()
      expect(okOf(thief)).toMatchObject({ resumed: false, why: 'unknown' })
    }
    expect(victim.closed).toBe(false)
  })

  test('a silent page, or one that drips, is let go in time', async () => {
    const { environment, hub, dial } = createHouse({ auth: () => 'ada', authTimeoutMs: 5_000 })
    const silent = dial()
    await environment.advance(5_000)
    expect(silent.heard.at(-1)).toBe('close 4401 authentication timed out')
    const drip = dial()
    drip.say('pong')
    await environment.advance(4_000)
    drip.say('pong')
    await environment.advance(1_000)
    expect(drip.closed).toBe(true)
    expect(hub.metrics().connections).toBe(0)
  })

  test('bytes alone are taken as bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { maxLength: 10 }), async (some) => {
        const { environment, hub, dial } = createHouse()
        const line = dial()
        for (const frame of some) line.say(frame)
        await environment.settle()
        expect(hub.metrics().messagesIn).toBe(some.length)
      }),
      { numRuns: 50 },
    )
  })
})
