/** What docs/migrating/partysocket.md says of browsers. */
import { build } from 'esbuild'
import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { CHROMIUM_ARGS, findChromium } from '../../scripts/machine.mjs'

const SCRIPT = `
  import PartySocket from 'partysocket/ws'
  import { HoldfastWebSocket } from './src/addons/websocket/index.js'

  for (const Class of [PartySocket, HoldfastWebSocket]) {
    const socket = new Class('ws://' + location.host)
    socket.addEventListener('close', ({ code }) => console.log(typeof code))
    setTimeout(() => socket.close(), 50)
  }
`

test('the code of a close of its own is the text "close" for listeners of partysocket, and a number for those of holdfast', async () => {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: '.' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    write: false,
  })
  const executablePath = findChromium()
  if (!executablePath) throw new Error("Chromium is missing. Install it: on Debian, the package 'chromium'.")
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
  try {
    const page = await browser.newPage()
    const printed: string[] = []
    page.on('console', (message) => printed.push(message.text()))
    const body = `<script type="module">${outputFiles.map(({ text }) => text).join('')}</script>`
    await page.route('**', (route) => route.fulfill({ contentType: 'text/html', body }))
    await page.routeWebSocket('**', () => {}) // opens, and says nothing
    await page.goto('http://localhost/')
    await expect.poll(() => printed, { timeout: 10_000 }).toEqual(['string', 'number'])
  } finally {
    await browser.close()
  }
})
