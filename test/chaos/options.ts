/** The command line of `npm run chaos`. */
import { parseArgs } from 'node:util'

export const PARTS = ['node', 'chromium', 'peers', 'controls'] as const
export type Part = (typeof PARTS)[number]

export interface Options {
  readonly parts: ReadonlySet<Part>
  /** Names of scenarios; none given: all. */
  readonly scenarios: ReadonlySet<string> | undefined
  readonly seed: number
  readonly messages: number
  readonly forMs: number
  readonly isQuick: boolean
  /** Steps of the model test, in place of all parts. */
  readonly steps: number | undefined
  /** Writes the picture for the README. */
  readonly picture: boolean
  /** A file for the counts of passed and failed, as JSON. */
  readonly report: string | undefined
}

/** Messages in a second, each way, unless `--messages` says otherwise. */
const RATE = 250
const QUICK = { parts: 'node,controls', seconds: '3' }
const FULL = { parts: PARTS.join(','), seconds: '20' }

/** Throws an `Error` that says what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 31)) },
      scenario: { type: 'string', multiple: true },
      seconds: { type: 'string' },
      messages: { type: 'string' },
      only: { type: 'string' },
      steps: { type: 'string' },
      quick: { type: 'boolean', default: false },
      picture: { type: 'boolean', default: false },
      report: { type: 'string' },
    },
  })
  const defaults = values.quick ? QUICK : FULL
  const parts = (values.only ?? (values.picture ? 'peers' : defaults.parts)).split(',')
  const seconds = readNumber('seconds', values.seconds ?? defaults.seconds)
  return {
    parts: new Set(parts.map(readPart)),
    scenarios: values.scenario && new Set(values.scenario),
    seed: readNumber('seed', values.seed),
    messages: Math.round(readNumber('messages', values.messages ?? String(seconds * RATE))),
    forMs: seconds * 1000,
    isQuick: values.quick,
    steps: values.steps === undefined ? undefined : readNumber('steps', values.steps),
    picture: values.picture,
    report: values.report,
  }
}

function readNumber(name: string, text: string): number {
  const number = Number(text)
  if (!(number >= 1)) throw new Error(`--${name} must be a number from 1 on, not ${text}.`)
  return number
}

function readPart(name: string): Part {
  const part = PARTS.find((part) => part === name)
  if (!part) throw new Error(`--only knows ${PARTS.join(', ')}, separated by commas, and not ${name}.`)
  return part
}
