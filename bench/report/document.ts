/** The page with all tables and pictures. */
import type { Machine } from '../machine.js'
import { inMarkdown, type Report } from './tables.js'

const INTRODUCTION = `# Benchmark

Written by \`npm run bench -- --out docs\`; do not edit. What the figures mean, and what was done for them, is in
[performance.md](performance.md).

Libraries take turns, A B C, B C A …; a ratio is taken inside each round, and shown as the median of all rounds with the
least and the most. The bare socket is 1. For rates more is better, for times less. *page*: time of the page's main
thread for each message, which is what a library costs; the way from the page to the network hides that in the rate.
*disturbed*: rounds in which other programs took more than a tenth of the machine, each of three times. Each message is
numbered and checked.`

export function documentOf(machine: Machine, reports: { readonly [name: string]: Report }): string {
  const { date, node, packages } = machine
  const { system, cores, processor, memoryGiB } = machine.machine
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return [
    INTRODUCTION,
    `${date}, ${system}, ${cores} cores (${processor}), ${memoryGiB} GiB, Node ${node}. ${versions.join(', ')}.`,
    ...Object.values(reports).flatMap(({ pictures = [], tables }) => [
      ...pictures.map(({ name, title }) => `![${title}](images/bench-${name}.svg)`),
      ...tables.map(inMarkdown),
    ]),
  ].join('\n\n')
}
