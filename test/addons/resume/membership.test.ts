import { describe, expect, test } from 'vitest'
import { fateOf, open, sentBy, type World } from '../../core/support.js'
import { cutAndDial, greet, loseSession, openSession, resume, said, serverData } from './support.js'

const methodsOf = (frames: unknown[]): unknown[] =>
  frames.map((frame) => JSON.parse(String(frame).replace(/^\d+ \d+ /, '')).method)

/** A page that is in the channel `chat`. */
async function inChat(): Promise<World> {
  const world = await openSession()
  const joined = world.client.channel('chat').join()
  serverData(world, 1, { id: 1, result: 'in' }, 1)
  await joined
  return world
}

describe('a leave', () => {
  test('that is called twice is asked once, and both hear the answer', async () => {
    const world = await inChat()
    const chat = world.client.channel('chat')
    const fates = [fateOf(chat.leave()), fateOf(chat.leave())]
    expect(methodsOf(said(world))).toEqual(['join', 'leave'])
    serverData(world, 2, { id: 2, result: 'out' }, 2)
    await world.environment.settle()
    expect(fates.map(({ value }) => value)).toEqual(['out', 'out'])
  })

  test('that waits gives way to a join that comes after it, however often it was called', async () => {
    const world = await open()
    const chat = world.client.channel('chat')
    void chat.join().catch(() => {})
    world.socket.cut()
    const fates = [fateOf(chat.leave()), fateOf(chat.leave())]
    void chat.join().catch(() => {})
    await cutAndDial(world)
    world.socket.accept()
    await world.environment.settle()
    expect(sentBy(world.socket)).toMatchObject([{ method: 'join' }])
    expect(fates.map(({ error }) => error)).toMatchObject([{ code: 'REPLACED' }, { code: 'REPLACED' }])
  })

  test('that the server has not had does not follow the join that came after it into a new session', async () => {
    const world = await inChat()
    const chat = world.client.channel('chat')
    const left = fateOf(chat.leave())
    const joined = fateOf(chat.join())
    expect(methodsOf(said(world))).toEqual(['join', 'leave', 'join'])
    // The session resumes without the two, and takes nothing before it is lost.
    await cutAndDial(world)
    world.socket.bufferedAmount = 1_000_000
    await greet(world, { resumed: true, received: 1, sent: 1 })
    await loseSession(world)
    expect(methodsOf(said(world))).toEqual(['join'])
    serverData(world, 1, { id: 3, result: 'in again' }, 1)
    await world.environment.settle()
    expect(joined.value).toBe('in again')
    expect(left.error).toMatchObject({ code: 'REPLACED' })
  })

  test('that is lost with a session takes the join of that session with it', async () => {
    const world = await inChat()
    world.socket.cut()
    const left = fateOf(world.client.channel('chat').leave())
    await loseSession(world)
    // What was sent before the leave is for members.
    expect(methodsOf(said(world))).toEqual(['join', 'leave'])
    await loseSession(world, 'expired')
    expect(said(world)).toEqual([])
    expect(left.error).toMatchObject({ code: 'DELIVERY_UNKNOWN' })
    expect(world.client.stats.openRequests).toBe(0)
  })

  test('P11.12 that was written goes on in a session that resumes', async () => {
    const world = await inChat()
    const left = fateOf(world.client.channel('chat').leave())
    await resume(world, { received: 1, sent: 1 })
    expect(methodsOf(said(world))).toEqual(['leave'])
    serverData(world, 2, { id: 2, result: 'out' }, 2)
    await world.environment.settle()
    expect(left.value).toBe('out')
    await loseSession(world)
    expect(said(world)).toEqual([])
  })
})
