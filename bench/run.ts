/** `npm run bench`: holdfast beside the libraries that people would pick instead. */
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { reportFaults } from './faults/report.js'
import { machine } from './machine.js'
import { measureChromium, measureFirefox } from './pages.js'
import { measurePath } from './path.js'
import { PEERS } from './peers/index.js'
import { documentOf } from './report/document.js'
import { inTerminal, type Report } from './report/tables.js'
import { reportServer } from './server/report.js'
import { measureSize } from './size.js'
import { measureStorm } from './storm/measure.js'

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

const { quick } = values
const rounds = Number(values.rounds ?? (quick ? 1 : 9))
const options = {
  peers: values.peers?.split(',') ?? PEERS,
  share: quick ? 0.2 : 1,
  attempts: quick ? 1 : 3,
  only: values.measures?.split(','),
}

/** In Firefox, in a quick run. */
const QUICK_PEERS = ['bare', 'holdfast', 'holdfast-resumable']

/** In this order. Each has the machine to itself. */
const PARTS: { readonly [name: string]: () => Promise<Report> } = {
  size: measureSize,
  path: measurePath,
  chromium: () => measureChromium({ ...options, rounds }),
  faults: () => reportFaults({ ...options, quick }),
  storm: () => measureStorm(quick ? { share: 0.1, seeds: [1] } : {}),
  server: () => reportServer({ quick }),
  // It is started anew for each library, which takes its time.
  firefox: () =>
    measureFirefox({
      ...options,
      peers: quick ? QUICK_PEERS : options.peers,
      share: options.share / 4,
      rounds: Math.ceil(rounds / 3),
    }),
}

const HELP = `Measures holdfast beside other libraries, in interleaved rounds.

  --quick           fewer rounds and messages: to see that it works, and about where things are
  --only PART       only this part, may be given more than once: ${Object.keys(PARTS).join(', ')}
  --peers A,B       in pages, only these libraries: ${PEERS.join(', ')}
  --measures A,B    in pages, only these measures
  --rounds N        in pages; default 9
  --out FOLDER      where the figures, the tables and the pictures go; default bench/out. docs: into the documents`

if (values.help) {
  console.log(HELP)
  process.exit()
}
const wrong = values.only?.filter((name) => !(name in PARTS)) ?? []
if (wrong.length) {
  console.error(`There is no part ${wrong.join(', ')}.\n\n${HELP}`)
  process.exit(1)
}

const start = performance.now()
const reports: { [name: string]: Report } = {}
for (const [name, run] of Object.entries(PARTS)) {
  if (values.only && !values.only.includes(name)) continue
  const report = await run()
  reports[name] = report
  for (const table of report.tables) console.log(inTerminal(table))
  console.log(`\n${name}: ${Math.round((performance.now() - start) / 1000)} s since the start`)
}

const about = machine([...new Set(['ws', ...Object.values(reports).flatMap(({ packages = [] }) => packages)])].sort())
const results = Object.fromEntries(Object.entries(reports).map(([name, { results }]) => [name, results]))
const images = path.join(values.out, 'images')
mkdirSync(images, { recursive: true })
for (const { name, svg } of Object.values(reports).flatMap(({ pictures = [] }) => pictures))
  writeFileSync(path.join(images, `bench-${name}.svg`), svg)
writeFileSync(path.join(values.out, 'benchmark.json'), `${JSON.stringify({ ...about, ...results })}\n`)
writeFileSync(path.join(values.out, 'benchmark.md'), documentOf(about, reports))
