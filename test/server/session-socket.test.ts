import { describe, expect, it, vi } from 'vitest'
import { isOk, type Ok, readControl } from '../../src/protocol/session-frames.js'
import { createServer, memorySessions } from '../../src/server/index.js'
import { Log, onEnd, open, type Page, start } from './support.js'

const hello = { version: 1, client: 'a page that nobody can guess' }

/** Opens a session, or goes on with one. */
async function greet(url: string, held: Partial<Ok> & { received?: number } = {}): Promise<{ page: Page; ok: Ok }> {
  const page = await open(url)
  const { session, key, received } = held
  const answer = await page.ask({ hi: session === undefined ? hello : { ...hello, session, key, received } })
  const { ok } = readControl(JSON.stringify(answer))
  if (!isOk(ok)) throw new Error(`no ok, but ${JSON.stringify(answer)}`)
  return { page, ok }
}

describe('a session over sockets', () => {
  it('P9.3 P11.3 goes on after a cut, with texts and with bytes', async () => {
    const { url, server } = await start({
      onMessage: (data, { client }) => client.sendRaw(typeof data === 'string' ? `${data}!` : data.reverse()),
    })
    const { page, ok } = await greet(url)
    expect(await page.ask('1 0 hello')).toBe('1 0 hello!')
    expect(await page.ask(Buffer.from([...Buffer.from('2 1 '), 1, 2, 3]))).toEqual(
      Buffer.from([...Buffer.from('2 1 '), 3, 2, 1]),
    )
    await page.close()
    await vi.waitFor(() => expect(server.metrics().sessionsDetached).toBe(1))
    const [client] = server.clients
    client?.sendRaw('grüß dich 👋')

    const back = await greet(url, { ...ok, received: 1 })
    expect(back.ok).toMatchObject({ session: ok.session, resumed: true, received: 2, sent: 3 })
    expect(await back.page.next()).toEqual(Buffer.from([...Buffer.from('2 2 '), 3, 2, 1]))
    expect(await back.page.next()).toBe('3 2 grüß dich 👋')
    expect(await back.page.ask('3 3 bye')).toBe('4 2 bye!')
  })

  it('P11.6 fences the old socket with 4001', async () => {
    const { url } = await start()
    const { page, ok } = await greet(url)
    await greet(url, { ...ok, received: 0 })
    expect(await page.closed).toEqual({ code: 4001, reason: 'resumed elsewhere' })
  })

  it('P14.1 ends with 4002 for a page that reads nothing, and the others are served', async () => {
    const { url, server } = await start({ channels: { news: {} }, sessions: { maxBytes: 1_000_000 } })
    const [slow, quick] = [await greet(url), await greet(url)]
    for (const { page } of [slow, quick]) await page.ask('1 0 {"id":1,"method":"join","params":{"channel":"news"}}')
    slow.page.stall()
    const headline = 'x'.repeat(100_000)
    for (let sent = 2; server.metrics().sessionsOverflowed === 0; sent++) {
      server.broadcast('news', 'headline', headline)
      await quick.page.next()
      quick.page.send(`ack ${sent}`)
      await quick.page.settle()
      expect(sent).toBeLessThan(100)
    }
    slow.page.resume()
    expect(await slow.page.closed).toEqual({ code: 4002, reason: 'too slow' })
    expect((await greet(url, { ...slow.ok, received: 0 })).ok).toMatchObject({ resumed: false, why: 'overflow' })
    expect(server.metrics().sessions).toBe(2)
  })

  it('P12.3 P12.4 moves to a successor on the same port, and nothing is missing', async () => {
    const store = memorySessions()
    const log = new Log()
    const options = { host: '127.0.0.1', logger: log, channels: { chat: {} }, sessions: { store } }
    const old = createServer({ port: 0, ...options })
    const port = await old.listening()
    const url = `ws://127.0.0.1:${port}`
    const { page, ok } = await greet(url)
    await page.ask('1 0 {"id":1,"method":"join","params":{"channel":"chat"}}')
    const closed = old.close({ windowMs: 10_000 })
    expect(await page.next()).toEqual({ bye: { window: { minMs: 0, maxMs: 10_000 }, resume: true } })

    const successor = createServer({ port, ...options })
    onEnd(() => successor.close({ windowMs: 0, graceMs: 0 }))
    await successor.listening()
    old.broadcast('chat', 'message', 'the last of the old')
    expect(await page.next()).toBe('2 1 {"channel":"chat","event":"message","data":"the last of the old"}')
    expect(await page.ask({ bye: {} })).toEqual({ bye: { done: true } })
    const next = await greet(url, { ...ok, received: 2 })
    expect(next.ok).toMatchObject({ session: ok.session, resumed: true, received: 1, sent: 2 })
    await page.close()
    await closed
    successor.broadcast('chat', 'message', 'the first of the new')
    expect(await next.page.next()).toBe('3 1 {"channel":"chat","event":"message","data":"the first of the new"}')
    expect(log.errors).toEqual([])
  })
})
