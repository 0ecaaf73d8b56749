// @vitest-environment jsdom
import { Server } from 'mock-socket'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Client, connect } from '../../src/index.js'

const URL_OF_SERVER = 'wss://server.test/ws'

let server: Server
let client: Client

/** A small server of the plain wire. While it is up, its sockets are the page's `WebSocket`. */
beforeEach(() => {
  server = new Server(URL_OF_SERVER)
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const text = String(data)
      if (!text.startsWith('{')) return socket.send(`echo ${text}`)
      const { id, method, params, channel } = JSON.parse(text)
      const answer = (result: unknown) => socket.send(JSON.stringify({ id, result }))
      if (channel) socket.send(text)
      else if (method === 'sum') answer(params[0] + params[1])
      else if (method === 'join') answer({ joined: params.channel })
      else if (method === 'count') {
        for (let item = 1; item <= params; item++) socket.send(JSON.stringify({ id, item }))
        answer(null)
      } else socket.send(JSON.stringify({ id, error: { code: -32601, message: `no ${method}` } }))
    })
  })
  client = connect(URL_OF_SERVER)
})

afterEach(() => {
  client.close()
  server.stop()
})

test('connects', async () => {
  expect(client.status).toBe('connecting')
  await client.opened()
  expect(client.status).toBe('open')
})

test('sends and hears messages, in order', async () => {
  const heard = new Promise((resolve) => {
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data) === 2 && resolve(messages))
  })
  client.send('one')
  await client.opened()
  client.send('two')
  await expect(heard).resolves.toEqual(['echo one', 'echo two'])
})

test('asks, and is answered', async () => {
  await expect(client.request('sum', [1, 2])).resolves.toBe(3)
  await expect(client.request('nope')).rejects.toMatchObject({ code: -32601, message: 'no nope' })
})

test('reads a stream to its end', async () => {
  const items: unknown[] = []
  for await (const item of client.stream('count', 3)) items.push(item)
  expect(items).toEqual([1, 2, 3])
})

test('joins a channel, and speaks in it', async () => {
  const chat = client.channel('chat')
  await expect(chat.join()).resolves.toEqual({ joined: 'chat' })
  const heard = new Promise((resolve) => chat.on('message', resolve))
  chat.send('message', { text: 'hi' })
  await expect(heard).resolves.toEqual({ text: 'hi' })
})

test('closes, on both ends', async () => {
  await client.opened()
  const closed = new Promise((resolve) => server.on('close', resolve))
  client.close(4000, 'done')
  expect(client.explain()).toMatchObject({ status: 'closed', lastClose: { code: 4000, reason: 'done' } })
  await closed
})
