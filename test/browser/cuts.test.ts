import { afterEach, beforeEach, expect, it } from 'vitest'
import { freePort } from './drivers/free-port.js'
import type { Page } from './drivers/index.js'
import { inEachBrowser } from './each-browser.js'
import { type Fixture, startFixture } from './fixture.js'
import { LONG, loaded, opened, QUICK, start, statusOf, sum, WITHIN, waitsLong } from './in-page.js'

inEachBrowser('a connection in trouble', ({ open }) => {
  let fixture: Fixture
  let page: Page
  beforeEach(async () => {
    fixture = await startFixture()
    page = await open(`${fixture.origin}/test/browser/pages/module.html`)
  })
  afterEach(() => fixture.close())

  const sent = (...texts: string[]) =>
    page.evaluate((texts) => {
      for (const text of texts) window.client.send(text)
    }, texts)

  it('comes back after a cut, with what was sent meanwhile in order', async () => {
    await start(page, [fixture.throughProxy], { backoff: QUICK })
    await opened(page)
    fixture.proxy.fault('refuse')
    fixture.proxy.fault('cut')
    await expect.poll(() => statusOf(page), WITHIN).not.toBe('open')
    await sent('one', 'two', 'three')
    expect(await page.evaluate(() => window.client.stats.queuedMessages)).toBe(3)
    fixture.proxy.heal()

    await expect.poll(() => page.evaluate(() => window.messages), WITHIN).toEqual(['one', 'two', 'three'])
    expect(fixture.received).toEqual(['one', 'two', 'three'])
    expect(fixture.sockets).toMatchObject({ opened: 2, live: 1 })
    expect(await page.evaluate(() => window.client.stats.reconnects)).toBe(1)
  })

  it('notices a black hole by its heartbeat, and opens a new socket although the old one has not closed', async () => {
    // The second address leads past the hole, in which the first connection stays for good.
    await start(page, [fixture.throughProxy, fixture.direct], {
      backoff: QUICK,
      heartbeat: { intervalMs: 1000, timeoutMs: 1000 },
    })
    await opened(page)
    fixture.proxy.fault('blackHole')

    // By themselves browsers take 20 to 60 s.
    await expect.poll(() => fixture.sockets.opened, { ...WITHIN, timeout: 10_000 }).toBe(2)
    expect(fixture.sockets.live).toBe(2)
    expect(fixture.closes).toEqual([])
    expect(await sum(page, 1, 2)).toBe(3)
    expect(fixture.sockets).toMatchObject({ opened: 2, live: 2 })
    expect(await page.evaluate(() => window.statuses)).toEqual(
      expect.arrayContaining(['open', 'waiting', 'connecting']),
    )
  })

  it('stays connected when only the hint says offline', async () => {
    await start(page, [fixture.direct], { heartbeat: { intervalMs: 600_000, timeoutMs: 5000 } })
    await opened(page)
    await page.evaluate(() => window.dispatchEvent(new Event('offline')))
    // The hint is answered by a probe, and that by the server.
    await expect.poll(() => page.evaluate(() => window.client.stats.roundTripMs), WITHIN).toBeTypeOf('number')
    expect(await sum(page, 1, 2)).toBe(3)
    expect(fixture.sockets).toMatchObject({ opened: 1, live: 1 })
  })

  it('comes back when the page is online again, whatever it waited for', async () => {
    // WebKitGTK has no way to take the network away: there the page only hears of it.
    const setOffline =
      page.setOffline ??
      ((offline) =>
        page.evaluate(
          (hint) => {
            window.dispatchEvent(new Event(hint))
          },
          offline ? 'offline' : 'online',
        ))
    await start(page, [fixture.throughProxy], { backoff: LONG })
    await opened(page)
    await setOffline(true)
    fixture.proxy.fault('refuse')
    fixture.proxy.fault('cut')
    await expect.poll(() => waitsLong(page), WITHIN).toBe(true)
    fixture.proxy.heal()
    await setOffline(false)
    await expect.poll(() => statusOf(page), WITHIN).toBe('open')
    expect(await sum(page, 1, 2)).toBe(3)
    expect(fixture.sockets).toMatchObject({ opened: 2, live: 1 })
  })

  it('leaves one socket after five reconnect() in a row', async () => {
    await start(page, [fixture.direct], { backoff: QUICK })
    await opened(page)
    await page.evaluate(() => {
      for (let times = 0; times < 5; times++) window.client.reconnect()
    })
    expect(await sum(page, 1, 2)).toBe(3)
    await expect.poll(() => fixture.sockets.live, WITHIN).toBe(1)
    expect(await sum(page, 3, 4)).toBe(7)
    expect(fixture.sockets.live).toBe(1)
    expect(fixture.server.clients.size).toBe(1)
  })

  it('neither repeats nor drops anything when send throws in the flush', async () => {
    await loaded(page)
    await page.evaluate(
      (address, backoff) => {
        window.hasThrown = false
        class Moody extends WebSocket {
          override send(data: string) {
            if (data === 'three' && !window.hasThrown) {
              window.hasThrown = true
              throw new DOMException('Not now.', 'InvalidStateError')
            }
            super.send(data)
          }
        }
        window.client = window.connect(address, { environment: { WebSocket: Moody }, backoff })
        for (const text of ['one', 'two', 'three', 'four', 'five']) window.client.send(text)
      },
      fixture.direct,
      QUICK,
    )
    await expect.poll(() => fixture.received.at(-1), WITHIN).toBe('five')
    expect(await sum(page, 1, 2)).toBe(3)
    expect(fixture.received).toEqual(['one', 'two', 'three', 'four', 'five'])
    expect(await page.evaluate(() => window.hasThrown)).toBe(true)
  })

  it('opens nothing any more when closed during backoff', async () => {
    await start(page, [fixture.throughProxy], { backoff: { ...QUICK, firstWindowMs: 500 } })
    await opened(page)
    await page.evaluate(() => {
      window.client.on('status', ({ status, until }) => {
        if (status !== 'waiting') return
        window.nextAttempt = until
        window.client.close()
      })
    })
    fixture.proxy.fault('cut')
    await expect.poll(() => page.evaluate(() => window.nextAttempt), WITHIN).toBeTypeOf('number')
    // The time of the attempt that must not come, and as long again as it may take.
    await expect
      .poll(() => page.evaluate(() => Date.now() - (window.nextAttempt ?? Infinity)), WITHIN)
      .toBeGreaterThan(1000)
    expect(fixture.sockets).toMatchObject({ opened: 1, live: 0 })
    expect(await statusOf(page)).toBe('closed')
  })

  it('finds a server that appears after its port was refused', async () => {
    const port = await freePort()
    await start(page, [`ws://127.0.0.1:${port}/ws`], { backoff: QUICK })
    await expect.poll(() => page.evaluate(() => window.client.explain().attempts), WITHIN).toBeGreaterThanOrEqual(2)
    expect(await page.evaluate(() => window.client.explain().lastClose?.code)).toBe(1006)
    const late = await startFixture(port)
    try {
      expect(await sum(page, 1, 2)).toBe(3)
      expect(await statusOf(page)).toBe('open')
    } finally {
      await late.close()
    }
  })
})
