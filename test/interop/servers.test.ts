/** The servers in examples/servers: under the conformance suite, with the client, and over a bad network. */
import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resumable } from '../../src/addons/resume/index.js'
import { createChecker, createFaultProxy } from '../../src/testing/index.js'
import { connectTo } from './client.js'
import { EXAMPLES, type Example } from './examples.js'
import { describeServer } from './suite.js'

const COMMAND = path.join(import.meta.dirname, '../../dist/cli/conformance.js')
const TOKEN = 's3cret'
const SOON = { timeout: 20_000, interval: 20 }

const CUTS = 8
const CUT_EVERY_MS = 300
const MESSAGES = 400

async function conforms(example: Example): Promise<void> {
  const server = await example.start({ port: 0, pingMs: 300, ttlMs: 1_000 })
  try {
    const args = [COMMAND, `ws://127.0.0.1:${server.port}`, '--token', TOKEN, '--json']
    if (example.hasSessions) args.push('--session')
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 })
    const { results } = JSON.parse(stdout)
    expect(results.filter(({ outcome }: { outcome: string }) => outcome !== 'passed')).toEqual([])
    expect(results.length).toBeGreaterThan(example.hasSessions ? 90 : 45)
  } finally {
    await server.kill()
  }
}

/** Says numbered texts, which come back, and asks numbered questions, while the connection is cut again and again. */
async function survivesCuts(example: Example): Promise<void> {
  const server = await example.start({ port: 0, pingMs: 1_000, ttlMs: 30_000 })
  const proxy = createFaultProxy({ target: { port: server.port } })
  try {
    const client = connectTo(`ws://127.0.0.1:${await proxy.listening()}`, { session: resumable() })
    const checker = createChecker()
    const [texts, items] = ['texts', 'items'].map((name) => checker.lane(name))
    let resumed = 0
    client.on('resumed', () => resumed++)
    client.on('message', (data) => texts?.received(Number(data)))
    await client.opened()
    const streamed = (async () => {
      for (let n = 1; n <= 1_000; n++) items?.sent(n)
      for await (const item of client.stream('count', 1_000)) items?.received(item)
    })()
    const tickets: Promise<number>[] = []
    let said = 0
    const say = (upTo: number): void => {
      for (; said < upTo; said++) {
        const n = said
        texts?.sent(n)
        client.send(`${n}`)
        tickets.push(client.request('ticket'))
      }
    }
    for (let cut = 1; cut <= CUTS; cut++) {
      const before = client.stats.reconnects
      for (let part = 1; part <= 10; part++) {
        say(Math.round(((cut - 1 + part / 10) * MESSAGES) / CUTS))
        await new Promise((resolve) => setTimeout(resolve, CUT_EVERY_MS / 10))
      }
      // With all that is on its way.
      proxy.fault('cut')
      await expect.poll(() => client.stats.reconnects, SOON).toBeGreaterThan(before)
    }
    await streamed
    // Each was run, and none twice: the server gives one ticket after the other.
    const drawn = (await Promise.all(tickets)).sort((a, b) => a - b)
    expect(drawn).toEqual(Array.from({ length: MESSAGES }, (_, i) => i + 1))
    await expect.poll(() => texts?.report().received, SOON).toBe(MESSAGES)
    checker.assertExactlyOnce()
    expect(checker.lane('items').report().received).toBe(1_000)
    expect(client.stats).toMatchObject({ protocolErrors: 0, dropped: 0 })
    expect(resumed).toBeGreaterThanOrEqual(CUTS)
  } finally {
    await proxy.close()
    await server.kill()
  }
}

describe.each(EXAMPLES)('$name', (example) => {
  beforeAll(() => example.prepare())
  afterAll(() => example.clean())

  test.skipIf(example.skip)('keeps the rules of PROTOCOL.md', () => conforms(example))

  test.skipIf(example.skip || !example.hasSessions)(
    'P11.3 loses nothing, doubles nothing and keeps the order while its connection is cut again and again',
    () => survivesCuts(example),
  )

  describeServer('with the client', example.skip, (port, pingMs) => example.start({ port, pingMs, ttlMs: 30_000 }))
})
