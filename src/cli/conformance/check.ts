import type { Stage } from './stage.js'

/** One thing that a server must, or should, do. */
export interface Check {
  /** Numbers of the rules of PROTOCOL.md that it is about. */
  readonly rules: readonly string[]
  readonly title: string
  /** `should`: whoever does otherwise is warned, and passes. */
  readonly level: 'must' | 'should'
  /** Throws a `Failure`, or `Skipped`. */
  run(stage: Stage): Promise<void>
}

const RULE = /^P\d+\.\d+ /

/** `label`: the numbers of the rules, and the title. */
function check(level: Check['level'], label: string, run: Check['run']): Check {
  const rules: string[] = []
  let title = label
  for (let found = RULE.exec(title); found; found = RULE.exec(title)) {
    rules.push(found[0].trim())
    title = title.slice(found[0].length)
  }
  return { rules, title, level, run }
}

export const must = (label: string, run: Check['run']): Check => check('must', label, run)
export const should = (label: string, run: Check['run']): Check => check('should', label, run)
