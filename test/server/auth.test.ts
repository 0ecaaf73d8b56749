import { describe, expect, it, vi } from 'vitest'
import { RemoteError } from '../../src/server/index.js'
import { house, open, pass, start, virtualTime } from './support.js'

const auth = ({ token }: { token: unknown }): string => {
  if (token === 'good') return 'ada'
  if (token === 'banned') throw new RemoteError({ code: 'forbidden', message: 'You are banned.' })
  if (token === 'teapot') throw new RemoteError({ code: 403, message: 'No teapots.' })
  throw new RemoteError({ code: 'bad_token', message: 'This token is not good.', data: { token } })
}

const hello = (token?: unknown) => ({ id: 0, method: 'auth', params: { token } })

describe('auth', () => {
  it('P5.1 P5.2 accepts with a result, before anything else, and lets the subject in', async () => {
    const onConnect = vi.fn()
    const { server, url } = await start({
      auth,
      onConnect,
      requests: { whoami: (_params, { subject, client }) => [subject, client.subject] },
    })
    const page = await open(url)
    expect(server.clients.size).toBe(0)
    expect(onConnect).not.toHaveBeenCalled()

    expect(await page.ask(hello('good'))).toEqual({ id: 0, result: null })
    expect(await page.ask({ id: 1, method: 'whoami' })).toEqual({ id: 1, result: ['ada', 'ada'] })
    expect(onConnect).toHaveBeenCalledOnce()
    expect([...server.clients].map((client) => client.subject)).toEqual(['ada'])
  })

  it('gives the hook the upgrade request', async () => {
    const { url } = await start({
      auth: ({ request }) => request.headers['x-user'],
      requests: { whoami: (_params, { subject }) => subject },
    })
    const page = await open(url, { 'x-user': 'grace' })
    await page.ask(hello())
    expect(await page.ask({ id: 1, method: 'whoami' })).toEqual({ id: 1, result: 'grace' })
  })

  it.each([
    ['bad', 4401, { code: 'bad_token', message: 'This token is not good.', data: { token: 'bad' } }],
    ['banned', 4403, { code: 'forbidden', message: 'You are banned.' }],
    ['teapot', 4403, { code: 403, message: 'No teapots.' }],
  ])('P5.2 answers the token %s with its error and closes with %i', async (token, code, error) => {
    const { server, url } = await start({ auth })
    const page = await open(url)
    expect(await page.ask(hello(token))).toEqual({ id: 0, error })
    expect(await page.closed).toEqual({ code, reason: error.message })
    expect(server.metrics()).toMatchObject({ refused: 1, connections: 0, connectionsTotal: 0 })
  })

  it('P4.3 hides the words of an error that was not meant for the page, and logs it', async () => {
    const failure = new Error('cannot reach db.internal')
    const { url, log } = await start({ auth: () => Promise.reject(failure) })
    const page = await open(url)
    expect(await page.ask(hello('good'))).toEqual({ id: 0, error: { code: -32603, message: 'internal error' } })
    expect(await page.closed).toEqual({ code: 4401, reason: 'internal error' })
    expect(log.errors).toEqual([['holdfast: auth threw', failure]])
  })

  it.each([
    ['a request', { id: 1, method: 'whoami' }],
    ['an event', { channel: 'chat', event: 'message' }],
    ['a text of the app', 'hello'],
    ['a malformed frame', { id: {}, method: 'auth' }],
  ])('P5.3 closes with 4401 a client that says %s first', async (_what, first) => {
    const handler = vi.fn()
    const { url, server } = await start({ auth, requests: { whoami: handler }, onMessage: handler })
    const page = await open(url)
    page.send(first)
    expect(await page.closed).toEqual({ code: 4401, reason: 'authenticate first' })
    expect(handler).not.toHaveBeenCalled()
    expect(server.metrics().refused).toBe(1)
  })

  it.each([
    ['asks', { id: 1, method: 'whoami' }],
    ['authenticates again', { id: 1, method: 'auth', params: { token: 'better' } }],
  ])('P5.1 closes with 4401 a client that %s before the answer', async (_what, frame) => {
    const handler = vi.fn()
    const { url } = await start({ auth: () => new Promise(() => {}), requests: { whoami: handler } })
    const page = await open(url)
    page.send(hello('good'))
    page.send(frame)
    expect(await page.closed).toEqual({ code: 4401, reason: 'authenticate first' })
    expect(handler).not.toHaveBeenCalled()
  })

  it('P3.1 answers a ping at any time', async () => {
    const { url } = await start({ auth })
    const page = await open(url)
    await page.settle()
    expect(await page.ask(hello('good'))).toEqual({ id: 0, result: null })
  })

  it('P1.1 starts afresh on a new socket, as do ids and channels', async () => {
    const message = vi.fn()
    const { url } = await start({ auth, channels: { chat: { on: { message } } } })
    const [first, second] = [await open(url), await open(url)]
    for (const page of [first, second]) expect(await page.ask(hello('good'))).toEqual({ id: 0, result: null })
    expect(await first.ask({ id: 1, method: 'join', params: { channel: 'chat' } })).toEqual({ id: 1, result: null })
    await first.close()
    second.send({ channel: 'chat', event: 'message', data: 'not in' })
    expect(await second.ask({ id: 1, method: 'join', params: { channel: 'chat' } })).toEqual({ id: 1, result: null })
    second.send({ channel: 'chat', event: 'message', data: 'in' })
    await second.settle()
    expect(message.mock.calls.map(([data]) => data)).toEqual(['in'])
    const third = await open(url)
    third.send({ id: 2, method: 'join', params: { channel: 'chat' } })
    expect((await third.closed).code).toBe(4401)
  })

  it('P5.2 refuses a second auth on the same socket, and stays', async () => {
    const { url } = await start({ auth })
    const page = await open(url)
    await page.ask(hello('good'))
    expect(await page.ask(hello('good'))).toMatchObject({ id: 0, error: { code: -32600 } })
    await page.settle()
  })

  it('P5.2 accepts any token where no auth is configured', async () => {
    const { url } = await start()
    const page = await open(url)
    expect(await page.ask(hello('whatever'))).toEqual({ id: 0, result: null })
  })
})

describe('the time to authenticate', () => {
  virtualTime()

  it('P5.3 ends with 4401 for a client that says nothing, and for a hook that does not decide', async () => {
    let decide: (subject: string) => void = () => {}
    const { hub, join } = house({
      auth: () => new Promise((resolve) => (decide = resolve)),
      authTimeoutMs: 1_000,
    })
    const silent = join().socket
    const undecided = join().socket
    undecided.receive(hello('good'))
    await pass(999)
    expect([silent.closed, undecided.closed]).toEqual([undefined, undefined])
    await pass(1)
    const timedOut = { code: 4401, reason: 'authentication timed out' }
    expect([silent.closed, undecided.closed]).toEqual([timedOut, timedOut])

    decide('ada')
    await pass(0)
    expect(undecided.frames).toEqual([])
    expect(hub.clients.size).toBe(0)
    expect(hub.metrics().refused).toBe(2)
  })

  it('is over once the client is in', async () => {
    const { join, hub } = house({ auth, authTimeoutMs: 1_000 })
    const { socket } = join()
    socket.receive(hello('good'))
    await pass(5_000)
    expect(socket.closed).toBeUndefined()
    expect(hub.clients.size).toBe(1)
  })

  it('says nothing to a client that left while the hook refused it', async () => {
    const { join, hub } = house({ auth: async () => auth({ token: 'bad' }) })
    const { socket } = join()
    socket.receive(hello('bad'))
    socket.end(1001)
    await pass(0)
    expect(socket.sent).toEqual([])
    expect(hub.metrics().refused).toBe(0)
  })
})
