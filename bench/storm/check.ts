/** Holds the model against real code. */
import type { Table } from '../report/tables.js'
import { CLIENTS } from './clients.js'
import { simulate } from './model.js'
import { runStorm } from './real.js'
import { RULES } from './rules.js'
import type { Outage, StormFigures } from './server.js'
import { refusalOnly, type Windows, windowsOf } from './windows.js'

/** When the last one is back is one client's luck: it is not compared. */
const COMPARED = ['attempts', 'away', 'peak', 'halfMs', 'mostMs'] as const

export interface Comparison {
  readonly name: string
  readonly real: StormFigures
  readonly model: StormFigures
  /** The figure in which they differ most, and by which share of it. */
  readonly worst: { readonly figure: (typeof COMPARED)[number]; readonly share: number }
}

/** A library by its name, with or without windows. */
export async function compare(name: string, outage: Outage, seed: number, windows?: Windows): Promise<Comparison> {
  const client = CLIENTS.find((client) => client.name === name)
  const rule = RULES.find((rule) => rule.name === name)?.rule
  if (!client || !rule) throw new Error(`There is no ${name} to compare.`)
  const real = await runStorm(client, outage, seed, windows)
  const model = simulate(rule, outage, seed, windows)
  const [worst] = COMPARED.map((figure) => ({ figure, share: differ(real[figure], model[figure]) })).sort(
    (a, b) => b.share - a.share,
  )
  if (!worst) throw new Error('Nothing is compared.')
  return { name, real, model, worst }
}

/** All there is real code for, one after the other. */
export async function* compareAll(outage: Outage, seed: number): AsyncGenerator<Comparison, void> {
  for (const { name } of CLIENTS) yield await compare(name, outage, seed)
  const told = { ...(await compare('holdfast', outage, seed, windowsOf(outage))), name: 'holdfast, told to come later' }
  yield told
  yield { ...(await compare('holdfast', outage, seed, refusalOnly(outage))), name: 'holdfast, refused with a window' }
}

const differ = (real: number, model: number): number => (real === model ? 0 : Math.abs(model - real) / real)

export function tableOfChecks(comparisons: readonly Comparison[]): Table {
  return {
    title: 'Real code and model',
    head: ['library', ...COMPARED, 'differ most by', 'in'],
    rows: comparisons.map(({ name, real, model, worst }) => [
      name,
      ...COMPARED.map((figure) => `${real[figure]} ${model[figure]}`),
      `${(100 * worst.share).toFixed(1)} %`,
      worst.figure,
    ]),
  }
}
