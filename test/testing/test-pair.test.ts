import { describe, expect, test } from 'vitest'
import { resumable } from '../../src/addons/resume/index.js'
import { memoryHistory } from '../../src/server/index.js'
import { createTestPair } from '../../src/testing/test-pair.js'

describe('a pair', () => {
  test('holds what is sent in each direction until the test lets it through', async () => {
    const heard: unknown[] = []
    const pair = createTestPair({
      server: { channels: { chat: { on: { message: (data) => void heard.push(data) } } } },
    })
    await pair.settle()
    expect(pair.client.status).toBe('open')
    pair.client.channel('chat', { join: true })
    pair.client.channel('chat').send('message', 'hi')
    expect(pair.up.waiting).toHaveLength(2)
    expect(heard).toEqual([])
    await pair.settle()
    expect(heard).toEqual(['hi'])
    expect(pair.server.broadcast('chat', 'message', 'hello')).toBe(1)
    expect(pair.down.waiting.at(-1)).toContain('hello')
    await pair.close()
  })

  test('P15.1 late frames on a fenced socket are not heard, and are written again', async () => {
    const heard: unknown[] = []
    const pair = createTestPair({
      client: { session: resumable() },
      server: { onMessage: (data) => void heard.push(data) },
    })
    await pair.settle()
    pair.client.send('a')
    const old = pair.connection
    pair.client.reconnect()
    await pair.environment.settle()
    for (const way of [pair.up, pair.down, pair.up]) {
      way.pass()
      await pair.environment.settle()
    }
    expect(pair.connections).toHaveLength(2)
    old.up.pass()
    expect(heard).toEqual([])
    await pair.settle()
    expect(heard).toEqual(['a'])
    await pair.close()
  })

  test('a server that restarts has forgotten the session; its history has not', async () => {
    const history = memoryHistory()
    const server = { history, channels: { news: { history: true as const } } }
    const pair = createTestPair({ client: { session: resumable() }, server })
    const seen: unknown[] = []
    const said: unknown[] = []
    pair.client.channel('news', { join: true }).on('item', (item) => seen.push(item))
    pair.client.on('sessionlost', ({ why, unknown }) => said.push([why, unknown]))
    pair.client.on('gap', (gap) => said.push(gap))
    await pair.settle()
    pair.server.broadcast('news', 'item', 1)
    await pair.settle()
    pair.restart()
    pair.server.broadcast('news', 'item', 2)
    await pair.run(5_000)
    pair.server.broadcast('news', 'item', 3)
    await pair.settle()
    expect(seen).toEqual([1, 2, 3])
    expect(said).toEqual([['unknown', 0], { from: 3, why: 'unknown' }])
    await pair.close()
  })
})
