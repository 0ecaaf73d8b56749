import { expect } from 'vitest'
import type { Client, ConnectOptions, connect, Status } from '../../src/index.js'
import type { Page } from './drivers/index.js'
import type { App } from './fixture.js'

declare global {
  interface Window {
    /** Put there by each of the pages in `pages/`. */
    connect: typeof connect
    /** Put there by `start`, as are the next ones. */
    client: Client<App>
    /** Each status that the client has had. */
    statuses: Status[]
    /** Raw messages from the server; bytes as an array of numbers. */
    messages: (string | number[])[]
    /** Whether the page has come back from the back/forward cache. */
    wasPutAside: boolean
    /** Put there by a test: when the attempt was due that its `close` forestalled. */
    nextAttempt?: number | undefined
    /** Put there by a test: whether its `send` has thrown. */
    hasThrown?: boolean
  }
}

/** Waits that are short enough for a test, and come in the order that a user would see. */
export const QUICK = { firstWindowMs: 50, initialMs: 50, maxMs: 200 }

/** After a first failed attempt, waits that are mostly longer than a test. */
export const LONG = { firstWindowMs: 50, initialMs: 600_000, maxMs: 600_000 }

/** Makes a client in the page. It dials the addresses in turn, and from then on the last one. */
export async function start(page: Page, addresses: readonly string[], options: ConnectOptions = {}): Promise<void> {
  await loaded(page)
  await page.evaluate(
    (addresses, options) => {
      let dialled = 0
      window.statuses = []
      window.messages = []
      window.wasPutAside = false
      window.client = window.connect<App>(() => addresses[Math.min(dialled++, addresses.length - 1)] ?? '', options)
      window.client.on('status', ({ status }) => {
        if (window.statuses.at(-1) !== status) window.statuses.push(status)
      })
      window.client.on('message', (data) => {
        window.messages.push(typeof data === 'string' ? data : [...new Uint8Array(data)])
      })
      window.addEventListener('pageshow', (event) => {
        window.wasPutAside = event.persisted
      })
    },
    addresses,
    options,
  )
}

/** Waits until the page has the library: a driver may hand the page over before its modules have run. */
export const loaded = (page: Page): Promise<void> =>
  expect.poll(() => page.evaluate(() => typeof window.connect), WITHIN).toBe('function')

/** Waits until the client is open. */
export const opened = (page: Page): Promise<void> => page.evaluate(() => window.client.opened())

/** Asks the server, and so waits until it is there. */
export const sum = (page: Page, a: number, b: number): Promise<number> =>
  page.evaluate((a, b) => window.client.request('sum', [a, b]), a, b)

export const statusOf = (page: Page): Promise<Status> => page.evaluate(() => window.client.status)

/** How long, in ms, a test waits for what must happen. */
export const WITHIN = { timeout: 20_000, interval: 25 }

/** Whether the client sits out a wait that is longer than the rest of its test. */
export const waitsLong = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const { status, until = 0 } = window.client.explain()
    return status === 'waiting' && until > Date.now() + 20_000
  })
