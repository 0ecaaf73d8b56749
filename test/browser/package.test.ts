import { afterEach, beforeEach, expect, it } from 'vitest'
import { inEachBrowser } from './each-browser.js'
import { type Fixture, startFixture } from './fixture.js'
import { opened, start, statusOf, sum, WITHIN } from './in-page.js'

inEachBrowser('the built package', ({ open }) => {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = await startFixture()
  })
  afterEach(() => fixture.close())

  it.each([
    ['by script tag', 'umd.html'],
    ['by script tag, minified', 'umd-min.html'],
    ['by import', 'module.html'],
  ])('%s connects, asks, streams, and speaks on a channel', async (_how, file) => {
    const page = await open(`${fixture.origin}/test/browser/pages/${file}`)
    await start(page, [fixture.direct])
    await opened(page)
    expect(await statusOf(page)).toBe('open')
    expect(await sum(page, 19, 23)).toBe(42)

    const items = await page.evaluate(async () => {
      const items: number[] = []
      for await (const item of window.client.stream('countdown', 3)) items.push(item)
      return items
    })
    expect(items).toEqual([3, 2, 1])

    await page.evaluate(async () => {
      const room = window.client.channel('room')
      room.on('line', (text) => window.messages.push(`line: ${text}`))
      await room.join()
    })
    fixture.server.broadcast('room', 'line', 'hello')
    await expect.poll(() => page.evaluate(() => window.messages), WITHIN).toEqual(['line: hello'])
  })

  it('sends text and bytes as they are, and takes them so', async () => {
    const page = await open(`${fixture.origin}/test/browser/pages/module.html`)
    await start(page, [fixture.direct])
    await page.evaluate(() => {
      window.client.send('grüße 👋')
      window.client.send(new Uint8Array([1, 2, 3]).buffer)
      window.client.send(new Uint8Array([0, 4, 5, 6]).subarray(1))
      window.client.send(new Blob([new Uint8Array([255, 0])]))
      window.client.send('')
    })
    const sent = ['grüße 👋', [1, 2, 3], [4, 5, 6], [255, 0], '']
    await expect.poll(() => page.evaluate(() => window.messages), WITHIN).toEqual(sent)
    expect(fixture.received).toEqual(sent)
  })
})
