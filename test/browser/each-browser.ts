import { afterAll, afterEach, beforeAll, describe } from 'vitest'
import { type Browser, type Engine, engines, type Page } from './drivers/index.js'

interface Tools {
  readonly engine: Engine
  /** Opens a page, which is closed when the test ends. */
  open(url: string): Promise<Page>
}

/** Declares tests for each of the engines, which is started once for all of them. */
export function inEachBrowser(title: string, declareTests: (tools: Tools) => void): void {
  describe.each(engines)(`${title} in $name`, (engine) => {
    let browser: Browser | undefined
    const pages: Page[] = []
    beforeAll(async () => {
      browser = await engine.launch()
    })
    afterEach(async () => {
      for (const page of pages.splice(0)) await page.close()
    })
    afterAll(async () => {
      await browser?.close()
    })
    declareTests({
      engine,
      async open(url) {
        if (!browser) throw new Error(`${engine.name} has not been started.`)
        const page = await browser.newPage(url)
        pages.push(page)
        return page
      },
    })
  })
}
