/** What docs/guide/script-tag.md says of browsers. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { inEachBrowser } from './each-browser.js'
import { type Fixture, startFixture } from './fixture.js'
import { loaded, opened, start, WITHIN } from './in-page.js'

inEachBrowser('a script tag', ({ engine, open }) => {
  let fixture: Fixture
  beforeEach(async () => {
    fixture = await startFixture()
  })
  afterEach(() => fixture.close())

  it("connects under a policy with connect-src 'self', without eval and inline code", async () => {
    const page = await open(`${fixture.origin}/test/browser/pages/csp.html`)
    await start(page, [fixture.direct.replace(fixture.origin.replace('http', 'ws'), '')])
    await opened(page)
    expect(fixture.sockets.opened).toBe(1)
  })

  it('is told by one event that the policy forbids to connect, and goes nowhere', async () => {
    const page = await open(`${fixture.origin}/test/browser/pages/csp-elsewhere.html`)
    await loaded(page)
    await page.evaluate((url) => {
      window.client = window.connect(url)
      window.client.on('error', ({ cause }) => window.messages.push(cause ? 'error with cause' : 'error'))
    }, fixture.direct)
    const said = (): Promise<unknown[]> => page.evaluate(() => window.messages)
    await expect.poll(said, WITHIN).toContainEqual(expect.stringContaining('The policy forbids to connect to ws://'))
    if (engine.name !== 'chromium') await expect.poll(said, WITHIN).toContain('error with cause')
    expect(fixture.sockets.opened).toBe(0)
  })

  it('runs with the right hash, and not with a wrong one', async () => {
    const page = await open(`${fixture.origin}/test/browser/pages/elsewhere.html`)
    const hashOf = (text: string | Buffer): string => `sha384-${createHash('sha384').update(text).digest('base64')}`
    const load = (integrity: string): Promise<string> =>
      page.evaluate(
        (integrity) =>
          new Promise<string>((resolve) => {
            const script = document.createElement('script')
            Object.assign(script, { src: '/dist/holdfast.umd.min.js', integrity, crossOrigin: 'anonymous' })
            script.onload = () => resolve('ran')
            script.onerror = () => resolve('did not run')
            document.head.append(script)
          }),
        integrity,
      )
    expect(await load(hashOf('another file'))).toBe('did not run')
    expect(await load(hashOf(readFileSync('dist/holdfast.umd.min.js')))).toBe('ran')
  })
})
