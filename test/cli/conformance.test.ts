/** The suite passes whole against the server kit, and the command says so. */
import { createServer as createHttpServer } from 'node:http'
import { expect, test } from 'vitest'
import { command } from '../../src/cli/conformance/command.js'
import type { ServerOptions } from '../../src/server/index.js'
import { freePort } from '../interop/program.js'
import { onEnd } from '../server/support.js'
import { createTestApp, TOKEN } from './test-app.js'

/** Runs the command; what it wrote, and its exit code. */
async function runCommand(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  let [stdout, stderr] = ['', '']
  const code = await command(args, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    loadWebSocket: () => import('ws'),
  })
  return { code, stdout, stderr }
}

async function start(options?: ServerOptions): Promise<string> {
  const server = createTestApp(options)
  onEnd(() => server.close({ windowMs: 0, graceMs: 0 }))
  return `ws://127.0.0.1:${await server.listening()}`
}

test('the server kit keeps every rule, of the plain wire and of sessions', async () => {
  const url = await start({ sessions: { ttlMs: 1_000 } })
  const { code, stdout, stderr } = await runCommand(url, '--token', TOKEN, '--session', '--json')
  const { results } = JSON.parse(stdout)
  expect(results.filter(({ outcome }: { outcome: string }) => outcome !== 'passed')).toEqual([])
  expect(results.length).toBeGreaterThan(90)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
}, 60_000)

test('a line for each check, and a last one with the sum', async () => {
  const { code, stdout } = await runCommand(await start(), '--token', TOKEN, '--only', 'P4.4', '--only', 'P9.3')
  expect(stdout).toMatch(
    /^✓ P4.4 {3}a stream gives its items in order, and then its result\n✓ P4.4 .+\n\n2 kept, 0 broken, 0 advised, 0 skipped, in \d+\.\d s\n$/,
  )
  expect(code).toBe(0)
})

test('what is not kept is shown with what was said, what was expected and what came', async () => {
  const url = await start({ requests: { count: () => null } })
  const args = ['--token', TOKEN, '--only', 'then its result', '--timeout', '300']
  const { code, stdout } = await runCommand(url, ...args)
  expect(code).toBe(1)
  expect(stdout).toContain('✗ P4.4   a stream gives its items in order, and then its result\n')
  expect(stdout).toContain('    expected  {"id":"s","item":1}\n    came      {"id":"s","result":null}\n')
  expect(stdout).toContain('      page   → {"id":"s","method":"count","params":50}\n')
  expect(stdout).toContain('\n0 kept, 1 broken, 0 advised, 0 skipped')
})

test('what should be kept and is not is a warning; what cannot be asked is skipped', async () => {
  const url = await start({ pingIntervalMs: 60_000, limits: { messagesPerSecond: 100_000 } })
  const only = ['--only', 'P3.2', '--only', 'a second']
  const { code, stdout } = await runCommand(url, '--token', TOKEN, ...only)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^- P3.2 .+: skipped, pings come every 60000 ms: start the server with 3000 ms or less$/m)
  expect(stdout).toMatch(/^! P8.1 {3}messages a second are bounded$/m)
  expect((await runCommand(url, '--only', 'P5.1')).stdout).toMatch(/^- P5.1 P5.2 .+: skipped, no --token is given/m)
})

test.each([
  [[], 'Expected one URL.'],
  [['ws://a', 'ws://b'], 'Expected one URL.'],
  [['http://127.0.0.1'], 'Expected a URL with ws: or wss:, not http://127.0.0.1'],
  [['ws://127.0.0.1', '--timeout', 'long'], '--timeout: expected 100 to 60000 ms.'],
  [['ws://127.0.0.1', '--only', 'P99'], '--only: no check is about P99.'],
  [['ws://127.0.0.1', '--colour'], "Unknown option '--colour'"],
])('of %j it says what is wrong, and how it is used', async (args, message) => {
  const { code, stdout, stderr } = await runCommand(...args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr.startsWith(message)).toBe(true)
  expect(stderr).toContain('\nUsage: holdfast-conformance <url> [options]\n')
})

test('--help shows how it is used', async () => {
  expect(await runCommand('--help')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: /), stderr: '' })
})

test('where nobody answers it says so', async () => {
  const url = `ws://127.0.0.1:${await freePort()}`
  const { code, stderr } = await runCommand(url)
  expect(code).toBe(2)
  expect(stderr).toMatch(/^No WebSocket at ws:\/\/127.0.0.1:\d+: connect ECONNREFUSED .+ Is the server running\?\n$/)
})

test('where something else than a WebSocket answers it says so', async () => {
  const server = createHttpServer((_, response) => response.end('hello')).listen(0, '127.0.0.1')
  onEnd(() => server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const { code, stderr } = await runCommand(`ws://127.0.0.1:${port}`)
  expect(code).toBe(2)
  expect(stderr).toContain('Unexpected server response: 200')
})

test('without the package ws it says how to install it', async () => {
  let stderr = ''
  const code = await command(['ws://127.0.0.1:1'], {
    stdout: { write: () => {} },
    stderr: { write: (text) => (stderr += text) },
    loadWebSocket: () => Promise.reject(new Error('Cannot find package')),
  })
  expect(code).toBe(2)
  expect(stderr).toBe('holdfast-conformance needs the package ws: install it with "npm install --save-dev ws".\n')
})
