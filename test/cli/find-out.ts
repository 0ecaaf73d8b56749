/** A suite that cannot fail is worth nothing: of each server that breaks a rule it names just this rule. */
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type PLAIN, run } from '../../src/cli/conformance/run.js'
import { onEnd } from '../server/support.js'
import type { Mutation } from './mutations.js'
import { createTestApp, TOKEN } from './test-app.js'

/** Their checks take seconds, and say nothing of the other rules. */
const SLOW = ['P3.2', 'P3.5', 'P8.1', 'P14.1', 'P12.3']

afterEach(() => void vi.restoreAllMocks())

/** The rules of each check that is not passed. */
async function broken(checks: typeof PLAIN, { rule, options, apply }: Mutation): Promise<(readonly string[])[]> {
  apply?.()
  const server = createTestApp(options)
  onEnd(() => server.close({ windowMs: 0, graceMs: 0 }))
  const target = { url: `ws://127.0.0.1:${await server.listening()}`, token: TOKEN, timeoutMs: 1_000, WebSocket }
  const wanted = checks.filter(({ rules }) => rules.includes(rule) || !rules.some((one) => SLOW.includes(one)))
  const results = await run(wanted, target)
  return results.filter(({ outcome }) => outcome === 'failed' || outcome === 'warned').map(({ rules }) => rules)
}

/** Tests of one half of the suite; each half is a file of its own, for they wait more than they work. */
export function findOut(checks: typeof PLAIN, mutations: readonly Mutation[]): void {
  test.each(mutations)(
    '$rule a server that $how is found out',
    async (mutation) => {
      const rules = await broken(checks, mutation)
      expect(rules).not.toEqual([])
      expect(rules.filter((some) => !some.includes(mutation.rule))).toEqual([])
    },
    30_000,
  )
}
