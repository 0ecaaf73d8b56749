import { ratiosOf, spreadOf } from '../report/ratios.js'
import { type Report, show, showSpread, type Table } from '../report/tables.js'
import { type Measure, measureServer } from './measure.js'

const NOTE =
  'Beside each library its ratio to bare `ws` of the same round: median, least and most. Processor time is that of ' +
  'the server alone; the rate is that of both ends, which share the machine.'

/** Measures the server kit. */
export async function reportServer(options: { quick?: boolean } = {}): Promise<Report> {
  const results = await measureServer(options)
  const tables = results.measures.map(tableOf)
  return {
    results,
    tables: tables.map((table, at) => (at ? table : { ...table, note: [NOTE, ...results.notes].join(' ') })),
    packages: ['ws', 'socket.io'],
  }
}

function tableOf({ name, unit, more, figures, others }: Measure): Table {
  const base = figures['ws'] ?? []
  return {
    title: `Server: ${name} (more ${more}${disturbed(others)})`,
    head: ['library', unit, 'to ws'],
    rows: Object.entries(figures).map(([library, rounds]) => [
      library,
      show(spreadOf(rounds).median),
      showSpread(ratiosOf(rounds, base)),
    ]),
  }
}

/** From which share on other programs are worth a word. */
const MANY = 0.1

const disturbed = (others: readonly number[]): string => {
  const { median } = spreadOf(others)
  return median > MANY ? `; other programs had ${Math.round(median * 100)} % of the machine` : ''
}
