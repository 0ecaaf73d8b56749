import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Page } from './drivers/index.js'
import { inEachBrowser } from './each-browser.js'
import { type Fixture, startFixture } from './fixture.js'
import { LONG, opened, QUICK, start, statusOf, sum, WITHIN, waitsLong } from './in-page.js'

const PUT_ASIDE = { code: 1000, reason: 'page hidden' }

inEachBrowser('the life of a page', ({ engine, open }) => {
  let fixture: Fixture
  let page: Page
  beforeEach(async () => {
    fixture = await startFixture()
    page = await open(`${fixture.origin}/test/browser/pages/module.html`)
  })
  afterEach(() => fixture.close())

  const leave = () => page.goto(`${fixture.origin}/test/browser/pages/elsewhere.html`)
  const comeBack = async () => {
    await page.back()
    await expect.poll(() => page.evaluate(() => window.wasPutAside), WITHIN).toBe(true)
  }

  it('stays connected in a hidden tab, and hears what comes', async () => {
    await start(page, [fixture.direct], { backoff: QUICK, heartbeat: { intervalMs: 500, timeoutMs: 1000 } })
    await opened(page)
    await page.hide()
    await expect.poll(() => page.evaluate(() => document.visibilityState), WITHIN).toBe('hidden')
    // Four heartbeats, however late the timers of a hidden page are: a ping is 10 bytes, as every frame from a browser
    // has a mask.
    const heard = fixture.sockets.bytesRead
    await expect.poll(() => fixture.sockets.bytesRead, WITHIN).toBeGreaterThanOrEqual(heard + 4 * 10)
    for (const client of fixture.server.clients) client.sendRaw('still there?')
    await expect.poll(() => page.evaluate(() => window.messages), WITHIN).toContain('still there?')
    await page.show()
    await expect.poll(() => page.evaluate(() => document.visibilityState), WITHIN).toBe('visible')
    expect(await sum(page, 1, 2)).toBe(3)
    expect(fixture.sockets).toMatchObject({ opened: 1, live: 1 })
    expect(await page.evaluate(() => window.client.stats.reconnects)).toBe(0)
  })

  // Only Chromium lets a driver freeze a page.
  it.runIf(engine.name === 'chromium')('leaves politely when frozen, and is back when it thaws (P7.4)', async () => {
    await start(page, [fixture.direct], { backoff: QUICK })
    await opened(page)
    await page.hide()
    await page.setFrozen?.(true)
    await expect.poll(() => fixture.closes, WITHIN).toEqual([PUT_ASIDE])
    expect(fixture.sockets).toMatchObject({ opened: 1, live: 0 })
    await page.setFrozen?.(false)
    await page.show()
    await expect.poll(() => statusOf(page), WITHIN).toBe('open')
    expect(await sum(page, 1, 2)).toBe(3)
    expect(fixture.sockets).toMatchObject({ opened: 2, live: 1 })
  })

  // Firefox keeps no page with an open WebSocket in its cache.
  it.skipIf(engine.name === 'firefox')(
    'leaves politely for the back/forward cache, and is back when the page is (P7.4)',
    async () => {
      await start(page, [fixture.direct], { backoff: QUICK })
      await opened(page)
      await leave()
      await expect.poll(() => fixture.closes, WITHIN).toEqual([PUT_ASIDE])
      await comeBack()
      await expect.poll(() => statusOf(page), WITHIN).toBe('open')
      expect(await sum(page, 1, 2)).toBe(3)
      expect(fixture.sockets).toMatchObject({ opened: 2, live: 1 })
    },
  )

  it('connects at once when the page comes back from the back/forward cache, whatever it waited for', async () => {
    await start(page, [fixture.throughProxy], { backoff: LONG })
    await opened(page)
    fixture.proxy.fault('refuse')
    fixture.proxy.fault('cut')
    await expect.poll(() => waitsLong(page), WITHIN).toBe(true)
    await leave()
    fixture.proxy.heal()
    await comeBack()
    await expect.poll(() => statusOf(page), WITHIN).toBe('open')
    expect(await sum(page, 1, 2)).toBe(3)
    expect(fixture.sockets).toMatchObject({ opened: 2, live: 1 })
  })
})
