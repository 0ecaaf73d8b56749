/** Pages in Chromium; the library is bundled from its source. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { findChromium } from '../../scripts/machine.mjs'
import { chromiumEngine } from '../browser/drivers/chromium.js'
import { asExpression, type Page as Tab } from '../browser/drivers/engine.js'
import type { Diary } from './page.js'
import type { Place, RemotePage } from './trial.js'

const ENTRY = fileURLToPath(new URL('in-browser.ts', import.meta.url))

/** Pages that all think that they are seen, so that their timers keep up with the storm. */
export async function inChromium(): Promise<Place> {
  const executablePath = findChromium()
  if (!executablePath) throw new Error("Chromium is missing. Install it: on Debian, the package 'chromium'.")
  const site = await serveScript()
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  return {
    name: 'chromium',
    async open(plan) {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(site.origin)
      const tab: Pick<Tab, 'evaluate' | 'close'> = {
        evaluate: (inPage, ...args) => page.evaluate(asExpression(inPage, args)),
        close: () => context.close(),
      }
      await tab.evaluate((plan) => window.chaos.open(plan), plan)
      return adapt(tab)
    },
    async close() {
      await browser.close()
      site.close()
    },
  }
}

/** Pages that are hidden and frozen as in life. */
export async function inFreezingChromium(): Promise<Place> {
  const site = await serveScript()
  const browser = await chromiumEngine.launch()
  return {
    name: 'chromium',
    async open(plan) {
      const tab = await browser.newPage(site.origin)
      await tab.evaluate((plan) => window.chaos.open(plan), plan)
      return {
        ...adapt(tab),
        async setFrozen(frozen) {
          if (frozen) await tab.hide()
          await tab.setFrozen?.(frozen)
          if (!frozen) await tab.show()
        },
      }
    },
    async close() {
      await browser.close()
      site.close()
    },
  }
}

const adapt = (tab: Pick<Tab, 'evaluate' | 'close'>): RemotePage => ({
  diary: () =>
    tab.evaluate((): Diary => {
      const { page } = window.chaos
      if (!page) throw new Error('The page has lost its run.')
      return page.diary()
    }),
  start: () => tab.evaluate(() => window.chaos.page?.start()),
  sayLastWords: () => tab.evaluate(() => window.chaos.page?.sayLastWords()),
  async close() {
    await tab.evaluate(() => window.chaos.page?.close())
    await tab.close()
  },
})

/** A site of one page, with the page's half of a run in it. */
async function serveScript(): Promise<{ readonly origin: string; close(): void }> {
  const { outputFiles } = await build({
    entryPoints: [ENTRY],
    bundle: true,
    format: 'iife',
    target: 'es2022',
    write: false,
  })
  const script = outputFiles.map(({ text }) => text).join('')
  const site = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<script>${script}</script>`)
  })
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  const address = site.address()
  if (typeof address !== 'object' || !address) throw new Error('The site has no port.')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close() {
      site.close()
      site.closeAllConnections()
    },
  }
}
