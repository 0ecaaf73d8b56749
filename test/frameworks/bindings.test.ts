/** The bindings in small apps, in Chromium, as they run while somebody works on them. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Browser, loadEngine, type Page } from '../browser/drivers/index.js'
import { startStage } from './stage.js'

const WITHIN = { timeout: 20_000, interval: 25 }

let stage: Awaited<ReturnType<typeof startStage>>
let browser: Browser
let page: Page

beforeAll(async () => {
  stage = await startStage()
  browser = await (await loadEngine.chromium()).launch()
})
afterEach(async () => {
  await page.close()
  await expect.poll(() => stage.server.clients.size, WITHIN).toBe(0)
})
afterAll(async () => {
  await browser?.close()
  await stage?.close()
})

const text = (selector: string): Promise<string> =>
  page.evaluate((selector) => document.querySelector(selector)?.textContent ?? '', selector)
const shows = (selector: string, value: string) => expect.poll(() => text(selector), WITHIN).toBe(value)

async function open(app: string): Promise<void> {
  Object.assign(stage.seen, { connections: 0, aborted: 0, asked: 0 })
  page = await browser.newPage(`${stage.origin}/${app}/`)
  await shows('#status', 'open')
}

describe.each([
  ['react', 'room.tsx'],
  ['vue', 'Chat.vue'],
  ['svelte', 'Chat.svelte'],
])('%s', (app, chat) => {
  test('opens one socket, asks, counts and hears', async () => {
    await open(app)
    await shows('#topic', 'About the lobby')
    await shows('#count', 'Counted 1 2 3.')
    await expect.poll(() => stage.server.members('lobby').size, WITHIN).toBe(1)
    await page.click('#say')
    await shows('#last', 'lobby: hello')
    expect(stage.seen.connections).toBe(1)
  })

  test('hears each message of a burst', async () => {
    await open(app)
    await expect.poll(() => stage.server.members('lobby').size, WITHIN).toBe(1)
    for (let i = 1; i <= 1000; i++) stage.server.broadcast('lobby', 'message', { text: `${i}` })
    await shows('#heard', '1000')
    await shows('#last', 'lobby: 1000')
  })

  test('follows its props: another channel, other params', async () => {
    await open(app)
    await expect.poll(() => stage.server.members('lobby').size, WITHIN).toBe(1)
    await page.click('#switch')
    await shows('#topic', 'About the garden')
    await expect.poll(() => stage.server.members('garden').size, WITHIN).toBe(1)
    await expect.poll(() => stage.server.members('lobby').size, WITHIN).toBe(0)
    stage.server.broadcast('garden', 'message', { text: 'here' })
    await shows('#last', 'garden: here')
  })

  test('leaves and aborts when its components are gone', async () => {
    await open(app)
    await expect.poll(() => stage.seen.asked - stage.seen.aborted, WITHIN).toBe(1)
    await expect.poll(() => stage.server.members('lobby').size, WITHIN).toBe(1)
    await page.click('#hide')
    await expect.poll(() => stage.seen.asked - stage.seen.aborted, WITHIN).toBe(0)
    await expect.poll(() => stage.server.members('lobby').size, WITHIN).toBe(0)
  })

  test('has one socket after a hot reload', async () => {
    await open(app)
    await page.evaluate(() => Object.assign(window, { stayed: true }))
    stage.edit(`${app}/${chat}`, 'Say hello', 'Say hello again')
    await shows('#say', 'Say hello again')
    await shows('#topic', 'About the lobby')
    expect(await page.evaluate(() => 'stayed' in window)).toBe(true)
    await expect.poll(() => stage.server.clients.size, WITHIN).toBe(1)
    await expect.poll(() => stage.server.members('lobby').size, WITHIN).toBe(1)
    expect(stage.seen.connections).toBe(1)
  })
})

describe.each(['solid', 'angular', 'element'])('the recipe for %s', (app) => {
  test('asks, hears each message of a burst, and leaves when it is gone', async () => {
    await open(app)
    await shows('#topic', 'About the lobby')
    await expect.poll(() => stage.server.members('lobby').size, WITHIN).toBe(1)
    for (let i = 1; i <= 100; i++) stage.server.broadcast('lobby', 'message', { text: `${i}` })
    await shows('#heard', '100')
    await shows('#last', '100')
    expect(stage.seen.connections).toBe(1)
    await page.click('#hide')
    await expect.poll(() => stage.server.members('lobby').size, WITHIN).toBe(0)
    expect(await text('#heard')).toBe('')
    expect(stage.server.clients.size).toBe(1)
  })
})
