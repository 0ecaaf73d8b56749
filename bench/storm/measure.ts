/** The part `storm` of the benchmark: real code in virtual time, as many clients as one process holds. */
import { type Spread, spreadOf } from '../report/ratios.js'
import type { Report, Table } from '../report/tables.js'
import { CLIENTS } from './clients.js'
import { simulate } from './model.js'
import { runStorm } from './real.js'
import { HOLDFAST, RULES } from './rules.js'
import type { Outage, StormFigures } from './server.js'
import { windowsOf } from './windows.js'

const CLIENTS_AT_ONCE = 10_000
const AWAY_MS = 60_000
/** How long the server needs for all of them at best, in s. */
const IDEAL_SECONDS = 20
const SEEDS = [1, 2, 3]

/** How a library did, once for each seed. */
export interface StormResult {
  readonly name: string
  readonly runs: readonly StormFigures[]
}

interface StormOptions {
  share?: number
  seeds?: readonly number[]
}

export const outageOf = (clients: number, awayMs = AWAY_MS): Outage => ({
  clients,
  awayMs,
  perSecond: clients / IDEAL_SECONDS,
})

async function inTurn(seeds: readonly number[], run: (seed: number) => Promise<StormFigures> | StormFigures) {
  const runs: StormFigures[] = []
  for (const seed of seeds) runs.push(await run(seed))
  return runs
}

/** `share` of the clients; a storm for each of the `seeds`, where chance plays a part. */
export async function measureStorm({ share = 1, seeds = SEEDS }: StormOptions): Promise<Report> {
  const outage = outageOf(CLIENTS_AT_ONCE * share)
  const results: StormResult[] = []
  for (const { name, rule } of RULES) {
    const client = CLIENTS.find((client) => client.name === name)
    const storms = client && !client.draws ? seeds.slice(0, 1) : seeds
    results.push({
      name,
      runs: await inTurn(storms, (seed) => (client ? runStorm(client, outage, seed) : simulate(rule, outage, seed))),
    })
    if (client && rule === HOLDFAST.rule)
      results.push({
        name: `${name}, told a window`,
        runs: await inTurn(storms, (seed) => runStorm(client, outage, seed, windowsOf(outage))),
      })
  }
  return {
    results: { outage, storms: results },
    tables: [tableOf(outage, results)],
    packages: CLIENTS.flatMap((client) => client.package ?? []),
  }
}

export function tableOf({ clients, awayMs, perSecond }: Outage, results: readonly StormResult[]): Table {
  const whole = (value: number): string => Math.round(value).toLocaleString('en')
  const seconds = (ms: number): string => (ms / 1000).toFixed(1)
  const each = (attempts: number): string => (attempts / clients).toFixed(2)
  return {
    title: `Storm: ${whole(clients)} clients, away for ${awayMs / 1000} s, then ${whole(perSecond)} a second`,
    note: `All lose their connection in one moment. At best all are back ${seconds((clients * 1000) / perSecond)} s after the return. Attempts a client after it: 1 if nobody is refused. Real code in virtual time, but for what is marked as formula; median, least and most of several seeds.`,
    head: [
      'library',
      'attempts',
      'while away',
      'after it, a client',
      'peak once back, a second',
      '50 % s',
      '99 % s',
      '100 % s',
    ],
    rows: results.map(({ name, runs }) => {
      const cell = (show: (value: number) => string, figure: (run: StormFigures) => number): string =>
        showSpread(spreadOf(runs.map(figure)), show)
      return [
        name,
        cell(whole, ({ attempts }) => attempts),
        cell(whole, ({ away }) => away),
        cell(each, ({ attempts, away }) => attempts - away),
        cell(whole, ({ peak }) => peak),
        cell(seconds, ({ halfMs }) => halfMs),
        cell(seconds, ({ mostMs }) => mostMs),
        cell(seconds, ({ allMs }) => allMs),
      ]
    }),
  }
}

function showSpread({ least, median, most }: Spread, show: (value: number) => string): string {
  return show(least) === show(most) ? show(median) : `${show(median)} (${show(least)}–${show(most)})`
}
