/** The site, built for two bases: nothing leads nowhere, and it looks as it should in Chromium. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { menu } from '../../docs/.vitepress/menu.js'
import { CHROMIUM_ARGS, findChromium } from '../../scripts/machine.mjs'
import { buildSite, filesIn, serve, writeReference } from './built.js'

const BASES = ['/', '/an/app/manual/'] as const
const SCREENSHOTS = path.resolve('test-results/screenshots')

const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-site-'))
const folderOf = (base: (typeof BASES)[number]): string => path.join(folder, `${BASES.indexOf(base)}`)

beforeAll(async () => {
  await writeReference()
  for (const base of BASES) await buildSite(base, folderOf(base))
}, 900_000)
afterAll(() => rmSync(folder, { recursive: true }))

describe.each(BASES)('built for %s', (base) => {
  const pages = (): { file: string; html: string }[] =>
    filesIn(folderOf(base))
      .filter((file) => file.endsWith('.html') && file !== '404.html')
      .map((file) => ({ file, html: readFileSync(path.join(folderOf(base), file), 'utf8') }))

  test('has every page of the menu', () => {
    const there = pages().map(({ file }) => file)
    const wanted = menu.flatMap(({ entries }) => entries.map(([, file]) => file))
    const missing = wanted.filter((file) => !there.includes(siteFile(file)))
    expect(missing).toEqual([])
  })

  test('has no link, picture, script or anchor that leads nowhere', () => {
    const files = new Set(filesIn(folderOf(base)))
    const anchors = new Map(
      pages().map(({ file, html }) => [file, new Set([...html.matchAll(/ id="([^"]+)"/g)].map(([, id = '']) => id))]),
    )
    const links = pages().flatMap(({ file, html }) =>
      [...html.matchAll(/ (?:href|src)="([^"]*)"/g)].map(([, link = '']) => ({ file, link: unescaped(link) })),
    )
    const dead = links.filter(({ file, link }) => {
      if (/^(https?:|data:)/.test(link)) return false
      const { pathname, hash } = new URL(link, `http://localhost${base}${file}`)
      if (!pathname.startsWith(base)) return true
      const asked = decodeURI(pathname.slice(base.length))
      const target = asked === '' || asked.endsWith('/') ? `${asked}index.html` : asked
      const anchor = decodeURIComponent(hash.slice(1))
      return !files.has(target) || (anchor !== '' && !anchors.get(target)?.has(anchor))
    })
    expect(links.length).toBeGreaterThan(1_000)
    expect(dead.map(({ file, link }) => `${file}: ${link}`)).toEqual([])
  })
})

describe('in Chromium, below a base', () => {
  const base = BASES[1]
  let browser: Browser
  let server: Server
  let origin: string
  beforeAll(async () => {
    mkdirSync(SCREENSHOTS, { recursive: true })
    const executablePath = findChromium()
    if (!executablePath) throw new Error("Chromium is missing. Install it: on Debian, the package 'chromium'.")
    browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
    const served = await serve(folderOf(base), base)
    server = served.server
    origin = served.origin
  })
  afterAll(async () => {
    await browser.close()
    server.close()
  })

  /** Opens a page, and notes all that a console or a server would complain of. */
  const open = async (
    file: string,
    { width = 1280, dark = false }: { width?: number; dark?: boolean } = {},
  ): Promise<{ page: Page; troubles: string[] }> => {
    const page = await browser.newPage({
      viewport: { width, height: 900 },
      colorScheme: dark ? 'dark' : 'light',
      reducedMotion: 'reduce',
    })
    const troubles: string[] = []
    page.on('console', (message) => {
      if (['warning', 'error'].includes(message.type())) troubles.push(`${file}: ${message.text()}`)
    })
    page.on('pageerror', (error) => troubles.push(`${file}: ${error.message}`))
    page.on('response', (response) => {
      if (response.status() >= 400) troubles.push(`${file}: ${response.status()} ${response.url()}`)
    })
    await page.goto(`${origin}${base}${file}`, { waitUntil: 'load' })
    return { page, troubles }
  }

  test('no page complains, is too wide for a phone, or lacks a picture', async () => {
    const { page, troubles } = await open('', { width: 360 })
    const files = filesIn(folderOf(base)).filter((file) => file.endsWith('.html') && file !== '404.html')
    for (const file of files) {
      await page.goto(`${origin}${base}${file}`, { waitUntil: 'load' })
      const tooWide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      if (tooWide > 0) troubles.push(`${file}: ${tooWide} pixels too wide`)
      const broken = await page.evaluate(() =>
        [...document.images]
          .filter(({ complete, naturalWidth }) => complete && naturalWidth === 0)
          .map(({ src }) => src),
      )
      troubles.push(...broken.map((src) => `${file}: no picture ${src}`))
    }
    expect(files.length).toBeGreaterThan(20)
    expect(troubles).toEqual([])
    await page.close()
  }, 240_000)

  test('looks cared for: pictures of some pages, wide and narrow, light and dark', async () => {
    const concepts = ['concepts/states.html', 'concepts/messages.html', 'concepts/resume.html']
    const shown = ['', 'start.html', ...concepts, 'errors.html', 'reference/holdfast.html']
    for (const width of [1280, 360]) {
      for (const dark of [false, true]) {
        const { page, troubles } = await open('', { width, dark })
        for (const file of shown) {
          await page.goto(`${origin}${base}${file}`, { waitUntil: 'load' })
          expect(await page.evaluate(() => document.documentElement.classList.contains('dark'))).toBe(dark)
          const name = `site-${path.basename(file, '.html') || 'home'}-${width}-${dark ? 'dark' : 'light'}.png`
          await page.screenshot({ path: path.join(SCREENSHOTS, name) })
        }
        expect(troubles).toEqual([])
        await page.close()
      }
    }
  }, 240_000)

  test('the search finds a page by a word in it, and goes there', async () => {
    const { page, troubles } = await open('')
    await page.keyboard.press('Control+k')
    await page.locator('.VPLocalSearchBox input').fill('half-open')
    const first = page.locator('.VPLocalSearchBox .result').first()
    await first.waitFor()
    await first.click()
    await page.waitForURL(/\.html(#|$)/)
    expect((await page.locator('main').innerText()).toLowerCase()).toContain('half-open')
    expect(troubles).toEqual([])
    await page.close()
  })

  test('the switch turns the light off', async () => {
    const { page } = await open('start.html')
    const isDark = () => page.evaluate(() => document.documentElement.classList.contains('dark'))
    expect(await isDark()).toBe(false)
    await page.locator('.VPSwitchAppearance').first().click()
    expect(await isDark()).toBe(true)
    await page.close()
  })
})

/** `docs/guide/vue.md` as a file of the site. */
const siteFile = (file: string): string =>
  (file.startsWith('docs/') ? file.slice('docs/'.length) : file.toLowerCase()).replace(/\.md$/, '.html')

const unescaped = (text: string): string => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"')
