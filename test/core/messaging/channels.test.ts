import { describe, expect, test } from 'vitest'
import { ClientClosed, QueueFull } from '../../../src/index.js'
import { open, sentBy, serverSays, start } from '../support.js'

const event = (data?: unknown) => ({ channel: 'chat', event: 'message', ...(data !== undefined && { data }) })

describe('a channel', () => {
  test('P6.1 is a name, and carries events both ways without a join', async () => {
    const { client, socket } = await open()
    const heard: unknown[] = []
    const chat = client.channel('chat')
    expect(chat.name).toBe('chat')
    chat.on('message', (data) => heard.push(data))
    chat.send('message', { text: 'hi' })
    expect(sentBy(socket)).toEqual([event({ text: 'hi' })])
    serverSays(socket, event({ text: 'hello' }))
    expect(heard).toEqual([{ text: 'hello' }])
  })

  test('is always the same object', async () => {
    const { client } = await open()
    expect(client.channel('chat')).toBe(client.channel('chat'))
    expect(client.channel('chat')).not.toBe(client.channel('news'))
  })

  test('hears its own events and no others; those of a channel that nobody has taken are messages', async () => {
    const { client, socket } = await open()
    const heard: unknown[] = []
    client.channel('chat').on('message', (data) => heard.push(['chat', data]))
    client.channel('chat').on('typing', (data) => heard.push(['typing', data]))
    client.channel('news').on('message', (data) => heard.push(['news', data]))
    client.on('message', (data) => heard.push(data))
    serverSays(socket, event(1))
    serverSays(socket, { channel: 'news', event: 'message', data: 2 })
    serverSays(socket, { channel: 'chat', event: 'typing' })
    serverSays(socket, { channel: 'nobody', event: 'message', data: 3 })
    serverSays(socket, { channel: 'chat', event: 'nobody', data: 4 })
    expect(heard).toEqual([
      ['chat', 1],
      ['news', 2],
      ['typing', undefined],
      // Nobody has taken that channel: it may be a message that only looks like an event.
      '{"channel":"nobody","event":"message","data":3}',
    ])
    expect(client.stats.protocolErrors).toBe(0)
  })

  test('takes a listener off again', async () => {
    const { client, socket } = await open()
    const heard: unknown[] = []
    const listener = (data: unknown) => heard.push(data)
    const off = client.channel('chat').on('message', listener)
    client.channel('chat').on('message', listener)
    off()
    off()
    serverSays(socket, event(1))
    expect(heard).toEqual([1])
  })

  test('goes on when a listener throws, and reports it', async () => {
    const { client, socket, errors } = await open()
    const heard: unknown[] = []
    client.channel('chat').on('message', () => {
      throw new Error('oops')
    })
    client.channel('chat').on('message', (data) => heard.push(data))
    serverSays(socket, event(1))
    expect(heard).toEqual([1])
    expect(errors).toMatchObject([{ code: 'LISTENER', cause: { message: 'oops' } }])
  })

  test('queues what is sent without a connection, in order with everything else', async () => {
    const { client, socket } = await start()
    client.channel('chat').send('message', 1)
    client.send('raw')
    client.channel('chat').send('message', 2)
    socket.accept()
    expect(sentBy(socket)).toEqual([event(1), 'raw', event(2)])
  })

  test('throws what sending throws', async () => {
    const { client } = await start({ queue: { maxMessages: 0 } })
    expect(() => client.channel('chat').send('message')).toThrow(QueueFull)
    expect(() => client.channel('chat').send('message', 1n)).toThrow(TypeError)
    client.close()
    expect(() => client.channel('chat').send('message')).toThrow(ClientClosed)
  })

  test.each(['__proto__', 'constructor', 'toString', ''])('may have the name %j, and events of it', async (name) => {
    const { client, socket } = await open()
    const heard: unknown[] = []
    client.channel(name).on(name, (data) => heard.push(data))
    serverSays(socket, { channel: name, event: name, data: 1 })
    expect(heard).toEqual([1])
  })
})
