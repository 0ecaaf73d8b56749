import { expect, test } from 'vitest'
import { openSession, sayBye } from './support.js'

test('P12.3 a second socket that fails before it opens is heard, and the first goes on', async () => {
  const world = await openSession()
  await sayBye(world)
  const second = world.socket
  // An `error` of `ws` without a listener would end the process.
  expect(second.onerror).not.toBeNull()
  second.refuse()
  await world.environment.settle()
  expect(world.client.status).toBe('open')
  expect(world.client.stats.reconnects).toBe(0)
  expect(world.errors).toEqual([])
})
