import { describe, expect, test } from 'vitest'
import { comeBack, fateOf, open, sentBy, serverSays } from '../support.js'

const join = (id: number, params?: unknown) => ({
  id,
  method: 'join',
  params: { channel: 'chat', ...(params !== undefined && { params }) },
})
const leave = (id: number) => ({ id, method: 'leave', params: { channel: 'chat' } })
const event = (data?: unknown) => ({ channel: 'chat', event: 'message', ...(data !== undefined && { data }) })
const refusal = (id: number) => ({ id, error: { code: 'forbidden', message: 'Members only' } })

describe('leave', () => {
  test('P6.2 asks to be let out, and ends the joining', async () => {
    const world = await open()
    const chat = world.client.channel('chat', { join: true })
    serverSays(world.socket, { id: 1, result: null })
    const answer = chat.leave()
    expect(sentBy(world.socket).at(-1)).toEqual(leave(2))
    serverSays(world.socket, { id: 2, result: 'bye' })
    await expect(answer).resolves.toBe('bye')
    await comeBack(world)
    expect(world.socket.sent).toEqual([])
  })

  test('leaves the listeners', async () => {
    const { client, socket } = await open()
    const heard: unknown[] = []
    const chat = client.channel('chat', { join: true })
    chat.on('message', (data) => heard.push(data))
    fateOf(chat.leave())
    serverSays(socket, event(1))
    expect(heard).toEqual([1])
  })

  test('of a channel that was never joined resolves at once', async () => {
    const { client, socket } = await open()
    await expect(client.channel('chat').leave()).resolves.toBeUndefined()
    expect(socket.sent).toEqual([])
  })

  test.each(['refused', 'cut'] as const)('that is %s ends the joining all the same', async (how) => {
    const world = await open()
    const chat = world.client.channel('chat', { join: true })
    serverSays(world.socket, { id: 1, result: null })
    const fate = fateOf(chat.leave())
    if (how === 'refused') serverSays(world.socket, refusal(2))
    await comeBack(world)
    expect(fate.state).toBe('rejected')
    expect(world.socket.sent).toEqual([])
  })

  test('without a connection goes out behind what was sent before it, as a member', async () => {
    const world = await open()
    const chat = world.client.channel('chat', { join: true })
    serverSays(world.socket, { id: 1, result: null })
    world.socket.cut()
    chat.send('message', 'last words')
    const fate = fateOf(chat.leave())
    await comeBack(world)
    const kinds = sentBy(world.socket).map((frame) => JSON.stringify(frame).replace(/"id":\d+,/, ''))
    expect(kinds).toEqual([
      '{"method":"join","params":{"channel":"chat"}}',
      '{"channel":"chat","event":"message","data":"last words"}',
      '{"method":"leave","params":{"channel":"chat"}}',
    ])
    serverSays(world.socket, { id: 2, result: 'bye' })
    serverSays(world.socket, { id: 3, result: null })
    await world.environment.settle()
    expect(fate.state).toBe('resolved')
  })

  test('makes a join without its answer reject', async () => {
    const { client, environment, socket } = await open()
    const joined = fateOf(client.channel('chat').join())
    const left = fateOf(client.channel('chat').leave())
    serverSays(socket, { id: 2, result: 'bye' })
    await environment.settle()
    expect(joined.error).toMatchObject({ code: 'REPLACED' })
    expect(left.value).toBe('bye')
  })

  test('of an automatic join without its answer reports nothing', async () => {
    const world = await open()
    const left = fateOf(world.client.channel('chat', { join: true }).leave())
    serverSays(world.socket, { id: 2, result: 'bye' })
    await world.environment.settle()
    expect(left.value).toBe('bye')
    expect(world.errors).toEqual([])
  })

  test('and join again ends as a member', async () => {
    const world = await open()
    const chat = world.client.channel('chat', { join: { room: 1 } })
    serverSays(world.socket, { id: 1, result: null })
    const left = fateOf(chat.leave())
    const joined = fateOf(chat.join({ room: 2 }))
    serverSays(world.socket, { id: 2, result: null })
    serverSays(world.socket, { id: 3, result: null })
    await world.environment.settle()
    expect([left.state, joined.state]).toEqual(['resolved', 'resolved'])
    await comeBack(world)
    expect(sentBy(world.socket)).toEqual([join(4, { room: 2 })])
  })

  test('and join again without a connection ends as a member on the server', async () => {
    const world = await open()
    const chat = world.client.channel('chat', { join: { room: 1 } })
    serverSays(world.socket, { id: 1, result: null })
    world.socket.cut()
    fateOf(chat.leave())
    fateOf(chat.join({ room: 2 }))
    await comeBack(world)
    const asked = sentBy(world.socket).map((frame) => /"(join|leave)"/.exec(JSON.stringify(frame))?.[1])
    expect(asked.at(-1)).toBe('join')
  })
})
