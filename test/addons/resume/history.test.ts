import { describe, expect, test } from 'vitest'
import type { World } from '../../core/support.js'
import { eventsOf, loseSession, openSession, resume, said, serverData } from './support.js'

interface Joining {
  readonly world: World
  readonly heard: unknown[]
}

/** A page in the channel `chat`, whose join was answered with a position. */
async function inChat(position: unknown = { epoch: 'h1', offset: 41, recovered: false }): Promise<Joining> {
  const world = await openSession()
  const heard: unknown[] = []
  const chat = world.client.channel('chat')
  chat.on('message', (data) => heard.push(data))
  const joined = chat.join()
  serverData(world, 1, { id: 1, result: 'in', position }, 1)
  await joined
  return { world, heard }
}

const event = (data: unknown, offset?: unknown) => ({ channel: 'chat', event: 'message', data, offset })
const joinOf = (world: World): unknown => JSON.parse(String(said(world)[0]).slice(4))

/** Loses the session, and has the join of the new one answered. */
async function rejoin({ world }: Joining, position: unknown): Promise<void> {
  await loseSession(world)
  serverData(world, 1, { id: 2, result: 'in', position }, 1)
}

describe('a channel with history', () => {
  test('P13.5 says where the page was when it joins again, and not before it has been anywhere', async () => {
    const joining = await inChat()
    const { world } = joining
    expect(joinOf(world)).toEqual({ id: 1, method: 'join', params: { channel: 'chat' }, timeoutMs: 30_000 })
    serverData(world, 2, event('a', 42))
    serverData(world, 3, event('b', 43))
    await loseSession(world)
    expect(joinOf(world)).toMatchObject({ params: { channel: 'chat', since: { epoch: 'h1', offset: 43 } } })
  })

  test('P13.4 P13.8 ignores an event that it has had, and takes those after it', async () => {
    const { world, heard } = await inChat()
    for (const [i, offset] of [41, 42, 42, 40, 44].entries()) serverData(world, i + 2, event(offset, offset))
    expect(heard).toEqual([42, 44])
  })

  test('P13.4 passes events without an offset, or with one that is none', async () => {
    const { world, heard } = await inChat()
    for (const [i, offset] of [undefined, null, '42', 41.5, 1e300].entries()) serverData(world, i + 2, event(i, offset))
    serverData(world, 7, event('next', 42))
    expect(heard).toEqual([0, 1, 2, 3, 4, 'next'])
  })

  test('P13.5 P13.8 that recovers hears each event once and in order, and reports no gap of it', async () => {
    const joining = await inChat()
    const { world, heard } = joining
    serverData(world, 2, event('a', 42))
    const gaps = eventsOf(world, 'gap')
    await rejoin(joining, { epoch: 'h1', offset: 44, recovered: true })
    for (const [i, offset] of [42, 43, 44, 45].entries()) serverData(world, i + 2, event(offset, offset))
    expect(heard).toEqual(['a', 43, 44, 45])
    expect(gaps).toEqual([['gap', { from: 3, why: 'unknown' }]])
    await loseSession(world)
    expect(joinOf(world)).toMatchObject({ params: { since: { epoch: 'h1', offset: 45 } } })
  })

  test('P13.6 that does not recover reports what is missing, and goes on from the position of the answer', async () => {
    const joining = await inChat()
    const { world, heard } = joining
    const gaps = eventsOf(world, 'gap')
    await rejoin(joining, { epoch: 'h1', offset: 50, recovered: false })
    expect(gaps.slice(1)).toEqual([['gap', { channel: 'chat', from: 42, to: 50, why: 'history' }]])
    serverData(world, 2, event('old', 50))
    serverData(world, 3, event('new', 51))
    expect(heard).toEqual(['new'])
  })

  test('P13.6 that does not recover and has nothing new reports nothing', async () => {
    const joining = await inChat()
    const gaps = eventsOf(joining.world, 'gap')
    await rejoin(joining, { epoch: 'h1', offset: 41, recovered: false })
    expect(gaps).toHaveLength(1)
  })

  test('P13.6 of another epoch reports a gap without an end, and takes its offsets', async () => {
    const joining = await inChat()
    const { world, heard } = joining
    const gaps = eventsOf(world, 'gap')
    await rejoin(joining, { epoch: 'h2', offset: 3, recovered: false })
    expect(gaps.slice(1)).toEqual([['gap', { channel: 'chat', from: 42, why: 'epoch' }]])
    serverData(world, 2, event('four', 4))
    expect(heard).toEqual(['four'])
    await loseSession(world)
    expect(joinOf(world)).toMatchObject({ params: { since: { epoch: 'h2', offset: 4 } } })
  })

  test('P13.6 that the page had never been in has no gap', async () => {
    const joining = await inChat({ epoch: 'h1', offset: 41, recovered: true })
    const gaps = eventsOf(joining.world, 'gap')
    serverData(joining.world, 2, event('had', 41))
    serverData(joining.world, 3, event('new', 42))
    expect(joining.heard).toEqual(['new'])
    expect(gaps).toEqual([])
  })

  test('P13.7 takes a state, which has no offset, and the events after it', async () => {
    const { world, heard } = await inChat()
    const states: unknown[] = []
    world.client.channel('chat').on('state', (state) => states.push(state))
    serverData(world, 2, { channel: 'chat', event: 'state', data: { users: 3 } })
    serverData(world, 3, event('a', 42))
    expect([states, heard]).toEqual([[{ users: 3 }], ['a']])
  })

  test.each([
    null,
    5,
    {},
    { epoch: 'h1' },
    { epoch: 7, offset: 1, recovered: false },
    { epoch: 'h1', offset: 1.5, recovered: false },
    { epoch: 'h1', offset: '1', recovered: false },
  ])('P13.5 that answers with no position (%j) has no history from then on', async (position) => {
    const joining = await inChat()
    const { world, heard } = joining
    await rejoin(joining, position)
    serverData(world, 2, event('a', 7))
    expect(heard).toEqual(['a'])
    await loseSession(world)
    expect(joinOf(world)).toMatchObject({ params: { channel: 'chat' } })
    expect(Object(joinOf(world)).params).not.toHaveProperty('since')
  })

  test('P11.12 goes on where it was when the session resumes', async () => {
    const { world, heard } = await inChat()
    await resume(world, { received: 1, sent: 2 })
    serverData(world, 2, event('a', 42))
    expect(said(world)).toEqual([])
    expect(heard).toEqual(['a'])
  })

  test('keeps its channels apart, whatever their names', async () => {
    const world = await openSession()
    const heard: unknown[] = []
    for (const [i, name] of ['__proto__', 'constructor', ''].entries()) {
      const channel = world.client.channel(name)
      channel.on('message', (data) => heard.push(`${name}: ${data}`))
      void channel.join()
      serverData(world, i + 1, { id: i + 1, result: 'in', position: { epoch: 'h', offset: i, recovered: false } })
    }
    for (const [i, name] of ['__proto__', 'constructor', ''].entries()) {
      serverData(world, i + 4, { channel: name, event: 'message', data: 'x', offset: 2 })
    }
    expect(heard).toEqual(['__proto__: x', 'constructor: x'])
  })
})
