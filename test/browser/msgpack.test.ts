import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { msgpack, readFiles } from '../../src/addons/msgpack/index.js'
import { createServer } from '../../src/server/index.js'
import { inEachBrowser } from './each-browser.js'
import { type Fixture, startFixture } from './fixture.js'
import { WITHIN } from './in-page.js'

declare global {
  interface Window {
    /** Put there by pages/msgpack.html: sends the file that was picked, and tells what came back. */
    upload(): Promise<unknown[]>
    uploadUnread(): Promise<unknown>
  }
}

interface Uploads {
  requests: {
    upload: { params: { file: File; at: Date }; result: { back: File; at: Date; bytes: Uint8Array } }
  }
}

inEachBrowser('MessagePack', ({ open }) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-upload-'))
  const file = path.join(folder, 'grüße.txt')
  writeFileSync(file, 'häl\nlo')

  let fixture: Fixture
  let address = ''
  let end = async (): Promise<void> => {}
  beforeEach(async () => {
    fixture = await startFixture()
    const http = createHttpServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    const server = createServer<Uploads>({
      server: http,
      wire: msgpack(),
      origins: '*',
      requests: {
        async upload({ file, at }) {
          return { back: await readFiles(file), at, bytes: new Uint8Array(await file.arrayBuffer()).subarray(0, 2) }
        },
      },
    })
    address = `ws://127.0.0.1:${port}`
    end = async () => {
      await server.close({ graceMs: 0 })
      http.close()
      await fixture.close()
    }
  })
  afterEach(() => end())
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('carries a file that was picked, dates and bytes, both ways', async () => {
    const page = await open(`${fixture.origin}/test/browser/pages/msgpack.html?to=${encodeURIComponent(address)}`)
    await expect.poll(() => page.evaluate(() => typeof window.upload), WITHIN).toBe('function')
    await page.upload('input', file)
    expect(await page.evaluate(() => window.upload())).toEqual([true, 'grüße.txt', 'häl\nlo', true, 5, [0x68, 0xc3]])
    expect(await page.evaluate(() => window.uploadUnread())).toContain('await readFiles')
  })
})
