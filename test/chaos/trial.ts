/** One scenario, run once and judged. */
import { setTimeout as wait } from 'node:timers/promises'
import { memoryDedupe, memoryHistory } from '../../src/server/index.js'
import type { Host } from './host.js'
import { judge, type Verdict } from './judge.js'
import type { Diary, PagePlan } from './page.js'
import type { Scenario, Subject, Times } from './scenarios.js'
import { DOWN_LANES, downLaneOf, LAST_WORDS } from './workload.js'
import { openWorld, type Stores } from './world.js'

/** A page that may be in another process. */
export interface RemotePage extends Subject {
  start(): Promise<void>
  diary(): Promise<Diary>
  sayLastWords(): Promise<void>
  close(): Promise<void>
}

/** Where pages run. */
export interface Place {
  readonly name: string
  open(plan: PagePlan): Promise<RemotePage>
  close(): Promise<void>
}

export interface Plan extends Times {
  readonly seed: number
  /** Messages in each direction. */
  readonly messages: number
  /** Gives what each server is made with. Default: what the scenario wants. */
  readonly stores?: () => Stores
}

export interface Outcome extends Verdict {
  readonly scenario: string
  readonly place: string
  readonly seed: number
  /** How often the page resumed its session, lost it, and connected anew. */
  readonly resumes: number
  readonly lostSessions: number
  readonly reconnects: number
  readonly crashes: number
  readonly seconds: number
}

/** Once all is healed, everything has to be there within this time. */
const DEADLINE_MS = 15_000
const LOOK_MS = 100

export async function runTrial(scenario: Scenario, place: Place, plan: Plan): Promise<Outcome> {
  const start = performance.now()
  const world = await openWorld(plan.seed, plan.stores ?? storesOf(scenario))
  const { host, stage } = world
  const { messages, seed } = plan
  // Everything is said while the storm lasts.
  const overMs = plan.forMs * 0.95
  const page = await place.open({ url: stage.url, messages, overMs, idempotent: scenario.stores })
  try {
    await joined(page)
    await page.start()
    host.start(messages, overMs)
    await scenario.storm(world, plan, page)
    stage.proxy.heal()
    const diary = await settle(page, host, messages)
    const verdict = judge(diary, host)
    return {
      ...verdict,
      scenario: scenario.name,
      place: place.name,
      seed,
      resumes: diary.resumes,
      lostSessions: diary.losses.length,
      reconnects: diary.reconnects,
      crashes: world.crashes,
      seconds: (performance.now() - start) / 1000,
      faults: [...verdict.faults, ...undue(scenario, verdict, diary, world.crashes)],
    }
  } finally {
    await page.close()
    await world.close()
  }
}

/** Waits until the page is in its channels. */
async function joined(page: RemotePage): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await page.diary()).joined) {
    if (performance.now() > deadline) throw new Error(`The page has not joined within ${DEADLINE_MS} ms.`)
    await wait(LOOK_MS)
  }
}

/** Has both ends say their last words, and waits until all that was said has its fate. */
async function settle(page: RemotePage, host: Host, messages: number): Promise<Diary> {
  const deadline = performance.now() + DEADLINE_MS
  const all = messages + LAST_WORDS
  let asked = false
  for (;;) {
    const diary = await page.diary()
    if (!asked && diary.said === messages) {
      asked = true
      await page.sayLastWords()
      host.sayLastWords()
    } else if (diary.said === all && host.said.length === all && diary.open === 0 && hasLastWords(diary, all))
      return diary
    if (performance.now() > deadline) {
      return { ...diary, surprises: [...diary.surprises, `not at an end ${DEADLINE_MS} ms after the storm`] }
    }
    await wait(LOOK_MS)
  }
}

/** Whether the last number of each lane has come. */
const hasLastWords = ({ heard }: Diary, all: number): boolean =>
  DOWN_LANES.every((lane) => {
    let last = all
    while (downLaneOf(last) !== lane) last--
    return heard[lane].at(-1) === last
  })

/** What is no fault where sessions are destroyed, and is one elsewhere. */
function undue(
  { destroys }: Scenario,
  { unknown, gaps }: Verdict,
  { losses, refused }: Diary,
  crashes: number,
): string[] {
  const faults = []
  if (refused.length > 0) faults.push(`${refused.length} were refused`)
  if (!destroys && unknown + gaps + losses.length > 0) {
    const whys = losses.map(({ why }) => why).join(', ')
    faults.push(`${unknown} unknown, ${gaps} gaps, sessions lost: ${whys}, and none was destroyed`)
  }
  if (losses.length > crashes) faults.push(`${losses.length} sessions lost, and ${crashes} destroyed`)
  return faults
}

/** What all servers of a world share, if they share anything. */
function storesOf({ stores }: Scenario): () => Stores {
  const shared = stores ? { dedupe: memoryDedupe(), history: memoryHistory() } : {}
  return () => shared
}
