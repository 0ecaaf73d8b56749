import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { LIMITS } from '../../demo/app.js'
import { listen, makeTrouble, say, start, until, visit } from './support.js'

test('what one says, everybody hears, with name and time', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  const heardByAda = listen(ada, 'message')
  const heardByBob = listen(await visit(demo, 'Bob'), 'message')

  await say(ada, 'm1', ' hello ')
  const [message] = heardByAda
  expect(message).toMatchObject({ id: 'm1', name: 'Ada', text: 'hello' })
  expect(Math.abs((message?.at ?? 0) - Date.now())).toBeLessThan(5_000)
  await until(() => [heardByAda, heardByBob], [[message], [message]])
})

test('what is said twice with the same id is shown once, and who said it hears so', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  const heardByAda = listen(ada, 'message')
  const heardByBob = listen(await visit(demo, 'Bob'), 'message')
  await say(ada, 'same', 'hello')
  await say(ada, 'same', 'hello')
  await say(ada, 'other', 'bye')
  await until(() => heardByBob.map(({ text }) => text), ['hello', 'bye'])
  expect(heardByAda.map(({ text }) => text)).toEqual(['hello', 'hello', 'bye'])
  expect(heardByAda[1]).toEqual(heardByAda[0])
})

test('a newcomer gets the last 100 messages, in order', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  await Promise.all(Array.from({ length: LIMITS.history + 5 }, (_, i) => say(ada, `m${i}`, `${i}`)))

  const bob = await visit(demo, 'Bob', { joins: false })
  const states = listen(bob, 'state')
  await bob.channel('chat').join()
  await until(() => states.length, 1)
  const messages = states[0]?.messages ?? []
  expect(messages).toHaveLength(100)
  expect([messages[0]?.text, messages.at(-1)?.text]).toEqual(['5', '104'])
  const times = messages.map(({ at }) => at)
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
  expect(states[0]?.people.map(({ name }) => name)).toEqual(['Ada', 'Bob'])
})

test('people come and go, are renamed, and count once however many tabs they have', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  const people = listen(ada, 'people')
  const names = () => people.at(-1)?.map(({ name }) => name)

  const id = randomUUID()
  const first = await visit(demo, 'Bob', { id })
  const second = await visit(demo, 'Bob', { id })
  await until(names, ['Ada', 'Bob'])
  await second.request('chat.rename', { name: 'Bobby' })
  await until(names, ['Ada', 'Bobby'])
  second.close()
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

  const messages = listen(ada, 'message')
  await say(ada, 'm', 'read me')
  const { at = 0 } = messages[0] ?? {}
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
  const [messages, refused] = [listen(ada, 'message'), listen(ada, 'refused')]
  await say(ada, 'a', '  ')
  await say(ada, 'b', 'x'.repeat(LIMITS.text + 1))
  expect(refused).toEqual([
    { id: 'a', code: 'invalid_params', why: 'The text is missing.' },
    { id: 'b', code: 'too_long', why: 'The text is longer than 2000 characters.' },
  ])
  expect(messages).toEqual([])
})

test('a message said in an outage arrives once, and is acknowledged only then', async () => {
  const demo = await start()
  const ada = await visit(demo, 'Ada')
  const bob = await visit(demo, 'Bob')
  const heard = listen(bob, 'message')

  await makeTrouble(demo, 'refuse')
  await until(() => [ada.status === 'open', bob.status === 'open'], [false, false])
  let isAcknowledged = false
  const said = say(ada, 'm', 'said in the dark').then(() => {
    isAcknowledged = true
  })
  await until(() => ada.stats.attempts >= 1, true)
  expect(isAcknowledged).toBe(false)
  await makeTrouble(demo, 'refuse', false)

  await said
  await until(() => heard.map(({ text }) => text), ['said in the dark'])
})
