import { afterAll, afterEach, beforeAll, describe, inject } from 'vitest'
import { type Browser, type Engine, loadEngine, type Page } from './drivers/index.js'

interface Tools {
  readonly engine: Engine
  /** Opens a page, which is closed when the test ends. */
  open(url: string): Promise<Page>
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Given by each browser project of vitest.config.ts. */
    engine: Engine['name']
  }
}

const engine = await loadEngine[inject('engine')]()

/** Declares tests for each of the engines, by projects of vitest. It is started once for all tests declared here. */
export function inEachBrowser(title: string, declareTests: (tools: Tools) => void): void {
  describe(`${title} in ${engine.name}`, () => {
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
