import type { Check } from './check.js'
import { acks } from './checks/acks.js'
import { entry } from './checks/entry.js'
import { frames } from './checks/frames.js'
import { handshake } from './checks/handshake.js'
import { limits } from './checks/limits.js'
import { departure, losses } from './checks/loss.js'
import { requests } from './checks/requests.js'
import { resumes } from './checks/resume.js'
import { Failure, Skipped } from './failure.js'
import { Stage, type Target } from './stage.js'

/** What every server has to be good for, and what one with sessions has to be good for beside that. */
export const PLAIN: readonly Check[] = [...frames, ...requests, ...entry, ...limits]

export const SESSION: readonly Check[] = [...handshake, ...acks, ...resumes, ...losses, ...departure]

/** Limits of one check and of the whole run, in ms. */
const CHECK_MS = 60_000
const RUN_MS = 600_000

/** What came of a check. */
export interface Result {
  readonly rules: readonly string[]
  readonly title: string
  /** `warned`: it does not do what it should, and need not. */
  readonly outcome: 'passed' | 'failed' | 'warned' | 'skipped'
  readonly ms: number
  /** Why it was skipped. */
  readonly why?: string
  /** Of a check that was not passed. */
  readonly expected?: string
  readonly came?: string
  /** What was said on each socket, the last lines of it. */
  readonly transcripts?: readonly (readonly string[])[]
}

/** Runs the checks, one after another. Resolves with all results; `onResult` hears each at once. */
export async function run(
  checks: readonly Check[],
  target: Target,
  onResult: (result: Result) => void = () => {},
): Promise<Result[]> {
  const end = Date.now() + RUN_MS
  const results: Result[] = []
  for (const check of checks) {
    const result = await runOne(check, target, Math.min(CHECK_MS, end - Date.now()))
    results.push(result)
    onResult(result)
  }
  return results
}

async function runOne({ rules, title, level, run }: Check, target: Target, limitMs: number): Promise<Result> {
  const start = Date.now()
  const stage = new Stage(target)
  const said = (): Pick<Result, 'rules' | 'title' | 'ms'> => ({ rules, title, ms: Date.now() - start })
  try {
    await limited(run(stage), limitMs)
    return { ...said(), outcome: 'passed' }
  } catch (error) {
    if (error instanceof Skipped) return { ...said(), outcome: 'skipped', why: error.message }
    if (!(error instanceof Failure)) throw error
    const { expected, came } = error
    const transcripts = stage.peers.map(({ transcript }) => [...transcript])
    return { ...said(), outcome: level === 'must' ? 'failed' : 'warned', expected, came, transcripts }
  } finally {
    await stage.end()
  }
}

/** Rejects if the work takes too long; what comes of it then is not heard. */
async function limited(work: Promise<void>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Failure(`an end of this check within ${Math.max(0, ms)} ms`, 'none')), ms)
  })
  work.catch(() => {})
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}
