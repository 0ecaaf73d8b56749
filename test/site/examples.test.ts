/** The examples on the pages that need a browser run in Chromium; the others, and all types: test/docs/examples.test.ts. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { build } from 'esbuild'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CHROMIUM_ARGS, findChromium } from '../../scripts/machine.mjs'
import { atPorts, type Example, makeApp, type Ports, readExamples, writeExamples } from '../docs/examples.js'
import { freePorts, judge, type Line, play } from '../docs/player.js'
import { PAGES } from '../docs/support.js'

const app = mkdtempSync(path.join(tmpdir(), 'holdfast-site-'))
let browser: Browser
beforeAll(async () => {
  makeApp(app)
  const executablePath = findChromium()
  if (!executablePath) throw new Error("Chromium is missing. Install it: on Debian, the package 'chromium'.")
  browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
})
afterAll(async () => {
  await browser.close()
  rmSync(app, { recursive: true })
})

const pages = PAGES.map((page) => ({ page, ...readExamples(page) })).filter(({ examples }) =>
  examples.some(({ runner }) => runner === 'browser'),
)

test.each(pages)('the examples of $page run in a browser, and print what they say', async ({ page, examples }) => {
  const ports = await freePorts()
  const place = path.join(app, `${ports.usual}`)
  makeApp(place)
  writeExamples(page, examples, { app: place, ports })
  const inNode = examples.filter(({ runner }) => runner === 'node')
  const files = writeExamples(page, inNode, { app: place, ports })
  const troubles: string[] = []
  const played = await play(page, examples, { files, ports }, async () => {
    for (const example of examples.filter(({ runner }) => runner === 'browser')) {
      const [file = ''] = writeExamples(page, [example], { app: place, ports })
      const wrong = await show(await siteOf(example, file, ports), `http://127.0.0.1:${ports.usual}/`, example.prints)
      troubles.push(...wrong.map((trouble) => `${example.at} ${trouble}`))
    }
  })
  expect([...played.troubles, ...troubles]).toEqual([])
})

/** An example as a page: itself, or its script bundled as an app's would be. */
async function siteOf(example: Example, file: string, ports: Ports): Promise<{ page: string; script: string }> {
  if (example.language === 'html') return { page: atPorts(example.code, ports), script: '' }
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    write: false,
    logLevel: 'silent',
  })
  const page = '<!doctype html><script type="module" src="/example.js"></script><div id="root"></div>'
  return { page, script: outputFiles.map(({ text }) => text).join('') }
}

/** Shows a page as one of the server at an address; gives what is wrong with it. */
async function show(
  site: { page: string; script: string },
  address: string,
  prints: readonly string[],
): Promise<string[]> {
  // What the test answers itself counts as the internet, from where Chromium lets nobody in without asking.
  const page = await browser.newPage({ permissions: ['local-network-access'] })
  const lines: Line[] = []
  page.on('console', (message) =>
    lines.push({ text: message.text(), isTrouble: ['warning', 'error'].includes(message.type()) }),
  )
  page.on('pageerror', (error) => lines.push({ text: `${error.stack}`, isTrouble: true }))
  page.on('websocket', (socket) => socket.on('socketerror', (text) => lines.push({ text, isTrouble: true })))
  await page.route('**', (route) => {
    const url = route.request().url()
    if (url === address) return route.fulfill({ contentType: 'text/html', body: site.page })
    if (url.endsWith('/example.js')) return route.fulfill({ contentType: 'text/javascript', body: site.script })
    if (url.endsWith('/favicon.ico')) return route.fulfill()
    const [, file] = /^https:\/\/unpkg\.com\/holdfast@[^/]+\/(dist\/.+)$/.exec(url) ?? []
    if (file === undefined) return route.abort()
    // A script with `integrity` has to be one that all may read.
    const headers = { 'access-control-allow-origin': '*' }
    return route.fulfill({ contentType: 'text/javascript', headers, body: readFileSync(file) })
  })
  await page.goto(address)
  await waitFor(page, () => judge([prints], lines).every((trouble) => !trouble.startsWith('did not print')))
  await page.close()
  return judge([prints], lines)
}

/** Until it holds, for some seconds at most. */
async function waitFor(page: Page, holds: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!holds() && Date.now() < deadline) await page.waitForTimeout(20)
}
