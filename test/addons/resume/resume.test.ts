import { describe, expect, test } from 'vitest'
import { cutAndDial, greet, hiOf, openSession, said } from './support.js'

describe('a session', () => {
  test('P10.1 numbers what the page sends, and writes again what the server has not received', async () => {
    const world = await openSession()
    const { client } = world
    client.send('a')
    client.send('b')
    client.send('c')
    expect(said(world)).toEqual(['1 0 a', '2 0 b', '3 0 c'])
    world.socket.serverSend('ack 1')
    await cutAndDial(world)
    const resumed: unknown[] = []
    client.on('resumed', (event) => resumed.push(event))
    await greet(world, { resumed: true, key: 'key-2', received: 2 })
    expect(hiOf(world)).toMatchObject({ session: 'session-1', key: 'key-1', received: 0 })
    expect(said(world)).toEqual(['3 0 c'])
    expect(resumed).toEqual([{ replayed: 1, missedMs: 0 }])
    client.send('d')
    expect(said(world)).toEqual(['3 0 c', '4 0 d'])
  })
})
