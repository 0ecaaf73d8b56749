/** `npm run bench`: holdfast beside the libraries that people would pick instead. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { machine } from './machine.js'
import { measureChromium, measureFirefox, type PageResults } from './pages.js'
import { PEERS } from './peers/index.js'

const HELP = `Measures holdfast beside other libraries, in interleaved rounds.

  --quick           fewer rounds and messages: to see that it works, and about where things are
  --only PART       only this part, may be given more than once: ${['chromium', 'firefox'].join(', ')}
  --peers A,B       only these libraries: ${PEERS.join(', ')}
  --measures A,B    only these measures of pages
  --rounds N        default 9
  --out FOLDER      where results.json goes, default bench/out
`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    peers: { type: 'string' },
    measures: { type: 'string' },
    rounds: { type: 'string' },
    out: { type: 'string', default: 'bench/out' },
  },
})

if (values.help) {
  console.log(HELP)
  process.exit()
}

const start = performance.now()
const wants = (part: string): boolean => values.only?.includes(part) ?? true
const rounds = Number(values.rounds ?? (values.quick ? 1 : 9))
const share = values.quick ? 0.2 : 1
const peers = values.peers?.split(',') ?? PEERS
const only = values.measures?.split(',')

const print = ({ browser, tables }: PageResults): void => {
  for (const { measure, unit, lines } of tables) {
    console.log(`\n${browser}: ${measure} (${unit})`)
    console.table(
      Object.fromEntries(
        lines.map(({ peer, value, ratio, page, pageRatio, more, disturbed }) => [
          peer,
          {
            median: round(value.median),
            ratio: round(ratio.median),
            least: round(ratio.least),
            most: round(ratio.most),
            ...(page && { 'page µs': round(page.median), 'page ratio': round(pageRatio?.median ?? Number.NaN) }),
            ...more,
            ...(disturbed && { disturbed }),
          },
        ]),
      ),
    )
  }
}

const round = (value: number): number => Number(value.toPrecision(3))

const packagesOf = (results: readonly PageResults[]): string[] => [
  'ws',
  ...new Set(results.flatMap(({ peers }) => Object.values(peers).flatMap((about) => about.package ?? []))),
]

const pages: PageResults[] = []
if (wants('chromium')) pages.push(await measureChromium({ peers, rounds, share, only }))
if (wants('firefox')) pages.push(await measureFirefox({ peers, rounds: Math.ceil(rounds / 3), share, only }))
for (const results of pages) print(results)

mkdirSync(values.out, { recursive: true })
writeFileSync(path.join(values.out, 'results.json'), JSON.stringify({ ...machine(packagesOf(pages)), pages }, null, 1))
console.log(`\nTook ${Math.round((performance.now() - start) / 1000)} s.`)
