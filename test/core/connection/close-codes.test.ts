import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type Policy, policyOf } from '../../../src/core/connection/close-codes.js'
import { ClientClosed, type CloseInfo } from '../../../src/index.js'
import { open, start } from '../support.js'

/** Each line of the table: what its codes do, with and without a way to get fresh credentials. */
const TABLE: readonly (readonly [policy: Policy, codes: readonly number[]])[] = [
  ['stop', [1002, 1003, 1007, 1010]],
  ['refresh', [1008, 3000, 4401]],
  ['retry', [1012, 1013]],
  ['stop', [3003, 4400, 4402, 4403, 4404, 4409, 4450, 4499]],
  ['retry', [4408, 4425, 4429]],
  ['retry', [1000, 1001, 1005, 1006, 1009, 1011, 1014, 1015, 3001, 3999, 4000, 4399, 4500, 4999]],
]
const CODES = TABLE.flatMap(([policy, codes]) => codes.map((code) => ({ code, policy })))

describe('P7.3 the close code sets the policy', () => {
  test.each(CODES)('$code: $policy', ({ code, policy }) => {
    expect(policyOf(code)).toBe(policy)
  })

  test.each(CODES)('P7.3 a client closed with $code does what the table says: $policy', async ({ code, policy }) => {
    const { client, environment, socket } = await open()
    const closes: CloseInfo[] = []
    client.on('close', (close) => closes.push(close))
    socket.serverClose(code, 'why')
    expect(closes).toEqual([{ code, reason: 'why', wasClean: true, policy, unconfirmed: 0 }])
    // Without a provider there are no fresh credentials.
    expect(client.status).toBe(policy === 'retry' ? 'waiting' : 'closed')
    // Longer than any of these waits, and shorter than an attempt may take.
    await environment.advance(9000)
    expect(environment.sockets).toHaveLength(policy === 'retry' ? 2 : 1)
  })

  test('P7.3 the table in PROTOCOL.md names every code that has a rule of its own', () => {
    const section = /## 7\. Closing([\s\S]*?)\n## 8/.exec(readFileSync('PROTOCOL.md', 'utf8'))?.[1] ?? ''
    for (const code of [1002, 1003, 1007, 1010, 1008, 3000, 4401, 1012, 1013, 3003, 4400, 4499, 4408, 4425, 4429]) {
      expect(section).toContain(String(code))
    }
  })
})

describe('credentials', () => {
  test('P7.3 are asked for again after 4401, with the close before it', async () => {
    const asked: unknown[] = []
    const { client, environment } = await start({
      auth(lastClose) {
        asked.push(lastClose?.code)
        return `token ${asked.length}`
      },
    })
    environment.sockets[0]?.accept()
    environment.sockets[0]?.serverClose(4401, 'expired')
    expect(client.status).toBe('waiting')
    await environment.advance(1000)
    environment.sockets[1]?.accept()
    expect(asked).toEqual([undefined, 4401])
    expect(environment.sockets[1]?.sent[0]).toContain('token 2')
  })

  test('P7.3 may also come from the address', async () => {
    const asked: unknown[] = []
    const { client, socket } = await open({
      url: (lastClose) => {
        asked.push(lastClose?.code)
        return 'wss://server.test/'
      },
    })
    socket.serverClose(1008)
    expect(client.status).toBe('waiting')
  })
})

describe('shouldReconnect', () => {
  const closedWith = async (code: number, shouldReconnect: (close: CloseInfo) => boolean | undefined) => {
    const world = await open({ shouldReconnect })
    world.socket.serverClose(code)
    return world
  }

  test('true brings back what the code would end', async () => {
    const { client, environment } = await closedWith(4403, () => true)
    expect(client.status).toBe('waiting')
    await environment.advance(1000)
    expect(environment.sockets).toHaveLength(2)
  })

  test('false ends what the code would bring back', async () => {
    const { client, environment } = await closedWith(1006, () => false)
    expect(client.status).toBe('closed')
    await environment.advance(60_000)
    expect(environment.sockets).toHaveLength(1)
  })

  test('undefined leaves it to the code', async () => {
    expect((await closedWith(1006, () => undefined)).client.status).toBe('waiting')
    expect((await closedWith(4403, () => undefined)).client.status).toBe('closed')
  })

  test('a throw is reported, and leaves it to the code', async () => {
    const { client, errors } = await closedWith(1006, () => {
      throw new Error('oops')
    })
    expect(client.status).toBe('waiting')
    expect(errors).toMatchObject([{ code: 'LISTENER', cause: { message: 'oops' } }])
  })

  test('is told how the connection ended', async () => {
    const closes: CloseInfo[] = []
    await closedWith(4403, (close) => {
      closes.push(close)
      return undefined
    })
    expect(closes).toEqual([{ code: 4403, reason: '', wasClean: true, policy: 'stop', unconfirmed: 0 }])
  })

  test('is asked after a failed attempt, too', async () => {
    const { client, socket } = await start({ shouldReconnect: () => false })
    socket.refuse()
    expect(client.status).toBe('closed')
    await expect(client.opened()).rejects.toThrow(ClientClosed)
  })

  test('may close the client', async () => {
    const world = await start({
      shouldReconnect: () => {
        world.client.close()
        return true
      },
    })
    world.socket.accept()
    world.socket.cut()
    await world.environment.advance(60_000)
    expect(world.client.status).toBe('closed')
    expect(world.environment.sockets).toHaveLength(1)
  })
})

describe('the window of the server', () => {
  test('P7.1 in the close reason replaces the wait, once', async () => {
    const { client, environment, socket } = await open()
    socket.serverClose(1001, 'restart retry=2000-4000')
    expect(client.explain()).toMatchObject({ waitingFor: 'server-window', until: environment.now() + 3000 })
    await environment.advance(2999)
    expect(environment.sockets).toHaveLength(1)
    await environment.advance(1)
    environment.sockets[1]?.refuse()
    expect(client.explain()).toMatchObject({ waitingFor: 'retry' })
  })

  test('P7.1 of more than seven digits is none', async () => {
    const { client, environment, socket } = await open()
    socket.serverClose(1001, 'retry=0-99999999')
    expect(client.explain().waitingFor).toBe('retry')
    expect(client.explain().until).toBeLessThanOrEqual(environment.now() + 30_000)
  })

  test.each([1012, 1013])('P7.2 of %i is 0 to 5 s if it names none', async (code) => {
    const { client, environment, socket } = await open()
    environment.chance = 0.9
    socket.serverClose(code, 'restart')
    expect(client.explain()).toMatchObject({ waitingFor: 'server-window', until: environment.now() + 4500 })
  })

  test('P7.2 of 1012 gives way to one in the reason', async () => {
    const { client, environment, socket } = await open()
    socket.serverClose(1012, 'restart retry=0-30000')
    expect(client.explain().until).toBe(environment.now() + 15_000)
  })

  test('P7.1 of a code that ends brings nobody back', async () => {
    const { client, socket } = await open()
    socket.serverClose(4403, 'forbidden retry=0-1000')
    expect(client.status).toBe('closed')
  })

  test('P1.3 counts also on a socket that was accepted only to be refused', async () => {
    const { client, environment, socket } = await start({ auth: () => 's3cret' })
    socket.accept()
    socket.serverClose(1013, 'full retry=10000-10000')
    expect(client.explain()).toMatchObject({
      waitingFor: 'server-window',
      until: environment.now() + 10_000,
      lastClose: { code: 1013, reason: 'full retry=10000-10000' },
    })
  })
})
