import { existsSync } from 'node:fs'
import { copyFile, mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { HoldfastInspector } from '../../src/addons/inspector/index.js'
import type { resumable } from '../../src/addons/resume/index.js'
import type { Page } from './drivers/index.js'
import { inEachBrowser } from './each-browser.js'
import { type App, type Fixture, startFixture } from './fixture.js'
import { loaded, WITHIN } from './in-page.js'

declare global {
  interface Window {
    /** Put there by the page. */
    resumable: typeof resumable
    /** Put there by `inspect`: the inspector, and what is in it. */
    inspector: HoldfastInspector
    root: ShadowRoot
  }
}

const SCREENSHOTS = fileURLToPath(new URL('../../test-results/screenshots', import.meta.url))

/** The picture in the manual. Delete it to have a new one taken. */
const PICTURE = fileURLToPath(new URL('../../docs/images/inspector.png', import.meta.url))

inEachBrowser('the inspector', ({ engine, open }) => {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = await startFixture()
  })
  afterEach(() => fixture.close())

  /** A page with an inspector and a client in a session; the client has joined the room. */
  const inspect = async (isOpen = true): Promise<Page> => {
    const page = await open(`${fixture.origin}/test/browser/pages/inspector.html`)
    await loaded(page)
    await page.evaluate(
      async (url, isOpen) => {
        const inspector = document.querySelector('holdfast-inspector')
        if (!inspector?.shadowRoot) throw new Error('There is no inspector.')
        window.inspector = inspector
        window.root = inspector.shadowRoot
        window.client = window.connect<App>(url, { session: window.resumable(), backoff: { firstWindowMs: 50 } })
        inspector.client = window.client
        inspector.open = isOpen
        await window.client.opened()
        await window.client.channel('room').join()
      },
      fixture.throughProxy,
      isOpen,
    )
    return page
  }

  const textsOf = (page: Page, selector: string): Promise<string[]> =>
    page.evaluate(
      (selector) => [...window.root.querySelectorAll(selector)].map(({ textContent }) => textContent ?? ''),
      selector,
    )
  const textOf = async (page: Page, selector: string): Promise<string> => (await textsOf(page, selector))[0] ?? ''
  /** What stands in each row, in order. */
  const rowsOf = (page: Page): Promise<string[]> =>
    page.evaluate(() =>
      [...window.root.querySelectorAll('[role=option]')]
        .sort((a, b) => Number(a.getAttribute('aria-posinset')) - Number(b.getAttribute('aria-posinset')))
        .map((row) => [...row.children].map(({ textContent }) => textContent).join(' ')),
    )
  const press = (page: Page, words: string): Promise<void> =>
    page.evaluate((words) => {
      const buttons = [...window.root.querySelectorAll('button')]
      buttons.find(({ textContent }) => textContent?.startsWith(words))?.click()
    }, words)
  /** Where the focus is: the words of a button, or the role of what else. */
  const focusOf = (page: Page): Promise<string> =>
    page.evaluate(() => {
      const active = window.root.activeElement
      return active?.getAttribute('role') === 'listbox' ? 'list' : active?.textContent || active?.localName || ''
    })

  it('shows a session through a cut: frames, numbers, states, and what explain() says', async () => {
    const page = await inspect()
    await page.evaluate(() => window.client.request('sum', [19, 23]))
    await expect.poll(() => rowsOf(page), WITHIN).toContainEqual(expect.stringMatching(/↓ answer \d+ ✓\d+ sum #2 42 /))
    fixture.proxy.fault('cut')
    await expect.poll(() => rowsOf(page), WITHIN).toContainEqual(expect.stringContaining('The session went on'))
    const rows = await rowsOf(page)
    for (const kind of ['hi', 'ok', 'request', 'heartbeat', 'open', 'waiting']) {
      expect(rows).toContainEqual(expect.stringContaining(` ${kind} `))
    }
    expect(rows.join()).not.toMatch(/"key":"(?!\[hidden\])/)
    await expect
      .poll(() => textsOf(page, '.figures > div'), WITHIN)
      .toEqual(expect.arrayContaining(['Sent2acknowledged 2', expect.stringMatching(/^Reconnects1/)]))
    await press(page, 'States')
    await expect.poll(() => textsOf(page, '#panel-States .pill'), WITHIN).toContain('waiting')
    expect(await textOf(page, '.why')).toBe('Connected.')
  })

  it('shows 10,000 frames as a list of few elements, which can be scrolled through', async () => {
    const page = await inspect()
    const countNodes = () => page.evaluate(() => window.root.querySelectorAll('*').length)
    await expect.poll(() => rowsOf(page), WITHIN).not.toEqual([])
    for (let i = 0; i < 12_000; i++) fixture.server.broadcast('room', 'line', `line ${i}`, { volatile: true })
    await expect.poll(() => textOf(page, '.count'), WITHIN).toMatch(/^10,000 entries, [\d,]+ older ones gone$/)
    await expect.poll(async () => (await rowsOf(page)).join(), WITHIN).toContain('line 11999')
    expect(await countNodes()).toBeLessThan(700)
    await page.evaluate(() => {
      const list = window.root.querySelector('[role=listbox]')
      if (list) list.scrollTop = list.scrollHeight / 2
    })
    await expect.poll(async () => (await rowsOf(page)).join(), WITHIN).not.toContain('line 11999')
    expect(await countNodes()).toBeLessThan(700)
    expect((await rowsOf(page)).length).toBeGreaterThan(10)
  })

  it('is used by keyboard alone', async () => {
    const page = await inspect(false)
    await page.press('Tab')
    await expect.poll(() => focusOf(page), WITHIN).toBe('holdfast')
    await page.press('Enter')
    await expect.poll(() => rowsOf(page), WITHIN).not.toEqual([])
    // Each bar is one stop of the Tab key.
    for (const stop of ['Pause', 'Frames', 'input', 'In', 'list']) {
      await page.press('Tab')
      await expect.poll(() => focusOf(page), WITHIN).toBe(stop)
    }
    const sizeOf = () => page.evaluate(() => window.root.querySelector('[role=option]')?.ariaSetSize)
    const size = Number(await sizeOf())
    await page.press('End')
    await expect.poll(() => textOf(page, '.details h3'), WITHIN).not.toBe('')
    const active = () =>
      page.evaluate(() => {
        const list = window.root.querySelector('[role=listbox]')
        const row = window.root.getElementById(list?.getAttribute('aria-activedescendant') ?? '')
        return row?.getAttribute('aria-selected') === 'true' ? row.getAttribute('aria-posinset') : null
      })
    // More may have come before the key, and after it.
    await expect.poll(async () => Number(await active()), WITHIN).toBeGreaterThanOrEqual(size)
    await page.press('Escape')
    await expect.poll(active, WITHIN).toBeNull()
    expect(await page.evaluate(() => window.root.querySelector<HTMLElement>('.details')?.hidden)).toBe(true)
  })

  it('gives a report, and shows that of somebody else, in which nothing is HTML', async () => {
    const markup = '<img src=x onerror="document.title=1"><b>bold</b>'
    const page = await inspect()
    await page.evaluate((markup) => window.client.send(markup), markup)
    await expect.poll(async () => (await rowsOf(page)).join(), WITHIN).toContain(markup)
    await page.evaluate(async (markup) => {
      const lines = `${await window.inspector.export().text()}{broken\n`
      const files = new DataTransfer()
      files.items.add(new File([lines], `${markup}.jsonl`))
      const input = window.root.querySelector<HTMLInputElement>('input[type=file]')
      if (!input) throw new Error('There is no field for a file.')
      input.files = files.files
      input.dispatchEvent(new Event('change'))
    }, markup)
    await expect.poll(() => textOf(page, '.banner p'), WITHIN).toMatch(/onerror.*, by holdfast \d+\.\d+\.\d+, /)
    expect(await textsOf(page, '.banner li')).toEqual([expect.stringMatching(/^Line \d+: this is not a JSON object/)])
    await expect.poll(async () => (await rowsOf(page)).join(), WITHIN).toContain(markup)
    await page.evaluate(() => {
      for (const row of window.root.querySelectorAll<HTMLElement>('.row.raw')) row.click()
    })
    await expect.poll(() => textOf(page, '.details pre'), WITHIN).toBe(markup)
    expect(await textsOf(page, 'img, b, script')).toEqual([])
    await press(page, 'Back to live')
    await expect.poll(() => page.evaluate(() => window.root.querySelector<HTMLElement>('.banner')?.hidden)).toBe(true)
  })

  it('is light or dark as the page says, and has its styles under any Content-Security-Policy', async () => {
    const page = await inspect()
    const look = (scheme: string) =>
      page.evaluate((scheme) => {
        window.inspector.style.colorScheme = scheme
        const { backgroundColor, color, display } = getComputedStyle(window.inspector)
        return { backgroundColor, color, display }
      }, scheme)
    const [light, dark] = [await look('light'), await look('dark')]
    expect(light.display).toBe('flex')
    expect(light.backgroundColor).toBe(dark.backgroundColor === 'rgb(21, 27, 25)' ? 'rgb(251, 252, 250)' : '')
    expect(light.color).not.toBe(dark.color)
  })

  it('fits a narrow place, in light and in dark', async () => {
    await mkdir(SCREENSHOTS, { recursive: true })
    const page = await inspect()
    await page.evaluate(async () => {
      await window.client.request('sum', [1, 2])
      for (let i = 0; i < 30; i++) window.client.channel('room').send('line', `Line ${i} of something that is long.`)
    })
    // What is not acknowledged would be written again, and push what is waited for out of sight.
    await expect.poll(() => page.evaluate(() => window.client.stats.unacknowledged), WITHIN).toBe(0)
    fixture.proxy.fault('cut')
    await expect.poll(() => rowsOf(page), WITHIN).toContainEqual(expect.stringContaining('The session went on'))
    for (const scheme of ['light', 'dark']) {
      await page.evaluate((scheme) => {
        document.documentElement.style.colorScheme = scheme
        window.inspector.style.colorScheme = scheme
      }, scheme)
      for (const width of [1280, 360]) {
        await page.resize(width, 900)
        // WebKitGTK's window gets no narrower than its tool bar.
        await expect.poll(() => page.evaluate(() => innerWidth), WITHIN).toBeLessThanOrEqual(Math.max(width, 460))
        const sticksOut = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        await expect.poll(sticksOut, WITHIN).toBeLessThanOrEqual(0)
        await page.screenshot(path.join(SCREENSHOTS, `inspector-${engine.name}-${width}-${scheme}`))
      }
    }
  })
  it.runIf(engine.name === 'chromium')('shows an outage and what it did: the picture in the manual', async () => {
    await mkdir(SCREENSHOTS, { recursive: true })
    const page = await inspect()
    await page.resize(1280, 640)
    await page.evaluate(async () => {
      window.inspector.style.height = 'calc(100vh - 16px)'
      const { client } = window
      await client.request('sum', [19, 23])
      for await (const _ of client.stream('countdown', 3));
      client.channel('room').send('line', 'Is it still there after a cut?')
    })
    const lineOf = () => page.evaluate(() => window.root.querySelector('.line')?.getAttribute('d') ?? '')
    await expect.poll(lineOf, WITHIN).toMatch(/M/)
    fixture.proxy.fault('cut')
    await expect.poll(() => rowsOf(page), WITHIN).toContainEqual(expect.stringContaining('The session went on'))
    fixture.server.broadcast('room', 'line', 'It came, once and in order.')
    await expect.poll(lineOf, WITHIN).toMatch(/M.*M/)
    await page.evaluate(() => {
      const rows = [...window.root.querySelectorAll<HTMLElement>('.row.request')]
      rows.find(({ textContent }) => textContent?.includes('sum'))?.click()
    })
    await expect.poll(() => textOf(page, '.details h3'), WITHIN).toBe('request sum #2')
    await page.screenshot(path.join(SCREENSHOTS, 'inspector'))
    if (!existsSync(PICTURE)) await copyFile(path.join(SCREENSHOTS, 'inspector.png'), PICTURE)
  })
})
