/** What every server that was written from PROTOCOL.md must be good for. Numbers are those of its rules. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import {
  ClientClosed,
  connect,
  DeliveryUnknown,
  type Explanation,
  MessageDropped,
  RemoteError,
  type WireData,
} from '../../src/index.js'
import { type App, connectTo, next, tapped } from './client.js'
import type { Program } from './program.js'

/** Long enough for a busy machine, short enough to wait for a few. */
const PING_MS = 1000

const SOON = { timeout: 10_000, interval: 20 }

/** Starts the server on a port; 0 for any. */
export type StartServer = (port: number, pingMs: number) => Promise<Program>

/** The server under test, while it runs. */
interface Target {
  readonly program: Program
  readonly url: string
  /** Starts it again where it was. */
  restart(): Promise<void>
}

export function describeServer(name: string, skip: boolean, start: StartServer): void {
  describe.skipIf(skip)(name, () => {
    let program: Program
    const target: Target = {
      get program() {
        return program
      },
      get url() {
        return `ws://127.0.0.1:${program.port}`
      },
      async restart() {
        program = await start(program.port, PING_MS)
      },
    }
    beforeAll(async () => {
      program = await start(0, PING_MS)
    })
    afterAll(() => program?.kill())
    beforeEach(({ onTestFailed }) => {
      onTestFailed(() => console.error(`${name} said:\n${program.output()}`))
    })
    messages(target)
    requests(target)
    channels(target)
    closing(target)
    trouble(target)
  })
}

function messages(target: Target): void {
  test('P2.3 text that is no frame, and bytes, travel as they are and in order', async () => {
    const client = connectTo(target.url)
    const echoed: WireData[] = []
    client.on('message', (data) => echoed.push(data))
    const texts = ['hello', '{"colour":"red"}', '{ not JSON', '[1,2]', '', '💬'.repeat(10_000)]
    const many = Array.from({ length: 500 }, (_, i) => `text ${i}`)
    const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 251)
    for (const message of [...texts, bytes, ...many]) client.send(message)
    await expect.poll(() => echoed.length, SOON).toBe(507)
    expect(echoed).toEqual([...texts, bytes.buffer, ...many])
    expect(client.stats.protocolErrors).toBe(0)
  })
}

function requests(target: Target): void {
  test('P4.2 answers come as they are ready', async () => {
    const client = connectTo(target.url)
    const answered: string[] = []
    await Promise.all([
      client.request('slow', 200).then(() => answered.push('slow')),
      client.request('echo', 6.5).then((echo) => answered.push(`echo ${echo}`)),
    ])
    expect(answered).toEqual(['echo 6.5', 'slow'])
  })

  test('P4.3 errors arrive with their code and data, others without a word of the inside', async () => {
    const client = connectTo(target.url)
    const failed = await client.request('fail').catch((error) => error)
    expect(failed).toBeInstanceOf(RemoteError)
    expect(failed).toMatchObject({ code: 'no_such_room', message: 'There is no room 9.', data: { room: 9 } })
    // @ts-expect-error: no such method
    await expect(client.request('unheard-of')).rejects.toMatchObject({ code: -32601 })
    await expect(client.request('crash')).rejects.toMatchObject({ code: -32603, message: 'Internal error.' })
  })

  test('P4.4 a stream gives its items in order, and ends', async () => {
    const client = connectTo(target.url)
    const items: number[] = []
    for await (const item of client.stream('count', 50)) items.push(item)
    expect(items).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    expect(client.stats.openRequests).toBe(0)
  })

  test('P4.5 an abort and an early break reach the server', async () => {
    const client = connectTo(target.url)
    const controller = new AbortController()
    const slow = client.request('slow', 60_000, { signal: controller.signal })
    for await (const item of client.stream('count', 1_000_000)) {
      if (item === 3) {
        await expect.poll(() => client.request('running'), SOON).toBe(2)
        controller.abort(new Error('never mind'))
        await expect(slow).rejects.toThrow('never mind')
        await expect.poll(() => client.request('running'), SOON).toBe(1)
        break
      }
    }
    await expect.poll(() => client.request('running'), SOON).toBe(0)
    expect(client.stats).toMatchObject({ openRequests: 0, protocolErrors: 0 })
  })

  test('P4.1 the page answers what the server asks, or says why it does not', async () => {
    const client = connectTo(target.url)
    await expect(client.request('ask', 'Delete room 9?')).rejects.toMatchObject({ code: -32601 })
    const off = client.handle('confirm', async (question) => question === 'Delete room 9?')
    expect(await client.request('ask', 'Delete room 9?')).toBe(true)
    expect(await client.request('ask', 'Delete room 10?')).toBe(false)
    off()
    client.handle('confirm', () => {
      throw Object.assign(new Error('Ask me later.'), { code: 'busy' })
    })
    await expect(client.request('ask', 'Delete room 9?')).rejects.toMatchObject({
      code: 'busy',
      message: 'Ask me later.',
    })
  })
}

function channels(target: Target): void {
  test('P6.1 P6.4 events reach all who are in the channel, and nobody else', async () => {
    const ada = connectTo(target.url)
    const bob = connectTo(target.url)
    const heard: string[] = []
    ada.channel('chat').on('message', ({ text }) => heard.push(`ada: ${text}`))
    bob.channel('chat').on('message', ({ text }) => heard.push(`bob: ${text}`))
    await ada.channel('chat').join()
    await bob.channel('chat').join()
    ada.channel('chat').send('message', { text: 'both' })
    await expect.poll(() => [...heard].sort(), SOON).toEqual(['ada: both', 'bob: both'])

    await bob.channel('chat').leave()
    bob.channel('chat').send('message', { text: 'from outside' })
    // Answered after that event was handled, and after what it might have set off.
    await bob.request('echo')
    ada.channel('chat').send('message', { text: 'alone' })
    await expect.poll(() => heard.length, SOON).toBe(3)
    await bob.request('echo')
    expect(heard.slice(2)).toEqual(['ada: alone'])
  })

  test('P6.2 a refusal to join arrives with its code', async () => {
    // @ts-expect-error: no such channel
    const channel = connectTo(target.url).channel('elsewhere')
    await expect(channel.join()).rejects.toMatchObject({ code: 'no_such_channel' })
  })
}

function closing(target: Target): void {
  test('P7.1 after 1012 the page comes back in the window that the server named', async () => {
    const client = connectTo(target.url)
    let closedAt = 0
    let planned: Partial<Explanation> = {}
    client.on('close', () => {
      closedAt = Date.now()
      planned = client.explain()
    })
    const unanswered = client.request('disconnect', { code: 1012, reason: 'restart retry=600-900' })
    await expect(unanswered).rejects.toBeInstanceOf(DeliveryUnknown)
    expect(planned).toMatchObject({ waitingFor: 'server-window', lastClose: { code: 1012 } })
    const waitMs = (planned.until ?? 0) - closedAt
    expect(waitMs).toBeGreaterThan(500)
    expect(waitMs).toBeLessThanOrEqual(900)
    await client.opened()
    expect(Date.now() - closedAt).toBeGreaterThan(500)
  })

  test('P5.2 P7.3 after 4401 the page comes back with a fresh token', async () => {
    const tokens = ['stale', 's3cret', 's3cret']
    const seen: unknown[] = []
    const client = connectTo(target.url, {
      auth(lastClose) {
        seen.push(lastClose && [lastClose.code, lastClose.policy])
        return tokens.shift()
      },
    })
    const refused = next(client, 'error')
    expect(await client.request('echo', 3)).toBe(3)
    expect(await refused).toMatchObject({ code: 4401 })
    client.request('disconnect', { code: 4401, reason: 'expired' }).catch(() => {})
    await next(client, 'close')
    expect(await client.request('echo', 7)).toBe(7)
    expect(seen).toEqual([undefined, [4401, 'refresh'], [4401, 'refresh']])
  })

  test('P7.3 after 4403 the page does not come back', async () => {
    const client = connectTo(target.url, { auth: () => 'b4nned' })
    const refused = next(client, 'error')
    const ended = next(client, 'end')
    await expect(client.request('echo', 3)).rejects.toBeInstanceOf(MessageDropped)
    expect(await refused).toMatchObject({ code: 4403 })
    expect(await ended).toBeInstanceOf(ClientClosed)
    expect(client.explain()).toMatchObject({ status: 'closed', lastClose: { code: 4403, policy: 'stop' } })
  })

  test('P5.3 a page without credentials is closed with 4401, and ends', async () => {
    const client = connect<App>(target.url, { environment: { WebSocket } })
    client.request('echo', 3).catch(() => {})
    await next(client, 'end')
    expect(client.explain()).toMatchObject({ status: 'closed', lastClose: { code: 4401 } })
  })
}

function trouble(target: Target): void {
  test('P3.1 P3.2 P3.5 it hears the heartbeat that its own ping has started', async () => {
    const { WebSocket, heard } = tapped()
    const client = connectTo(target.url, { environment: { WebSocket } })
    // It closes whom it has not heard for two intervals.
    await expect.poll(() => heard.filter((text) => text === `ping ${PING_MS}`).length, SOON).toBe(4)
    expect(heard).toContain('pong')
    expect(client.stats).toMatchObject({ roundTripMs: expect.any(Number), reconnects: 0, protocolErrors: 0 })
  })

  test('P3.4 a server that stands still is given up, and found again when it goes on', async () => {
    const client = connectTo(target.url)
    await client.opened()
    await expect.poll(() => client.stats.roundTripMs, SOON).toBeDefined()
    target.program.freeze()
    try {
      expect((await next(client, 'close')).code).toBe(1006)
    } finally {
      target.program.thaw()
    }
    await client.opened()
    expect(await client.request('echo', 3)).toBe(3)
  })

  test('P1.1 P6.3 channels are joined again after it has crashed, before what was queued meanwhile', async () => {
    const client = connectTo(target.url)
    const chat = client.channel('chat')
    const texts: string[] = []
    chat.on('message', ({ text }) => texts.push(text))
    await chat.join()
    const unanswered = client.request('slow', 60_000)
    await expect.poll(() => client.request('running'), SOON).toBe(1)

    const lost = Promise.all([next(client, 'close'), expect(unanswered).rejects.toBeInstanceOf(DeliveryUnknown)])
    await target.program.kill()
    await lost
    chat.send('message', { text: 'first' })
    chat.send('message', { text: 'second' })
    await target.restart()

    // It passes on nothing of a client that is not in the channel.
    await expect.poll(() => texts, SOON).toEqual(['first', 'second'])
    expect(client.stats).toMatchObject({ reconnects: 1, dropped: 0 })
  })
}
