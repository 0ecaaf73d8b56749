/** The React binding in a Next.js app: rendered on a server that has a WebSocket, and taken over by a real Chromium. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { CHROMIUM_ARGS, findChromium } from '../../scripts/machine.mjs'
import { connect } from '../../src/index.js'
import { createServer } from '../../src/server/index.js'
import { freePort } from '../browser/drivers/free-port.js'
import type { App } from './app.js'

const WITHIN = { timeout: 20_000, interval: 50 }

const home = mkdtempSync(path.join(tmpdir(), 'holdfast-next-'))
let connections = 0
const server = createServer<App>({
  port: 0,
  host: '127.0.0.1',
  origins: '*',
  onConnect: () => void connections++,
  requests: { topic: ({ room }) => `About the ${room}` },
  channels: { lobby: {} },
})
let next: ChildProcess | undefined
let origin: string
let browser: Browser | undefined

/** Has the app in a folder of its own, with the library as npm would install it. */
function install(): void {
  cpSync('test/frameworks/next', home, { recursive: true })
  const modules = path.join(home, 'node_modules')
  mkdirSync(path.join(modules, 'holdfast'), { recursive: true })
  for (const name of ['package.json', 'dist']) cpSync(name, path.join(modules, 'holdfast', name), { recursive: true })
  for (const name of ['next', 'react', 'react-dom', 'ws', 'typescript', '@types', '@next', '@swc', 'styled-jsx']) {
    symlinkSync(path.resolve('node_modules', name), path.join(modules, name), 'junction')
  }
  writeFileSync(path.join(home, 'package.json'), '{ "private": true, "type": "module" }')
  // As Node 22 has it.
  writeFileSync(path.join(home, 'web-socket.mjs'), "import { WebSocket } from 'ws'\nglobalThis.WebSocket = WebSocket\n")
}

beforeAll(async () => {
  install()
  const env = { ...process.env, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' }
  const command = path.resolve('node_modules/next/dist/bin/next')
  await promisify(execFile)(process.execPath, [command, 'build', '--webpack'], { cwd: home, env, timeout: 100_000 })
  const [live, port] = [await server.listening(), await freePort()]
  next = spawn(process.execPath, [command, 'start', '--hostname', '127.0.0.1', '--port', `${port}`], {
    cwd: home,
    env: {
      ...env,
      LIVE_URL: `ws://127.0.0.1:${live}`,
      NODE_OPTIONS: `--import ${path.join(home, 'web-socket.mjs')}`,
    },
    stdio: 'ignore',
  })
  origin = `http://127.0.0.1:${port}`
  await vi.waitFor(async () => expect((await fetch(origin)).ok).toBe(true), WITHIN)
  const executablePath = findChromium()
  if (!executablePath) throw new Error("Chromium is missing. Install it: on Debian, the package 'chromium'.")
  browser = await chromium.launch({ executablePath, args: CHROMIUM_ARGS })
}, 150_000)

afterAll(async () => {
  vi.unstubAllGlobals()
  await browser?.close()
  if (next) {
    next.kill()
    if (next.exitCode === null) await once(next, 'exit')
  }
  await server.close({ graceMs: 0 })
  rmSync(home, { recursive: true, force: true })
})

test.each(['js', 'cjs'])('dist/react.%s belongs to the page, and the core does not', (extension) => {
  const firstLine = (name: string) => readFileSync(`dist/${name}.${extension}`, 'utf8').split('\n')[0]
  expect(firstLine('react')).toBe("'use client';")
  expect(firstLine('index')).not.toContain('use client')
})

test('the server renders the page, and connects nothing', async () => {
  const html = await (await fetch(origin)).text()
  expect(html).toContain('<p id="status">idle</p>')
  expect(html).toContain('<p id="topic">…</p>')
  // Whoever began to connect while that was rendered is here before this one.
  vi.stubGlobal('WebSocket', WebSocket)
  const last = connect(`ws://127.0.0.1:${await server.listening()}`)
  await expect.poll(() => last.status, WITHIN).toBe('open')
  last.close()
  expect(connections).toBe(1)
})

test('the page takes over without a word, connects once, asks and hears', async () => {
  const page = await browser?.newPage()
  if (!page) throw new Error('no browser')
  const troubles: string[] = []
  page.on('console', (line) => ['error', 'warning'].includes(line.type()) && troubles.push(line.text()))
  page.on('pageerror', (error) => troubles.push(`${error}`))
  const before = connections
  await page.goto(origin, WITHIN)
  const text = (selector: string) => page.textContent(selector, WITHIN)
  await expect.poll(() => text('#status'), WITHIN).toBe('open')
  await expect.poll(() => text('#topic'), WITHIN).toBe('About the lobby')
  await expect.poll(() => server.members('lobby').size, WITHIN).toBe(1)
  server.broadcast('lobby', 'message', { text: 'hello' })
  await expect.poll(() => text('#last'), WITHIN).toBe('hello')
  expect(troubles).toEqual([])
  expect(connections - before).toBe(1)
  await page.close()
  await expect.poll(() => server.clients.size, WITHIN).toBe(0)
})
