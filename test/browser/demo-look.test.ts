import { existsSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import sharp from 'sharp'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Demo, startDemo } from '../../demo/server/start.js'
import { chatTexts, lastMark, press, settled, submit, textOf, textsOf } from './demo-page.js'
import type { Page } from './drivers/index.js'
import { inEachBrowser } from './each-browser.js'
import { WITHIN } from './in-page.js'

const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
const SCREENSHOTS = path.join(PROJECT, 'test-results/screenshots')
/** The picture in the README. Delete it to have a new one taken. */
const README_PICTURE = path.join(PROJECT, 'docs/images/demo.png')

inEachBrowser('the look of the demo', ({ engine, open }) => {
  let demo: Demo
  beforeEach(async () => {
    demo = await startDemo({ port: 0, environment: {} })
    await mkdir(SCREENSHOTS, { recursive: true })
  })
  afterEach(() => demo.close())

  /** Opens the page as somebody. */
  const openAs = async (name: string): Promise<Page> => {
    const page = await open(demo.url)
    await page.evaluate((name) => sessionStorage.setItem('name', name), name)
    await page.goto(demo.url)
    await settled(page)
    return page
  }

  it('can be used by keyboard alone', async () => {
    const page = await openAs('Ada')
    const focused = () => page.evaluate(() => document.activeElement?.id ?? '')
    const tabTo = async (id: string) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.press('Tab')
        if ((await focused()) === id) return
      }
      throw new Error(`60 times Tab did not lead to #${id}.`)
    }
    await tabTo('chat-text')
    await page.type('#chat-text', 'typed')
    await page.press('Enter')
    await expect.poll(() => chatTexts(page), WITHIN).toEqual(['typed'])
    await tabTo('trouble-cut')
    await page.press('Enter')
    await expect.poll(() => textsOf(page, '#timeline .pill'), WITHIN).toContain('waiting')
    await tabTo('ask-question')
    await tabTo('image-file')
  })

  it('names every control', async () => {
    const page = await openAs('Ada')
    const nameless = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLInputElement | HTMLButtonElement>('input, button, select, textarea')]
        .filter((element) => !element.textContent?.trim() && !element.ariaLabel && !element.labels?.length)
        .map((element) => element.outerHTML),
    )
    expect(nameless).toEqual([])
  })

  it('fits a narrow screen, in light and in dark', async () => {
    const ada = await openAs('Ada')
    const bob = await openAs('Bob')
    await live(ada, bob)
    await doubt(ada, bob)
    for (const scheme of ada.setColorScheme ? (['light', 'dark'] as const) : (['light'] as const)) {
      await ada.setColorScheme?.(scheme)
      for (const width of [1280, 360]) {
        await ada.resize(width, 900)
        // WebKitGTK's window gets no narrower than its tool bar.
        await expect.poll(() => ada.evaluate(() => innerWidth), WITHIN).toBeLessThanOrEqual(Math.max(width, 460))
        const sticksOut = () => ada.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        await expect.poll(sticksOut, WITHIN).toBeLessThanOrEqual(0)
        await takePicture(ada, `demo-${engine.name}-${width}-${scheme}`)
      }
    }
  })

  it.runIf(engine.name === 'chromium')('shows an outage while it lasts: the picture in the README', async () => {
    const ada = await openAs('Ada')
    const bob = await openAs('Bob')
    await ada.resize(1280, 900)
    await live(ada, bob)
    const roundTripMs = async () => Number.parseInt(await textOf(ada, '#round-trip'), 10)
    await ada.click('#trouble-slow')
    await expect.poll(roundTripMs, WITHIN).toBeGreaterThan(1000)
    await ada.click('#trouble-slow')
    await expect.poll(roundTripMs, WITHIN).toBeLessThan(1000)
    await ada.click('#trouble-refuse')
    await expect.poll(() => textOf(ada, '#count-failed-attempts'), WITHIN).toMatch(/[2-9]/)
    await submit(ada, '#chat-text', 'Now nobody gets in. This waits, and says so.')
    await expect.poll(() => lastMark(ada), WITHIN).toBe('not acknowledged yet')
    await expect.poll(() => textOf(ada, '#queue-depth'), WITHIN).toBe('1')
    await expect.poll(() => textOf(ada, '#countdown'), WITHIN).toMatch(/next attempt in [1-9]/)
    await takePicture(ada, 'demo')
    if (existsSync(README_PICTURE)) return
    await mkdir(path.dirname(README_PICTURE), { recursive: true })
    await copyFile(path.join(SCREENSHOTS, 'demo.png'), README_PICTURE)
  })

  const takePicture = async (page: Page, name: string) => {
    // What stays in place while the rest scrolls would else be in the middle of it.
    await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }))
    await page.screenshot(path.join(SCREENSHOTS, name))
  }

  /** Has the server replaced in both ways, and leaves Ada with a message of unknown fate. */
  const doubt = async (ada: Page, bob: Page) => {
    await press(ada, 'restart')
    for (const page of [ada, bob]) await expect.poll(() => textOf(page, '#session-server'), WITHIN).toBe('2')
    await press(ada, 'black-hole')
    await submit(ada, '#chat-text', 'Into the hole.')
    await expect.poll(() => textOf(ada, '#session-unacknowledged'), WITHIN).toBe('1')
    await press(ada, 'kill')
    await press(ada, 'black-hole')
    await expect.poll(() => lastMark(ada), WITHIN).toMatch(/^Nobody knows/)
  }

  /** Has two people use everything, so that there is something to see. */
  const live = async (ada: Page, bob: Page) => {
    await submit(bob, '#chat-text', 'Is it still there after a cut?')
    await submit(ada, '#ask-question', 'What does the page do after a close?')
    await expect.poll(() => textOf(ada, '.answer-text'), WITHIN).not.toBe('')
    await ada.click('#trouble-cut')
    await submit(ada, '#chat-text', 'Watch: the network is gone, and this is on its way.')
    await expect.poll(() => textsOf(ada, '.own[data-state="sent"]'), WITHIN).toHaveLength(1)
    await submit(bob, '#chat-text', 'It came, once and in order.')
    const file = path.join(SCREENSHOTS, `sunset-${engine.name}.jpg`)
    await sharp(Buffer.from(SUNSET)).jpeg().toFile(file)
    await ada.upload('#image-file', file)
    await expect.poll(() => textsOf(ada, '#analyse-result dd'), WITHIN).toContain('480 × 320 pixels')
    await expect.poll(() => textsOf(ada, '.answer[data-state="done"]'), WITHIN).toHaveLength(1)
  }
})

const SUNSET = `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="320">
  <linearGradient id="sky" x2="0" y2="1">
    <stop offset="0" stop-color="#1d2b53"/><stop offset=".6" stop-color="#e8743b"/><stop offset="1" stop-color="#ffd28a"/>
  </linearGradient>
  <rect width="480" height="320" fill="url(#sky)"/>
  <circle cx="240" cy="190" r="48" fill="#fff1c1"/>
  <rect y="220" width="480" height="100" fill="#15324a"/>
</svg>`
