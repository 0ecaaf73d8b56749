import { chromium, type Page as PlaywrightPage } from 'playwright-core'
import { CHROMIUM_ARGS, findChromium } from '../../../scripts/machine.mjs'
import { asExpression, type Browser, type Engine, type Page } from './engine.js'
import { freePort } from './free-port.js'

// Playwright's own defaults that would hide from the tests what a hidden page or one put aside goes through.
const REAL_LIFE = [
  '--disable-back-forward-cache',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
]

export const chromiumEngine: Engine = {
  name: 'chromium',
  async launch() {
    const executablePath = findChromium()
    if (!executablePath) throw new Error("Chromium is missing. Install it: on Debian, the package 'chromium'.")
    const port = await freePort()
    const process = await chromium.launch({
      executablePath,
      args: [...CHROMIUM_ARGS, `--remote-debugging-port=${port}`],
      ignoreDefaultArgs: REAL_LIFE,
    })
    // Playwright makes every page believe that it has the focus and is visible, unless it connects without defaults.
    const connection = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
    const [context] = connection.contexts()
    if (!context) throw new Error('Chromium has no default context.')
    return {
      async newPage(url) {
        const page = adapt(await context.newPage())
        await page.goto(url)
        return page
      },
      async close() {
        await connection.close()
        await process.close()
      },
    } satisfies Browser
  },
}

function adapt(page: PlaywrightPage): Page {
  const context = page.context()
  const show = () => page.bringToFront()
  let cover: PlaywrightPage | undefined
  return {
    async goto(url) {
      await page.goto(url)
    },
    async back() {
      // The driver's own way waits for a load, which a page from the cache does not have.
      await page.evaluate('setTimeout(() => history.back())')
    },
    evaluate: (inPage, ...args) => page.evaluate(asExpression(inPage, args)),
    async click(selector) {
      await show()
      await page.click(selector)
    },
    async type(selector, text) {
      await show()
      await page.locator(selector).pressSequentially(text)
    },
    async press(key) {
      await show()
      await page.keyboard.press(key)
    },
    upload: (selector, file) => page.setInputFiles(selector, file),
    resize: (width, height) => page.setViewportSize({ width, height }),
    async screenshot(path) {
      await show()
      await page.screenshot({ path: `${path}.png`, fullPage: true, animations: 'disabled' })
    },
    async hide() {
      cover ??= await context.newPage()
      await cover.bringToFront()
    },
    show,
    async close() {
      await cover?.close()
      await page.close()
    },
    setOffline: (offline) => context.setOffline(offline),
    async setFrozen(frozen) {
      const session = await context.newCDPSession(page)
      await session.send('Page.setWebLifecycleState', { state: frozen ? 'frozen' : 'active' })
      await session.detach()
    },
    setColorScheme: (colorScheme) => page.emulateMedia({ colorScheme }),
  }
}
