/** Rows as Markdown, aligned so that they can be read in a terminal too. Numbers go to the right. */
export function table(rows: readonly { readonly [column: string]: string | number }[]): string {
  const columns = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) => columns.map((column) => format(row[column] ?? '')))
  const isNumber = columns.map((column) => rows.every((row) => typeof row[column] === 'number'))
  const widths = columns.map((column, at) => Math.max(3, column.length, ...cells.map((row) => row[at]?.length ?? 0)))
  const line = (texts: readonly string[]): string =>
    `| ${texts.map((text, at) => (isNumber[at] ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0))).join(' | ')} |`
  const rule = widths.map((width, at) => (isNumber[at] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)))
  return [line(columns), line(rule), ...cells.map(line)].join('\n')
}

const format = (value: string | number): string =>
  typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 1 }) : value
