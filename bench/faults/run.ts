/** The measures of faults and memory alone: `npx tsx bench/faults/run.ts`, with the options below. */
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { table } from '../../test/chaos/table.js'
import { PEERS } from '../peers/index.js'
import { type Cell, type FaultTable, MEASURES, measureFaults } from './measures.js'
import { openPages } from './pages.js'

const HELP = `Measures what becomes of connections that break, and the memory of pages.

  --quick           fewer rounds and messages
  --peers A,B       only these libraries: ${PEERS.join(', ')}
  --measure NAME    only this measure, may be given more than once: ${MEASURES.map(({ name }) => name).join('; ')}
  --json FILE       the tables as JSON
`

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    peers: { type: 'string' },
    measure: { type: 'string', multiple: true },
    json: { type: 'string' },
  },
})

const shown = (cell: Cell): string | number =>
  typeof cell === 'object' ? `${[cell.least, cell.median, cell.most].map(Math.round).join(' · ')}` : cell

const print = ({ measure, unit, rows }: FaultTable): void => {
  const lines = rows.map(({ peer, cells }) => ({
    library: peer,
    ...Object.fromEntries(Object.entries(cells).map(([column, cell]) => [column, shown(cell)])),
  }))
  const seconds = Math.round((performance.now() - start) / 1000)
  console.log(`\n${measure} (${unit}; several: least · median · most; after ${seconds} s)\n\n${table(lines)}`)
}

if (values.help) {
  console.log(HELP)
  process.exit()
}
const start = performance.now()
const peers = values.peers?.split(',') ?? PEERS
const pages = await openPages(peers)
try {
  const tables = await measureFaults(pages.runTask, {
    peers,
    quick: values.quick,
    only: values.measure,
    onTable: print,
  })
  if (values.json) writeFileSync(values.json, JSON.stringify(tables, null, 1))
} finally {
  await pages.close()
}
console.log(`\nTook ${Math.round((performance.now() - start) / 1000)} s.`)
