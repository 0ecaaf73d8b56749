import { describe, expect, test } from 'vitest'
import { open, type Setup, sentBy, start } from '../support.js'

const SLOW = { backoff: { firstWindowMs: 100_000, initialMs: 100_000, maxMs: 100_000 } } satisfies Setup

describe('auth', () => {
  const auth = () => 's3cret'
  const request = { id: 0, method: 'auth', params: { token: 's3cret' } }

  test('P5.1 goes first on every socket, and nothing else before the answer', async () => {
    const { client, environment } = await start({ auth })
    void client.request('sum').catch(() => {})
    client.channel('chat', { join: true })
    client.channel('chat').send('message', 1)
    for (let round = 0; round < 2; round++) {
      const socket = environment.sockets[round]
      socket?.accept()
      expect(client.explain()).toMatchObject({ status: 'connecting', waitingFor: 'auth' })
      client.send('raw')
      expect(socket && sentBy(socket)).toEqual([request])
      if (round) continue
      socket?.serverClose(1001)
      client.reconnect()
      await environment.settle()
    }
  })

  test('P5.1 is not asked for where there is no token', async () => {
    const { client, socket } = await open({ auth: () => undefined })
    expect(client.status).toBe('open')
    expect(socket.sent).toEqual([])
  })

  test.each([null, { user: 7 }, '', false, 0])('P5.2 accepts with any result: %j', async (result) => {
    const { client, socket } = await open({ auth })
    socket.serverSend(JSON.stringify({ id: 0, result }))
    expect(client.status).toBe('open')
    expect(client.stats.protocolErrors).toBe(0)
  })

  const refusal = '{"id":0,"error":{"code":"expired","message":"Token expired"}}'

  test('P5.2 by an error leaves the last word to the close of the server', async () => {
    const { client, socket } = await open({ auth })
    socket.serverSend(refusal)
    expect(client.status).toBe('connecting')
    socket.serverClose(4403, 'banned')
    expect(client.explain()).toMatchObject({ status: 'closed', lastClose: { code: 4403, reason: 'banned' } })
  })

  test('P5.2 by an error with 4401 asks for a fresh token', async () => {
    let tokens = 0
    const { environment } = await open({ auth: () => `token ${++tokens}` })
    environment.sockets[0]?.serverSend(refusal)
    environment.sockets[0]?.serverClose(4401)
    await environment.advance(1000)
    environment.sockets[1]?.accept()
    expect(environment.sockets[1]?.sent[0]).toContain('token 2')
  })

  test('P5.2 by an error gives up after a while if the server does not close', async () => {
    const { client, environment, socket, errors } = await open({ auth, openTimeoutMs: 3000, ...SLOW })
    socket.serverSend(refusal)
    await environment.advance(3000)
    expect(client.explain()).toMatchObject({ status: 'waiting', waitingFor: 'retry' })
    expect(socket.readyState).toBe(2)
    expect(errors.length).toBeGreaterThan(0)
    expect(JSON.stringify(errors.map(({ message, cause }) => [message, String(cause)]))).toContain('expired')
  })

  test('P5.2 that is never answered is a failed attempt', async () => {
    const { client, environment } = await open({ auth, openTimeoutMs: 3000, ...SLOW })
    await environment.advance(3000)
    expect(client.explain()).toMatchObject({ waitingFor: 'retry', attempts: 1 })
  })

  test('that rejects is a failed attempt', async () => {
    const { client, errors } = await start({ auth: () => Promise.reject(new Error('no session')) })
    expect(client.status).toBe('waiting')
    expect(errors).toMatchObject([{ cause: { message: 'no session' } }])
  })

  test('lets what the server says before its answer through', async () => {
    const { client, socket } = await open({ auth })
    const messages: unknown[] = []
    client.on('message', (data) => messages.push(data))
    socket.serverSend('welcome')
    socket.serverSend('{"id":1,"result":1}')
    expect(client.status).toBe('connecting')
    expect(messages).toEqual(['welcome'])
  })

  test('P5.1 keeps what a handler answers until then to itself', async () => {
    const { client, socket, environment } = await open({ auth })
    client.handle('name', () => 'page')
    socket.serverSend('{"id":7,"method":"name"}')
    await environment.settle()
    expect(sentBy(socket)).toEqual([request])
  })

  test('P2.4 counts an item as a protocol error, and goes on waiting', async () => {
    const { client, socket } = await open({ auth })
    socket.serverSend('{"id":0,"item":1}')
    expect(client.stats.protocolErrors).toBe(1)
    expect(client.explain().waitingFor).toBe('auth')
  })

  test('P2.4 counts a second answer as a protocol error, and stays open', async () => {
    const { client, socket } = await open({ auth })
    socket.serverSend('{"id":0,"result":null}')
    socket.serverSend(refusal)
    expect(client.status).toBe('open')
    expect(client.stats.protocolErrors).toBe(1)
  })

  test('survives a malformed frame before its answer', async () => {
    const { client, socket, errors } = await open({ auth })
    socket.serverSend('{"id":{},"result":1}')
    expect(client.stats.protocolErrors).toBe(1)
    expect(errors).toMatchObject([{ code: 'PROTOCOL' }])
    socket.serverSend('{"id":0,"result":null}')
    expect(client.status).toBe('open')
  })
})
