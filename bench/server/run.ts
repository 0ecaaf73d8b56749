/** The server's part of the benchmark alone: `tsx bench/server/run.ts`, with `--quick` in half a minute, `--json` for figures. */
import { parseArgs } from 'node:util'
import { inTerminal } from '../report/tables.js'
import { reportServer } from './report.js'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
})
const { results, tables } = await reportServer({ quick: values.quick })
if (values.json) console.log(JSON.stringify(results, null, 2))
else for (const table of tables) console.log(inTerminal(table))
