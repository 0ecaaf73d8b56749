import puppeteer, { type ElementHandle, type Page as PuppeteerPage } from 'puppeteer-core'
import { findFirefox } from '../../../scripts/machine.mjs'
import { asExpression, type Browser, type Engine, type InPage, type Page } from './engine.js'

export const firefoxEngine: Engine = {
  name: 'firefox',
  async launch() {
    const executablePath = findFirefox()
    if (!executablePath) throw new Error("Firefox is missing. Install it: on Debian, the package 'firefox-esr'.")
    const browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath,
      headless: true,
      // A click goes to a place, and must find there what it was meant for: pages scroll at once, not smoothly.
      extraPrefsFirefox: { 'ui.prefersReducedMotion': 1 },
    })
    return {
      async newPage(url) {
        const page = adapt(await browser.newPage())
        await page.goto(url)
        return page
      },
      close: () => browser.close(),
    } satisfies Browser
  },
}

function adapt(page: PuppeteerPage): Page {
  const show = () => page.bringToFront()
  const find = async (selector: string): Promise<ElementHandle<Element>> => {
    const element = await page.$(selector)
    if (!element) throw new Error(`Nothing on the page matches ${selector}.`)
    return element
  }
  let cover: PuppeteerPage | undefined
  return {
    async goto(url) {
      await page.goto(url)
    },
    async back() {
      // The driver's own way waits for a load, which a page from the cache does not have.
      await page.evaluate('setTimeout(() => history.back())')
    },
    evaluate: <Args extends readonly unknown[], Result>(inPage: InPage<Args, Result>, ...args: Args) =>
      page.evaluate(asExpression(inPage, args)) as Promise<Result>,
    async click(selector) {
      await show()
      // To the middle, as something that stays in place may cover the edges.
      const element = await find(selector)
      await element.evaluate((element) => element.scrollIntoView({ block: 'center', behavior: 'instant' }))
      await element.click()
    },
    async type(selector, text) {
      await show()
      await page.type(selector, text)
    },
    async press(key) {
      await show()
      await page.keyboard.press(key)
    },
    async upload(selector, file) {
      const field = (await find(selector)) as ElementHandle<HTMLInputElement>
      await field.uploadFile(file)
    },
    resize: (width, height) => page.setViewport({ width, height }),
    async screenshot(path) {
      await show()
      await page.screenshot({ path: `${path}.png`, fullPage: true })
    },
    async hide() {
      cover ??= await page.browser().newPage()
      await cover.bringToFront()
    },
    show,
    async close() {
      await cover?.close()
      await page.close()
    },
    setOffline: (offline) => page.setOfflineMode(offline),
  }
}
