import { expect, test } from 'vitest'
import type { ActiveTrouble } from '../../demo/app.js'
import type { Demo } from '../../demo/server/start.js'
import type { ClientEvents } from '../../src/index.js'
import { listen, makeTrouble, say, start, until, visit } from './support.js'

const active = async (demo: Demo): Promise<ActiveTrouble[]> => (await fetch(new URL('/trouble', demo.url))).json()

/** A visitor, and what its client has told. */
async function visitor(demo: Demo) {
  const client = await visit(demo, 'Ada')
  const keep = <E extends 'close' | 'resumed' | 'sessionlost' | 'gap'>(event: E): ClientEvents[E][] => {
    const told: ClientEvents[E][] = []
    client.on<E>(event, (data) => told.push(data))
    return told
  }
  return { client, closes: keep('close'), resumed: keep('resumed'), lost: keep('sessionlost'), gaps: keep('gap') }
}

test('cut: the connection ends without a goodbye, and the session goes on', async () => {
  const demo = await start()
  const { client, closes, resumed, lost } = await visitor(demo)
  await makeTrouble(demo, 'cut')
  await until(() => resumed.length, 1)
  expect(closes.map(({ code }) => code)).toEqual([1006])
  expect(lost).toEqual([])
  expect(await client.request('ask.who')).toBeDefined()
})

test('flap: cut again and again, until it ends', async () => {
  const demo = await start()
  const { client, resumed, lost } = await visitor(demo)
  await makeTrouble(demo, 'flap')
  await until(() => resumed.length >= 2, true, 15_000)
  await makeTrouble(demo, 'flap', false)
  await until(() => client.status, 'open')
  await say(client, 'm', 'still here')
  expect(lost).toEqual([])
}, 25_000)

test('refuse: nobody gets in until it ends', async () => {
  const demo = await start()
  const { client, resumed } = await visitor(demo)
  await makeTrouble(demo, 'refuse')
  expect(await active(demo)).toEqual([{ name: 'refuse', leftMs: expect.closeTo(10_000, -3) }])
  await until(() => client.stats.attempts >= 2, true)

  await makeTrouble(demo, 'refuse', false)
  expect(await active(demo)).toEqual([])
  await until(() => resumed.length, 1)
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

test('lost answers: the server acts, nobody hears, and it is done once all the same', async () => {
  const demo = await start()
  const { client, closes } = await visitor(demo)
  const messages = listen(client, 'message')
  await makeTrouble(demo, 'lost-answers')
  const said = say(client, 'm', 'once')
  await until(() => closes.length >= 1, true, 15_000)
  expect(messages).toEqual([])
  await makeTrouble(demo, 'lost-answers', false)
  await said
  expect(messages.map(({ text }) => text)).toEqual(['once'])
}, 30_000)

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

test('expire the token: back with a new one, in the same session and as the same person', async () => {
  const demo = await start()
  const { client, resumed, lost } = await visitor(demo)
  const messages = listen(client, 'message')
  await makeTrouble(demo, 'expire-token')
  await until(() => resumed.length, 1)
  expect(lost).toEqual([])
  await say(client, 'm', 'still me')
  expect(messages.map(({ name, text }) => `${name}: ${text}`)).toEqual(['Ada: still me'])
})

test('planned restart: all go over to the next server, and what is said meanwhile reaches all, once and in order', async () => {
  const demo = await start()
  const [one, two] = [await visitor(demo), await visitor(demo)]
  const servers = [listen(one.client, 'server'), listen(two.client, 'server')]
  const heard = [listen(one.client, 'message'), listen(two.client, 'message')]
  await makeTrouble(demo, 'restart')

  let said = 0
  while (servers.some((numbers) => numbers.at(-1) !== 2)) {
    await say(said % 2 ? one.client : two.client, `m${said}`, `${said}`)
    said++
  }
  await say(one.client, 'last', 'last')
  await until(() => heard.map((messages) => messages.at(-1)?.text), ['last', 'last'])
  const texts = [...Array.from({ length: said }, (_, i) => `${i}`), 'last']
  for (const messages of heard) expect(messages.map(({ text }) => text)).toEqual(texts)
  for (const { closes, lost, gaps } of [one, two]) expect([closes, lost, gaps]).toEqual([[], [], []])
}, 20_000)

test('kill: the session is lost and said to be; the database is not, and gives the chat anew', async () => {
  const demo = await start()
  const { client, lost, gaps } = await visitor(demo)
  await say(client, 'm', 'before')
  const states = listen(client, 'state')
  // So that it is on its way when the server dies.
  await makeTrouble(demo, 'black-hole')
  const doubtful = expect(say(client, 'd', 'doubtful')).rejects.toMatchObject({ code: 'DELIVERY_UNKNOWN' })
  await until(() => client.stats.unacknowledged >= 1, true)
  await makeTrouble(demo, 'kill')
  await makeTrouble(demo, 'black-hole', false)

  await until(() => states.map(({ messages }) => messages.map(({ text }) => text)), [['before']], 15_000)
  await doubtful
  expect(lost).toMatchObject([{ why: 'unknown', unknown: 1 }])
  expect(gaps).toContainEqual(expect.objectContaining({ channel: 'chat', why: 'epoch' }))

  await say(client, 'd', 'doubtful')
  const newcomer = await visit(demo, 'Bob', { joins: false })
  const seen = listen(newcomer, 'state')
  await newcomer.channel('chat').join()
  await until(() => seen[0]?.messages.map(({ text }) => text), ['before', 'doubtful'])
}, 25_000)

test('while one server takes the place of another, neither restart nor kill is done', async () => {
  const demo = await start()
  await visit(demo, 'Ada')
  await makeTrouble(demo, 'restart')
  for (const name of ['restart', 'kill']) {
    const response = await fetch(new URL(`/trouble/${name}`, demo.url), { method: 'POST' })
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('taking the place')])
  }
})

test('trouble that there is not, by the wrong method, or from another site is refused', async () => {
  const demo = await start()
  const ask = async (path: string, init?: RequestInit) => (await fetch(new URL(path, demo.url), init)).status
  expect(await ask('/trouble/rain', { method: 'POST' })).toBe(404)
  expect(await ask('/trouble/constructor', { method: 'POST' })).toBe(404)
  expect(await ask('/trouble/cut')).toBe(405)
  expect(await ask('/trouble/cut', { method: 'POST', headers: { origin: 'https://elsewhere.example' } })).toBe(403)
  expect(await ask('/trouble/cut', { method: 'POST', headers: { origin: new URL(demo.url).origin } })).toBe(200)
})
