/** How long each library waits, by its defaults. */
import { normalise } from '../../src/core/client/options.js'
import { backoffDelay } from '../../src/core/connection/backoff.js'
import { fakeEnvironment } from '../../src/testing/index.js'

/**
 * The wait in ms before the next attempt, after `failures` failed ones since the connection was lost. `nature`: what a
 * client has drawn once and for all, from 0 to 1.
 */
export type Rule = (failures: number, random: () => number, nature: number) => number

export interface NamedRule {
  readonly name: string
  readonly rule: Rule
}

const { backoff } = normalise('wss://example.com', {}, fakeEnvironment())

const holdfast: Rule = (failures, random) => backoffDelay(failures, backoff, random())

/** AWS Architecture Blog, 2015, from 1 s to 30 s. */
const fullJitter: Rule = (failures, random) => random() * Math.min(30_000, 1000 * 2 ** failures)

const centrifuge: Rule = (failures, random) =>
  Math.min(20_000, 500 + Math.floor(random() * Math.min(20_000, 500 * 2 ** failures)))

/** Every page draws its own shortest wait when it loads the library. */
const reconnectingWebSocket: Rule = (failures, _, nature) => Math.min(10_000, (1000 + nature * 4000) * 1.3 ** failures)

const partysocket: Rule = (failures) => Math.min(10_000, 3000 * 1.3 ** failures)

const rews: Rule = (failures, random) => {
  const cap = Math.min(10_000, 150 * 2 ** failures)
  return cap / 2 + random() * (cap / 2)
}

const websocketTs: Rule = (failures) => 1000 * 2 ** Math.min(6, failures + 1)

/** backo2: the jitter comes before the cap. */
const socketIo: Rule = (failures, random) => {
  const base = 1000 * 2 ** failures
  const chance = random()
  const deviation = Math.floor(chance * 0.5 * base)
  return Math.min(5000, Math.floor(chance * 10) % 2 ? base + deviation : base - deviation)
}

const PHOENIX = [10, 50, 100, 150, 200, 250, 500, 1000, 2000]
const phoenix: Rule = (failures) => PHOENIX[failures] ?? 5000

const byHand: Rule = () => 1000

export const HOLDFAST: NamedRule = { name: 'holdfast', rule: holdfast }

/** In the order of tables. */
export const RULES: readonly NamedRule[] = [
  HOLDFAST,
  { name: 'full jitter (formula)', rule: fullJitter },
  { name: 'centrifuge (formula)', rule: centrifuge },
  { name: 'reconnecting-websocket', rule: reconnectingWebSocket },
  { name: 'socket.io', rule: socketIo },
  { name: 'partysocket', rule: partysocket },
  { name: '@nktkas/rews', rule: rews },
  { name: 'websocket-ts', rule: websocketTs },
  { name: 'phoenix', rule: phoenix },
  { name: 'written by hand', rule: byHand },
]
