/** Results for people. */
import type { Result } from './run.js'

const SIGNS = { passed: '✓', failed: '✗', warned: '!', skipped: '-' } as const

/** A check in one line; one that was not passed with what was said. */
export function describe({ rules, title, outcome, why, expected, came, transcripts = [] }: Result): string {
  const lines = [
    `${SIGNS[outcome]} ${rules.join(' ').padEnd(6)} ${title}${why === undefined ? '' : `: skipped, ${why}`}`,
  ]
  if (expected !== undefined) lines.push(`    expected  ${expected}`, `    came      ${came}`)
  for (const [at, transcript] of transcripts.entries()) {
    lines.push(`    on socket ${at + 1}:`, ...transcript.map((line) => `      ${line}`))
  }
  return `${lines.join('\n')}\n`
}

/** The last line. */
export function summarize(results: readonly Result[]): string {
  const count = (outcome: Result['outcome']): number => results.filter((result) => result.outcome === outcome).length
  const ms = results.reduce((sum, result) => sum + result.ms, 0)
  const counts = `${count('passed')} kept, ${count('failed')} broken, ${count('warned')} advised, ${count('skipped')} skipped`
  return `\n${counts}, in ${(ms / 1000).toFixed(1)} s\n`
}
