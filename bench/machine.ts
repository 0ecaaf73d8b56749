/** What the figures were measured on and with. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, totalmem, type } from 'node:os'
import path from 'node:path'

export interface Machine {
  readonly date: string
  readonly machine: {
    readonly system: string
    readonly cores: number
    readonly processor: string
    readonly memoryGiB: number
  }
  readonly node: string
  /** Versions of packages, by name. */
  readonly packages: { readonly [name: string]: string }
}

/** `packages`: those whose version belongs to the figures. */
export const machine = (packages: readonly string[]): Machine => ({
  date: new Date().toISOString().slice(0, 10),
  machine: {
    system: type(),
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? '',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  },
  node: process.version,
  packages: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
})

/** A package may keep its package.json to itself, so it is looked for above the file that it offers. */
function versionOf(name: string): string {
  const root = name.startsWith('@') ? name.split('/').slice(0, 2).join('/') : `${name.split('/')[0]}`
  for (const folder of createRequire(import.meta.url).resolve.paths(root) ?? []) {
    try {
      return JSON.parse(readFileSync(path.join(folder, root, 'package.json'), 'utf8')).version
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`${name} is not installed.`)
}
