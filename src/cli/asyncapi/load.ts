/** Finds the contract in a file of the app. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import type { ContractShape } from '../../protocol/contract.js'

/** What is used of `tsx/esm/api`. */
export interface Tsx {
  readonly tsImport: (specifier: string, parentUrl: string) => Promise<object>
}

const SECTIONS = ['requests', 'serverRequests', 'channels']

/** Runs the file. Throws an `Error` whose message says what is wrong with it. */
export async function loadContract(
  file: string,
  wanted: string | undefined,
  loadTsx: () => Promise<Tsx>,
): Promise<ContractShape> {
  if (!existsSync(file)) throw new Error(`There is no file ${file}.`)
  const contracts = Object.entries<unknown>({ ...(await run(file, loadTsx)) }).filter(isContract)
  const names = contracts.map(([name]) => name)
  if (names.length === 0) throw new Error(`${file} exports no contract: export what defineContract gives.`)
  const found = contracts.filter(([name]) => wanted === undefined || name === wanted)
  const [contract, ...more] = new Set(found.map(([, value]) => value))
  if (!contract) throw new Error(`${file} exports no contract called ${wanted}: there is ${names.join(', ')}.`)
  if (more.length > 0) throw new Error(`${file} exports several contracts: choose with --export ${names.join(' or ')}.`)
  return contract
}

async function run(file: string, loadTsx: () => Promise<Tsx>): Promise<object> {
  const { href } = pathToFileURL(path.resolve(file))
  const tsx = /\.[cm]?tsx?$/.test(file) ? await loadTsx().catch(refuseTypeScript) : undefined
  try {
    return await (tsx ? tsx.tsImport(href, href) : import(href))
  } catch (cause) {
    throw new Error(`${file} cannot be loaded: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

function refuseTypeScript(cause: unknown): never {
  throw new Error('A contract in TypeScript needs the package tsx: install it with "npm install --save-dev tsx".', {
    cause,
  })
}

/** A contract has no mark: it is an object with sections of a contract, and with nothing else. */
const isContract = (entry: [string, unknown]): entry is [string, ContractShape] => {
  const sections = Object.entries<unknown>(Object(entry[1]))
  return sections.length > 0 && sections.every(([key, value]) => SECTIONS.includes(key) && value === Object(value))
}
