/** The command `holdfast-asyncapi`: arguments in, a document and an exit code out. */
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type ExitCode, messageOf, type Terminal } from '../terminal.js'
import { toAsyncApi } from './document.js'
import { loadContract, type Tsx } from './load.js'

const USAGE = `Usage: holdfast-asyncapi <file> [options]

Writes the contract that a module exports as an AsyncAPI 3.0 document, in JSON. Runs the module to get it.

  <file>            such as contract.ts, which needs the package tsx, or contract.js
  --export <name>   which export, if there are several contracts
  --out <file>      write there instead of showing it
  --title <text>    of the API (default: the file's name)
  --version <text>  of the API (default 1.0.0)
  --help            show this

Exit code: 0 if the document is written, 1 if it cannot be made, 2 if the arguments are wrong.
`

/** What the command needs of the world. */
export interface World extends Terminal {
  /** Imports `tsx/esm/api`. */
  readonly loadTsx: () => Promise<Tsx>
}

const OPTIONS = {
  export: { type: 'string' },
  out: { type: 'string' },
  title: { type: 'string' },
  version: { type: 'string' },
  help: { type: 'boolean' },
} as const

/** Writes the document as the arguments say. */
export async function command(args: readonly string[], { stdout, stderr, loadTsx }: World): Promise<ExitCode> {
  let order: ReturnType<typeof readArguments>
  try {
    order = readArguments(args)
  } catch (error) {
    stderr.write(`${messageOf(error)}\n\n${USAGE}`)
    return 2
  }
  if (!order) {
    stdout.write(USAGE)
    return 0
  }
  const { file, exported, out, title, version } = order
  try {
    const contract = await loadContract(file, exported, loadTsx)
    const text = `${JSON.stringify(toAsyncApi(contract, { title, version }), undefined, 2)}\n`
    if (out === undefined) stdout.write(text)
    else writeFileSync(out, text)
    return 0
  } catch (error) {
    stderr.write(`${messageOf(error)}\n`)
    return 1
  }
}

/** `undefined`: only the usage. Throws an `Error` whose message says what is wrong. */
function readArguments(args: readonly string[]) {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  if (values.help) return undefined
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new Error('Expected one file.')
  const { export: exported, out, title = path.parse(file).name, version = '1.0.0' } = values
  return { file, exported, out, title, version }
}
