import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Demo, startDemo } from '../../demo/server/start.js'
import { chatTexts, settled, shownStatus, submit, textOf, textsOf } from './demo-page.js'
import type { Page } from './drivers/index.js'
import { inEachBrowser } from './each-browser.js'
import { WITHIN } from './in-page.js'

inEachBrowser('trouble in the demo', ({ engine, open }) => {
  let demo: Demo
  let page: Page
  beforeEach(async () => {
    demo = await startDemo({ port: 0, environment: {} })
    page = await open(demo.url)
    await settled(page)
    await submit(page, '#chat-text', 'said before')
    await expect.poll(() => textsOf(page, '[data-state="sent"]'), WITHIN).toHaveLength(1)
  })
  afterEach(() => demo.close())

  const reconnects = () => textOf(page, '#count-reconnects')
  const roundTripMs = async () => Number.parseInt(await textOf(page, '#round-trip'), 10)

  /** Everything is as it was, and works. */
  const expectRecovery = async () => {
    await expect.poll(() => shownStatus(page), WITHIN).toBe('open')
    await submit(page, '#chat-text', 'said after')
    await expect.poll(() => textsOf(page, '[data-state="sent"]'), WITHIN).toHaveLength(2)
    expect(await chatTexts(page)).toEqual(['said before', 'said after'])
    await expect.poll(reconnects, WITHIN).toBe('1')
  }

  // To WebKitGTK's network library 1012 is no close code: the page hears 1006.
  const unlessWebKit = (why: RegExp) => (engine.name === 'webkit' ? /1006/ : why)

  it.each([
    ['cut', /1006/],
    ['restart', unlessWebKit(/restart/)],
    ['throw-away', unlessWebKit(/thrown away/)],
    ['expire-token', /token expired/],
  ])('%s: the page says why, and comes back', async (name, why) => {
    await page.click(`#trouble-${name}`)
    await expect.poll(() => textsOf(page, '#timeline .reason'), WITHIN).toContainEqual(expect.stringMatching(why))
    await expectRecovery()
  })

  it('black hole: the heartbeat notices, and the page comes back when it ends', async () => {
    await page.click('#trouble-black-hole')
    await expect.poll(() => shownStatus(page), WITHIN).not.toBe('open')
    await page.click('#trouble-black-hole')
    await expectRecovery()
  })

  it('slow: the round trip shows it, and the connection holds', async () => {
    await expect.poll(roundTripMs, WITHIN).toBeLessThan(800)
    await page.click('#trouble-slow')
    await expect.poll(roundTripMs, WITHIN).toBeGreaterThanOrEqual(1600)
    await page.click('#trouble-slow')
    await expect.poll(roundTripMs, WITHIN).toBeLessThan(800)
    expect(await shownStatus(page)).toBe('open')
    expect(await reconnects()).toBe('0')
  })

  it('refuse: the page counts its attempts down, and gets in when it ends', async () => {
    await page.click('#trouble-refuse')
    await expect.poll(() => textOf(page, '#count-failed-attempts'), WITHIN).toMatch(/[2-9]/)
    await expect.poll(() => textOf(page, '#countdown'), WITHIN).toMatch(/next attempt in \d+\.\d s/)
    await page.click('#trouble-refuse')
    await expectRecovery()
  })
})
