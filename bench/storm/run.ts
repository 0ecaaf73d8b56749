/** `npm run storm`: an outage of as many clients as you like, in virtual time. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { inTerminal } from '../report/tables.js'
import { compareAll, tableOfChecks } from './check.js'
import { outageOf, type StormResult, tableOf } from './measure.js'
import { simulate } from './model.js'
import { drawStorm } from './picture.js'
import { HOLDFAST, RULES } from './rules.js'
import { windowsOf } from './windows.js'

/** The most that model and real code may differ by. */
const TOLERANCE = 0.05

const HELP = `Simulates a server that goes away, and all its clients that come back: holdfast by its defaults, holdfast
with the windows that a server can set, and other libraries. Takes about two minutes for a million clients.

  --clients A,B   how many; default 100000,1000000
  --away S        how long the server is away, in s; default 60. Then it takes a twentieth of the clients a second.
  --seed N        default 1; the same seed gives the same storm
  --out FOLDER    where storm.json and images/storm.svg go, default bench/out
  --check         compares the model with real code instead, at 10,000 clients or those given; takes some minutes
  --help`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
    clients: { type: 'string' },
    away: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string', default: 'bench/out' },
  },
})

const seed = Number(values.seed)
const awayMs = Number(values.away) * 1000
const sizes = (values.clients ?? (values.check ? '10000' : '100000,1000000')).split(',').map(Number)

if (values.help) console.log(HELP)
else if (![seed, awayMs, ...sizes].every((number) => Number.isInteger(number) && number > 0)) {
  console.error(`Numbers above 0, please.\n\n${HELP}`)
  process.exitCode = 1
} else if (values.check) await check()
else storm()

async function check(): Promise<void> {
  for (const clients of sizes) {
    const comparisons = []
    for await (const comparison of compareAll(outageOf(clients, awayMs), seed)) {
      comparisons.push(comparison)
      if (comparison.worst.share > TOLERANCE) process.exitCode = 1
    }
    console.log(inTerminal(tableOfChecks(comparisons)))
  }
}

function storm(): void {
  const storms = sizes.map((clients) => {
    const outage = outageOf(clients, awayMs)
    const windowed = {
      name: 'holdfast, told a window',
      runs: [simulate(HOLDFAST.rule, outage, seed, windowsOf(outage))],
    }
    const [own, ...others] = RULES.map(
      ({ name, rule }): StormResult => ({ name, runs: [simulate(rule, outage, seed)] }),
    )
    const results = own ? [own, windowed, ...others] : []
    console.log(inTerminal(tableOf(outage, results)))
    return { outage, results }
  })
  const images = path.join(values.out, 'images')
  mkdirSync(images, { recursive: true })
  writeFileSync(path.join(values.out, 'storm.json'), `${JSON.stringify({ seed, storms })}\n`)
  const largest = storms.at(-1)
  if (!largest) return
  const curves = largest.results.flatMap(({ name, runs }) => runs.map((figures) => ({ name, figures })))
  writeFileSync(path.join(images, 'storm.svg'), drawStorm(largest.outage, curves, 2))
}
