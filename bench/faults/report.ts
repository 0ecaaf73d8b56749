/** The measures of faults and memory as a part of the benchmark. */
import { type Report, show, showSpread, type Table } from '../report/tables.js'
import { type Cell, type FaultTable, measureFaults } from './measures.js'
import { openPages } from './pages.js'

const NOTES: { readonly [measure: string]: string } = {
  recovery: 'The server cuts the connection. Options alike: a fixed delay of 100 ms.',
  'black hole, heartbeat 1 s':
    'Nothing passes any more, either way, but new connections do. Interval and timeout 1 s, where the library has them; a delay of 50 ms. Never: not within 8 s.',
  'black hole, defaults': 'As above, as the library comes, and holdfast with its own server. Never: not within 50 s.',
  'cuts every 300 ms': 'Numbered messages each way while the network goes dead for a moment and is then cut.',
  'memory per queued message':
    'Of 100 bytes, in the heap after a collection. The text alone: an array of the same texts. Lost: of 1,000 more, once there was a connection.',
  'growth over reconnects':
    'The heap after collections, before and after 300 cuts; what is left of each. 600 came before, in which the engine compiles.',
}

const shown = (cell: Cell | undefined): string => {
  if (cell === undefined) return '–'
  if (typeof cell === 'object') return showSpread(cell)
  return typeof cell === 'number' ? show(cell) : cell
}

const toTable = ({ measure, unit, rows }: FaultTable): Table => {
  const columns = [...new Set(rows.flatMap(({ cells }) => Object.keys(cells)))]
  const note = NOTES[measure]
  return {
    title: `${measure[0]?.toUpperCase()}${measure.slice(1)}, in ${unit}`,
    ...(note && { note }),
    head: ['library', ...columns],
    rows: rows.map(({ peer, cells }) => [peer, ...columns.map((column) => shown(cells[column]))]),
  }
}

export async function reportFaults(options: {
  peers: readonly string[]
  quick: boolean
  only?: readonly string[] | undefined
}): Promise<Report> {
  const pages = await openPages(options.peers)
  try {
    const results = await measureFaults(pages.runTask, options)
    return { results, tables: results.map(toTable) }
  } finally {
    await pages.close()
  }
}
