import { expect, test } from 'vitest'
import type { ActiveTrouble } from '../../demo/app.js'
import type { Demo } from '../../demo/server/start.js'
import type { CloseInfo } from '../../src/index.js'
import { makeTrouble, start, until, visit } from './support.js'

const active = async (demo: Demo): Promise<ActiveTrouble[]> => (await fetch(new URL('/trouble', demo.url))).json()

/** A visitor, and how its connections have ended. */
async function visitor(demo: Demo) {
  const client = await visit(demo, 'Ada')
  const closes: CloseInfo[] = []
  client.on('close', (close) => closes.push(close))
  return { client, closes }
}

test('cut: the connection ends without a goodbye and comes back', async () => {
  const demo = await start()
  const { client, closes } = await visitor(demo)
  await makeTrouble(demo, 'cut')
  await until(() => client.stats.reconnects, 1)
  expect(closes.map(({ code }) => code)).toEqual([1006])
  expect(await client.request('ask.who')).toBeDefined()
})

test('refuse: nobody gets in until it ends', async () => {
  const demo = await start()
  const { client } = await visitor(demo)
  await makeTrouble(demo, 'refuse')
  expect(await active(demo)).toEqual([{ name: 'refuse', leftMs: expect.closeTo(10_000, -3) }])
  await until(() => client.stats.attempts >= 2, true)

  await makeTrouble(demo, 'refuse', false)
  expect(await active(demo)).toEqual([])
  await until(() => client.status, 'open')
})

test('black hole: requests get no answer and the connection stays open; afterwards they do', async () => {
  const demo = await start()
  const { client, closes } = await visitor(demo)
  await makeTrouble(demo, 'black-hole')
  await expect(client.request('ask.who', undefined, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect([client.status, closes]).toEqual(['open', []])

  await makeTrouble(demo, 'black-hole', false)
  expect(await client.request('ask.who', undefined, { timeoutMs: 5_000 })).toBeDefined()
})

test('slow: everything takes 800 ms longer each way, until it is switched off', async () => {
  const demo = await start()
  const { client } = await visitor(demo)
  await makeTrouble(demo, 'slow')
  const slowFrom = performance.now()
  await client.request('ask.who')
  expect(performance.now() - slowFrom).toBeGreaterThanOrEqual(1_599)

  await makeTrouble(demo, 'slow', false)
  const fastFrom = performance.now()
  await client.request('ask.who')
  expect(performance.now() - fastFrom).toBeLessThan(1_599)
})

test('throw away: everybody is told a window of 4 s and comes back in it', async () => {
  const demo = await start()
  const [one, two] = await Promise.all([visitor(demo), visitor(demo)])
  await makeTrouble(demo, 'throw-away')
  await until(() => [one, two].map(({ closes }) => closes.map(({ code }) => code)), [[1012], [1012]])
  expect(one.closes[0]?.reason).toContain('retry=0-4000')
  await until(() => [one.client.status, two.client.status], ['open', 'open'], 6_000)
}, 10_000)

test('expire the token: closed with 4401, and back with a new token', async () => {
  const demo = await start()
  const { client, closes } = await visitor(demo)
  await makeTrouble(demo, 'expire-token')
  await until(() => client.stats.reconnects, 1)
  expect(closes.map(({ code }) => code)).toEqual([4401])
  expect(await client.request('chat.post', { id: 'm', text: 'still me' })).toMatchObject({ name: 'Ada' })
})

test('restart, twice at once: the server is gone once and comes back', async () => {
  const demo = await start()
  const { client, closes } = await visitor(demo)
  await makeTrouble(demo, 'restart')
  await makeTrouble(demo, 'restart')
  await until(() => closes.map(({ code }) => code), [1012])
  await until(() => client.status, 'open', 12_000)
  expect(closes).toHaveLength(1)
}, 15_000)

test('trouble that there is not, by the wrong method, or from another site is refused', async () => {
  const demo = await start()
  const ask = async (path: string, init?: RequestInit) => (await fetch(new URL(path, demo.url), init)).status
  expect(await ask('/trouble/rain', { method: 'POST' })).toBe(404)
  expect(await ask('/trouble/constructor', { method: 'POST' })).toBe(404)
  expect(await ask('/trouble/cut')).toBe(405)
  expect(await ask('/trouble/cut', { method: 'POST', headers: { origin: 'https://elsewhere.example' } })).toBe(403)
  expect(await ask('/trouble/cut', { method: 'POST', headers: { origin: new URL(demo.url).origin } })).toBe(200)
})
