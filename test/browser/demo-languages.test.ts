import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Demo, startDemo } from '../../demo/server/start.js'
import { lastMark, notes, submit, textOf, textsOf } from './demo-page.js'
import type { Page } from './drivers/index.js'
import { inEachBrowser } from './each-browser.js'
import { WITHIN } from './in-page.js'

const SCREENSHOTS = fileURLToPath(new URL('../../test-results/screenshots', import.meta.url))

inEachBrowser('the languages of the demo', ({ engine, open }) => {
  let demo: Demo
  beforeEach(async () => {
    demo = await startDemo({ port: 0, environment: {} })
    await mkdir(SCREENSHOTS, { recursive: true })
  })
  afterEach(() => demo.close())

  const languageOf = (page: Page) => page.evaluate(() => document.documentElement.lang)
  const shows = (page: Page, status: string) => expect.poll(() => textOf(page, '#status'), WITHIN).toBe(status)

  it('are English and Chinese, with a switch that is remembered', async () => {
    const page = await open(demo.url)
    await shows(page, 'open')
    expect(await languageOf(page)).toBe('en')
    expect(await textOf(page, '#chat-title')).toBe('Chat')

    await page.click('#language')
    await shows(page, '已连接')
    expect(await languageOf(page)).toBe('zh-CN')
    await page.goto(demo.url)
    await shows(page, '已连接')
    expect(await page.evaluate(() => document.title)).toBe('holdfast 演示')

    await page.click('#language')
    await shows(page, 'open')
    expect(await languageOf(page)).toBe('en')
  })

  it('Chinese says everything in Chinese: chat, answers, trouble and its end', async () => {
    const page = await open(demo.url)
    await page.click('#language')
    await shows(page, '已连接')
    // Names of the library and of formats apart, and what the inspector shows, which is a tool in English.
    const english = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLElement>('body :not(script, code, h1, holdfast-inspector, #language)')]
        .flatMap((element) => [
          ...[...element.childNodes]
            .filter((node) => node.nodeType === Node.TEXT_NODE)
            .map((node) => node.nodeValue ?? ''),
          element.ariaLabel ?? '',
          element.getAttribute('placeholder') ?? '',
        ])
        .map((text) => text.trim())
        .filter((text) => /[a-z]{3}/i.test(text) && !/\p{Script=Han}/u.test(text)),
    )
    expect(english).toEqual([])

    await submit(page, '#chat-text', '你好')
    await expect.poll(() => lastMark(page), WITHIN).toBe('✓ 已送达，未读')
    await submit(page, '#ask-question', '心跳是怎样工作的？')
    await expect.poll(() => textOf(page, '.answer-text'), WITHIN).toMatch(/^摘自 README\.zh-CN\.md/)
    await page.click('#trouble-cut')
    await expect.poll(() => textOf(page, '#trouble-says'), WITHIN).toMatch(/^所有连接都切断了/)
    await expect.poll(() => notes(page), WITHIN).toEqual([expect.stringMatching(/秒后恢复/)])
    await expect.poll(() => textsOf(page, '.answer[data-state="done"]'), WITHIN).toHaveLength(1)

    for (const scheme of page.setColorScheme ? (['light', 'dark'] as const) : (['light'] as const)) {
      await page.setColorScheme?.(scheme)
      for (const width of [1280, 360]) {
        await page.resize(width, 900)
        // WebKitGTK's window gets no narrower than its tool bar.
        await expect.poll(() => page.evaluate(() => innerWidth), WITHIN).toBeLessThanOrEqual(Math.max(width, 460))
        const sticksOut = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        await expect.poll(sticksOut, WITHIN).toBeLessThanOrEqual(0)
        await page.screenshot(path.join(SCREENSHOTS, `demo-zh-${engine.name}-${width}-${scheme}`))
      }
    }
  })
})
