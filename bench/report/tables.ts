/** Tables for the terminal and for documents. */
import type { Spread } from './ratios.js'

export interface Table {
  readonly title: string
  /** A sentence or two on how to read it. */
  readonly note?: string
  readonly head: readonly string[]
  /** The first cell of each row is its name. */
  readonly rows: readonly (readonly string[])[]
}

export interface Picture {
  /** Of the file, without its extension. */
  readonly name: string
  /** For who cannot see it. */
  readonly title: string
  readonly svg: string
}

/** What one part of the benchmark gives. */
export interface Report {
  /** For machines. */
  readonly results: unknown
  readonly tables: readonly Table[]
  readonly pictures?: readonly Picture[]
  /** Packages whose version belongs to the figures. */
  readonly packages?: readonly string[]
}

/** Three digits are more than the figures deserve. */
export function show(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return value.toPrecision(3)
}

/** Median, and in brackets least and most. */
export const showSpread = ({ median, least, most }: Spread): string =>
  Number.isNaN(median) ? '–' : `${show(median)} (${show(least)}–${show(most)})`

/** For the terminal: columns of one width. */
export function inTerminal({ title, head, rows }: Table): string {
  const widths = head.map((cell, at) => Math.max(cell.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0))).join('  ')
  return [`\n${title}`, line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n')
}

export function inMarkdown({ title, note, head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const align = head.map((_, at) => (at ? '---:' : '---'))
  return [`### ${title}\n`, ...(note ? [`${note}\n`] : []), line(head), line(align), ...rows.map(line), ''].join('\n')
}
