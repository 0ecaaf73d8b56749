import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { LIMITS } from '../../demo/app.js'
import { listen, makeTrouble, start, until, visit } from './support.js'

test('what one says, everybody hears, with name and time', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  const heardByAda = listen(ada, 'message')
  const heardByBob = listen(await visit(demo, 'Bob'), 'message')

  const answer = await ada.request('chat.post', { id: 'm1', text: ' hello ' })
  expect(answer).toMatchObject({ id: 'm1', name: 'Ada', text: 'hello' })
  expect(Math.abs(answer.at - Date.now())).toBeLessThan(5_000)
  await until(() => [heardByAda, heardByBob], [[answer], [answer]])
})

test('a message posted twice with the same id is said once', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  const heard = listen(ada, 'message')
  const first = await ada.request('chat.post', { id: 'same', text: 'hello' })
  const second = await ada.request('chat.post', { id: 'same', text: 'hello' })
  await ada.request('chat.post', { id: 'other', text: 'bye' })
  expect(second).toEqual(first)
  await until(() => heard.map(({ text }) => text), ['hello', 'bye'])
})

test('a newcomer gets the last 100 messages, in order', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  for (let i = 0; i < LIMITS.history + 5; i++) await ada.request('chat.post', { id: `m${i}`, text: `${i}` })

  const bob = await visit(demo, 'Bob')
  const history = listen(bob, 'history')
  await bob.channel('chat').join()
  await until(() => history.length, 1)
  const texts = history[0]?.map(({ text }) => text)
  expect(texts).toHaveLength(100)
  expect([texts?.[0], texts?.at(-1)]).toEqual(['5', '104'])
  const times = history[0]?.map(({ at }) => at) ?? []
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
})

test('people come and go, are renamed, and count once however many tabs they have', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  const people = listen(ada, 'people')
  const names = () => people.at(-1)?.map(({ name }) => name)

  const person = randomUUID()
  const first = await visit(demo, 'Bob', person)
  const second = await visit(demo, 'Bob', person)
  await until(names, ['Ada', 'Bob'])
  await second.request('chat.rename', { name: 'Bobby' })
  await until(names, ['Ada', 'Bobby'])
  second.close()
  await until(names, ['Ada', 'Bob'])
  first.close()
  await until(names, ['Ada'])
})

test('who is writing is told to the others, and how far people have read to all', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  const bob = await visit(demo, 'Bob')
  const [typingForAda, typingForBob, people] = [listen(ada, 'typing'), listen(bob, 'typing'), listen(ada, 'people')]

  bob.channel('chat').send('typing')
  await until(() => typingForAda.map((person) => person?.name), ['Bob'])
  expect(typingForBob).toEqual([])

  const { at } = await ada.request('chat.post', { id: 'm', text: 'read me' })
  bob.channel('chat').send('read', at)
  await until(
    () => people.at(-1)?.map(({ name, readUpTo }) => [name, readUpTo]),
    [
      ['Ada', 0],
      ['Bob', at],
    ],
  )
})

test('empty and too long messages are refused in words', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  await expect(ada.request('chat.post', { id: 'a', text: '  ' })).rejects.toMatchObject({
    message: 'The text is missing.',
  })
  await expect(ada.request('chat.post', { id: 'b', text: 'x'.repeat(LIMITS.text + 1) })).rejects.toMatchObject({
    code: 'too_long',
    message: 'The text is longer than 2000 characters.',
  })
})

test('a message written in an outage arrives once, and a page that was away gets what it missed', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  const bob = await visit(demo, 'Bob')
  const heard = listen(bob, 'message')
  const history = listen(bob, 'history')

  await makeTrouble(demo, 'refuse')
  await until(() => [ada.status === 'open', bob.status === 'open'], [false, false])
  const posted = ada.request('chat.post', { id: 'm', text: 'written in the dark' }, { idempotent: true })
  await makeTrouble(demo, 'refuse', false)

  await posted
  await until(() => new Set([...history.flat(), ...heard].map(({ text }) => text)), new Set(['written in the dark']))
  expect(heard.length).toBeLessThanOrEqual(1)
})

test('the history outlives a restart of the server', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  await ada.request('chat.post', { id: 'm', text: 'before' })
  const history = listen(ada, 'history')
  await makeTrouble(demo, 'restart')
  await until(() => history.at(-1)?.map(({ text }) => text), ['before'], 15_000)
  expect(ada.stats.reconnects).toBeGreaterThanOrEqual(1)
}, 20_000)
