import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:https'
import { createServer } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createCertificate } from '../../demo/server/tls.js'
import { connect } from '../../src/index.js'
import { start } from './support.js'

const toClose: (() => unknown)[] = []
afterEach(async () => {
  for (const close of toClose.splice(0)) await close()
})

describe('pages', () => {
  test('the page, its style and its script are served, and allow no script from elsewhere', async () => {
    const demo = await start()
    const page = await fetch(demo.url)
    expect(page.headers.get('content-type')).toContain('text/html')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
    expect(await page.text()).toContain('<h1>holdfast</h1>')
    for (const [path, type] of [
      ['main.js', 'text/javascript'],
      ['style.css', 'text/css'],
    ] as const) {
      const file = await fetch(new URL(path, demo.url))
      expect([file.status, file.headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`])
    }
  })

  test('the page by script tag finds the script that it names', async () => {
    const demo = await start()
    const page = await (await fetch(new URL('/script-tag.html', demo.url))).text()
    expect(page.trim().split('\n').length).toBeLessThanOrEqual(31)
    const script = /<script src="(.+?)"/.exec(page)?.[1] ?? ''
    expect(await (await fetch(new URL(script, demo.url))).text()).toContain('Holdfast')
  })

  test.each(['/nothing', '/dist/../package.json', '/dist/%2e%2e/package.json', '/demo/server/main.ts'])(
    '%s is not there',
    async (path) => {
      expect((await fetch(new URL(path, (await start()).url))).status).toBe(404)
    },
  )
})

describe('the WebSocket', () => {
  test('nobody gets in without a token', async () => {
    const demo = await start()
    const client = connect(new URL('/ws', demo.url), {
      environment: { WebSocket },
      auth: () => 'made up',
      backoff: { maxAttempts: 1 },
    })
    toClose.push(() => client.close())
    await expect(client.opened()).rejects.toBeDefined()
    expect(client.explain().lastClose?.code).toBe(4401)
  })

  test('a page of another site does not get in', async () => {
    const demo = await start()
    const socket = new WebSocket(new URL('/ws', demo.url), { origin: 'https://elsewhere.example' })
    toClose.push(() => socket.terminate())
    const ended = await Promise.race([once(socket, 'close').then(([code]) => code), once(socket, 'error')])
    expect(ended).not.toBe(1000)
    expect(socket.readyState).not.toBe(WebSocket.OPEN)
  })

  test('a token needs a person and a name', async () => {
    const demo = await start()
    const response = await fetch(new URL('/token?person=x', demo.url))
    expect([response.status, await response.text()]).toEqual([400, 'The name is missing.'])
  })
})

test('with a certificate of its own, https and wss work', async () => {
  const certificate = await createCertificate()
  const demo = await start({ certificate })
  expect(demo.url).toMatch(/^https:/)
  const fetchText = async (path: string) => {
    const [response] = await once(get(new URL(path, demo.url), { ca: certificate.cert }), 'response')
    return text(response)
  }
  class TrustingWebSocket extends WebSocket {
    constructor(url: string, protocols?: string | string[]) {
      super(url, protocols, { ca: certificate.cert })
    }
  }
  const client = connect(new URL('/ws', demo.url), {
    environment: { WebSocket: TrustingWebSocket },
    auth: () => fetchText('/token?person=x&name=Ada'),
  })
  toClose.push(() => client.close())
  await client.opened()
  expect(await client.request('ask.who')).toMatchObject({ kind: 'search' })
})

describe('the command', () => {
  const main = fileURLToPath(new URL('../../demo/server/main.ts', import.meta.url))
  const command = ['--import', 'tsx', main]

  test('takes the next port if the one asked for is taken, says the address, and ends on SIGTERM', async () => {
    const taken = createServer()
    taken.listen(0, 'localhost')
    await once(taken, 'listening')
    toClose.push(() => new Promise((resolve) => taken.close(resolve)))
    const address = taken.address()
    const port = typeof address === 'object' && address ? address.port : 0

    const child = spawn(process.execPath, [...command, '--port', String(port)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    toClose.push(() => child.kill('SIGKILL'))
    let said = ''
    child.stdout.on('data', (bytes) => {
      said += bytes
    })
    await expect.poll(() => said, { timeout: 15_000 }).toMatch(/http:\/\/localhost:\d+\//)
    const url = /http:\S+/.exec(said)?.[0] ?? ''
    expect(Number(new URL(url).port)).toBeGreaterThan(port)
    expect((await fetch(url)).status).toBe(200)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  }, 30_000)

  test.each([
    [['--port', 'many'], '--port: expected'],
    [['--cert', 'a.pem'], '--cert and --key go together.'],
    [['--nonsense'], "Unknown option '--nonsense'"],
  ])(
    'says what is wrong with %j',
    async (args, words) => {
      const run = promisify(execFile)(process.execPath, [...command, ...args])
      await expect(run).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining(words) })
    },
    30_000,
  )
})
