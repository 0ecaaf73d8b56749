import { describe, expect, test } from 'vitest'
import { closesOf, dropsOf, fateOf, sentBy, serverSays, type World } from '../../core/support.js'
import { cutAndDial, eventsOf, greet, hiOf, OK, openSession, resume, said, sayBye } from './support.js'

describe('a move that goes wrong', () => {
  const STEPS = ['dialled', 'open', 'greeting'] as const

  /** A page that has come so far with its move. Gives the old socket. */
  const moving = async (world: World, step: (typeof STEPS)[number]): Promise<World['socket']> => {
    const old = await sayBye(world)
    if (step !== 'dialled') world.socket.accept()
    if (step === 'greeting') serverSays(old, { bye: { done: true } })
    return old
  }

  test.each(STEPS)('P12.5 with the old socket lost while %s: the page drops the new one and resumes', async (step) => {
    const world = await openSession()
    world.client.send('a')
    const closes = closesOf(world)
    const old = await moving(world, step)
    const { socket } = world
    world.client.send('b')
    old.cut()
    expect(socket.closeRequest).toBeDefined()
    expect(closes).toHaveLength(1)
    await cutAndDial(world)
    expect(world.environment.sockets).toHaveLength(3)
    await greet(world, { resumed: true })
    expect(hiOf(world).session).toBe('session-1')
    expect(said(world)).toEqual(['1 0 a', '2 0 b'])
  })

  test('with the new socket refused stays where it is', async () => {
    const world = await openSession()
    const old = await moving(world, 'dialled')
    world.socket.refuse()
    world.client.send('a')
    expect(sentBy(old).at(-1)).toBe('1 0 a')
    expect(world.client.status).toBe('open')
    // The server may say it again.
    await sayBye({ ...world, socket: old })
    expect(world.environment.sockets).toHaveLength(3)
  })

  test.each(['open', 'greeting'] as const)(
    'with the new socket lost while %s comes back as after a cut',
    async (step) => {
      const world = await openSession()
      const old = await moving(world, step)
      world.client.send('a')
      world.socket.cut()
      expect(old.closeRequest).toBeDefined()
      expect(world.client.status).toBe('waiting')
      await resume(world)
      expect(said(world)).toEqual(['1 0 a'])
    },
  )

  test('with `hi` refused on the new socket comes back, and hears it there', async () => {
    const world = await openSession()
    await moving(world, 'greeting')
    serverSays(world.socket, { no: { code: 4403, reason: 'banned' } })
    world.socket.serverClose(4403, 'banned')
    expect(world.client.status).toBe('waiting')
  })

  test.each([
    ['a last word', 'open', 60_000],
    ['an answer', 'greeting', 60_000],
  ] as const)('without %s has an end', async (_, step, ms) => {
    const world = await openSession()
    const old = await moving(world, step)
    const { socket } = world
    await world.environment.advance(ms - 1)
    expect(world.client.status).toBe('open')
    await world.environment.advance(1)
    expect(world.client.status).toBe('waiting')
    expect([old.closeRequest, socket.closeRequest]).toEqual([expect.anything(), expect.anything()])
  })

  test.each([{ resumed: true, received: 9 }, { resumed: true, session: 'session-9' }, { received: 4 }])(
    'with an answer to another `hi` (%j) ends the session, and adopts nothing',
    async (ok) => {
      const world = await openSession()
      const lost = eventsOf(world, 'sessionlost')
      world.client.send('a')
      const old = await moving(world, 'greeting')
      const { socket } = world
      serverSays(socket, { ok: { ...OK, ...ok } })
      expect(lost).toMatchObject([['sessionlost', { why: 'protocol', unknown: 1 }]])
      expect([old.closeRequest, socket.closeRequest]).toEqual([expect.anything(), expect.anything()])
      await cutAndDial(world)
      await greet(world, { session: 'session-2' })
      expect(hiOf(world)).not.toHaveProperty('session')
    },
  )

  test.each(STEPS)('the client may be closed while %s: both sockets go', async (step) => {
    const world = await openSession()
    const drops = dropsOf(world)
    const old = await moving(world, step)
    const { socket } = world
    const opened = fateOf(world.client.opened())
    world.client.send('a')
    const delivered = fateOf(world.client.channel('chat').deliver('message', 1))
    world.client.close()
    await world.environment.settle()
    expect(sentBy(old)).toContainEqual({ bye: {} })
    expect([old.closeRequest, socket.closeRequest]).toEqual([expect.anything(), expect.anything()])
    expect(drops.map(({ data }) => data)).toEqual(step === 'dialled' ? [] : ['a'])
    expect(delivered.state).toBe('rejected')
    expect(opened.state).toBe('resolved')
  })

  test('a page that is frozen in the middle drops the new socket, and resumes when it is back', async () => {
    const world = await openSession()
    const old = await moving(world, 'open')
    const { socket } = world
    world.environment.hint('freeze')
    expect(old.closeRequest).toEqual({ code: 1000, reason: 'page hidden' })
    expect(socket.closeRequest).toBeDefined()
    world.environment.hint('resume')
    await world.environment.settle()
    await greet(world, { resumed: true })
    expect(hiOf(world).session).toBe('session-1')
  })

  test('no socket is opened for a client that was closed while it asked for its address', async () => {
    let answer: (url: string) => void = () => {}
    let slow = false
    const world = await openSession({
      url: () =>
        slow
          ? new Promise<string>((resolve) => {
              answer = resolve
            })
          : 'wss://server.test/ws',
    })
    slow = true
    await sayBye(world)
    world.client.close()
    answer('wss://server.test/ws')
    await world.environment.settle()
    expect(world.environment.sockets).toHaveLength(1)
  })

  test('an address that is none, or a provider that fails, leaves the page where it is', async () => {
    for (const bye of [{ resume: true, url: 'mailto:nobody' }, { resume: true }]) {
      let fails = false
      const world = await openSession({
        url: () => {
          if (fails) throw new Error('no address')
          return 'wss://server.test/ws'
        },
      })
      fails = !bye.url
      await sayBye(world, bye)
      expect(world.environment.sockets).toHaveLength(1)
      world.client.send('a')
      expect(said(world)).toEqual(['1 0 a'])
    }
  })

  test.each(['close', 'reconnect'] as const)(
    'a listener of `sessionlost` may %s: the new socket is not adopted',
    async (way) => {
      const world = await openSession()
      world.client.send('a')
      await moving(world, 'greeting')
      const { socket } = world
      world.client.on('sessionlost', () => world.client[way]())
      serverSays(socket, { ok: { ...OK, session: 'session-2' } })
      expect(socket.closeRequest).toBeDefined()
      await world.environment.settle()
      expect(world.environment.sockets.filter(({ readyState }) => readyState === 1)).toEqual([])
      if (way === 'close') return
      await greet(world, { session: 'session-2', resumed: true })
      expect(world.client.status).toBe('open')
    },
  )

  test('a token that is no JSON on the second socket ends the move', async () => {
    let token: unknown = 'good'
    const world = await openSession({ auth: () => token })
    token = 10n
    await moving(world, 'greeting')
    expect(world.client.status).toBe('waiting')
  })
})
