/** What happens when all clients lose their connection in one moment: the promise, and the model that stands for it. */
import { describe, expect, test } from 'vitest'
import { compare } from '../../bench/storm/check.js'
import { CLIENTS } from '../../bench/storm/clients.js'
import { outageOf } from '../../bench/storm/measure.js'
import { simulate } from '../../bench/storm/model.js'
import { drawStorm } from '../../bench/storm/picture.js'
import { runStorm } from '../../bench/storm/real.js'
import { HOLDFAST, RULES, type Rule } from '../../bench/storm/rules.js'
import { refusalOnly, windowsOf } from '../../bench/storm/windows.js'

/** Real code of a thousand clients, beside other tests. */
const SLOW = 60_000

const MANY = outageOf(10_000)
const SEEDS = [1, 2, 3, 4, 5]
/** The same caps, and waits that are spread over all of them. */
const fromZero: Rule = (failures, random) => random() * (failures ? Math.min(30_000, 500 * 2 ** failures) : 1000)

/** The count of one second scatters by its root: 5 % at this size. `npm run storm -- --check` is at 10,000. */
const tolerance = (figure: string): number => (figure === 'peak' ? 0.1 : 0.05)

describe('the model', () => {
  test.each(CLIENTS)(
    '$name: agrees with real code',
    async ({ name, draws }) => {
      // With room, and so many that chance weighs little; the others are sure after a few.
      const clients = draws ? 2000 : 200
      const { worst, real } = await compare(name, { clients, awayMs: 60_000, perSecond: clients / 12 }, 1)
      expect(real.attempts).toBeGreaterThan(clients)
      expect(worst.share, worst.figure).toBeLessThan(tolerance(worst.figure))
    },
    SLOW,
  )

  test.each([
    ['told a window before', windowsOf],
    ['refused with a window', refusalOnly],
  ] as const)(
    'agrees with holdfast that is %s',
    async (_, windows) => {
      const outage = { clients: 2000, awayMs: 10_000, perSecond: 200 }
      const { worst } = await compare('holdfast', outage, 1, windows(outage))
      expect(worst.share, worst.figure).toBeLessThan(tolerance(worst.figure))
    },
    SLOW,
  )

  test('gives the same storm for the same seed, and another for another', () => {
    const storm = (seed: number) => simulate(HOLDFAST.rule, outageOf(1000), seed)
    expect(storm(1)).toEqual(storm(1))
    expect(storm(1)).not.toEqual(storm(2))
  })

  test('says if a storm does not end', () => {
    expect(() => simulate(() => 3_600_000, outageOf(1000), 1)).toThrow('not over')
  })
})

describe('holdfast by its defaults', () => {
  test.each(RULES.slice(1))('comes more rarely than $name, and with a lower peak', ({ rule }) => {
    for (const seed of SEEDS) {
      const own = simulate(HOLDFAST.rule, MANY, seed)
      const other = simulate(rule, MANY, seed)
      expect(own.attempts).toBeLessThan(other.attempts)
      expect(own.peak).toBeLessThan(other.peak)
    }
  })

  test.each([30, 45, 60, 75, 120, 300])('is back within 28 s after %i s, and below what the server takes', (away) => {
    for (const seed of SEEDS) {
      const { mostMs, peak } = simulate(HOLDFAST.rule, outageOf(10_000, away * 1000), seed)
      expect(mostMs).toBeLessThan(28_000)
      expect(peak).toBeLessThan(1.05 * MANY.perSecond)
    }
  })

  test.each([0.5, 1, 2, 3, 5, 7, 10, 20])(
    'notices the end of an outage of %d s as soon as with waits from 0',
    (seconds) => {
      const back = (rule: Rule) =>
        simulate(rule, { clients: 20_000, awayMs: seconds * 1000, perSecond: 20_000 }, 1).halfMs
      expect(back(HOLDFAST.rule)).toBeLessThan(1.02 * back(fromZero))
    },
  )
})

describe('a window set by the server', () => {
  test(
    'brings back real clients at an even rate',
    async () => {
      const outage = outageOf(2000)
      const [holdfast] = CLIENTS
      if (!holdfast) throw new Error('There is no holdfast.')
      const { attempts, away, peak, mostMs } = await runStorm(holdfast, outage, 1, windowsOf(outage))
      expect(away).toBe(0)
      expect(attempts / outage.clients).toBeLessThan(1.3)
      expect(peak).toBeLessThan(1.2 * outage.perSecond)
      expect(mostMs).toBeLessThan(26_000)
    },
    SLOW,
  )

  test('holds for a million', () => {
    const outage = outageOf(1_000_000)
    const { attempts, peak, mostMs } = simulate(HOLDFAST.rule, outage, 1, windowsOf(outage))
    expect(attempts / outage.clients).toBeLessThan(1.01)
    expect(peak).toBeLessThan(outage.perSecond)
    expect(mostMs).toBeLessThan(26_000)
  })
})

test('the picture says in words what it shows, and has no colour that only one ground can bear', () => {
  const outage = outageOf(1000)
  const svg = drawStorm(outage, [{ name: 'holdfast', figures: simulate(HOLDFAST.rule, outage, 1) }], 1)
  expect(svg).toMatch(/<title>Attempts a second\. holdfast: peak \d+, 99 % after \d+ s\.<\/title>/)
  expect(svg).toContain('prefers-color-scheme: dark')
})
