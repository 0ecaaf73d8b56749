/** One scenario, run once and judged. */
import { setTimeout as wait } from 'node:timers/promises'
import { memoryDedupe, memoryHistory, memorySessions } from '../../src/server/index.js'
import type { Host } from './host.js'
import { judge, type Verdict } from './judge.js'
import type { Diary, PagePlan } from './page.js'
import type { Scenario, Subject, Times } from './scenarios.js'
import { DOWN_LANES, downLaneOf, LAST_WORDS } from './workload.js'
import { type MakeServer, openWorld, type Stores, type World } from './world.js'

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
  readonly makeServer?: MakeServer
  /** Once all is healed, everything has to be there within this time, in ms. */
  readonly patienceMs: number
}

export interface Outcome extends Verdict {
  readonly scenario: string
  readonly place: string
  readonly seed: number
  /** How often the page resumed its session, lost it, and connected anew. */
  readonly resumes: number
  readonly lostSessions: number
  readonly reconnects: number
  /** How many servers the page has had. */
  readonly servers: number
  /** How long it took after the storm until all was there, in ms. */
  readonly settledAfterMs: number
}

/** How long a page may take to join, in ms. */
const JOIN_MS = 15_000
const LOOK_MS = 100

export async function runTrial(scenario: Scenario, place: Place, plan: Plan): Promise<Outcome> {
  const world = await openWorld(plan.seed, plan.stores ?? storesOf(scenario), plan.makeServer)
  const { host, stage } = world
  const { messages, seed } = plan
  // Everything is said while the storm lasts.
  const overMs = plan.forMs * 0.95
  const page = await place.open({
    url: stage.url,
    messages,
    overMs,
    idempotent: scenario.stores,
    queue: scenario.queue,
  })
  try {
    await joined(page)
    await page.start()
    host.start(messages, overMs)
    await scenario.storm(world, plan, page)
    stage.proxy.heal()
    const healedAt = performance.now()
    const diary = await settle(page, host, plan)
    const settledAfterMs = performance.now() - healedAt
    const verdict = judge(diary, host, scenario.overlaps)
    return {
      ...verdict,
      scenario: scenario.name,
      place: place.name,
      seed,
      resumes: diary.resumes,
      lostSessions: diary.losses.length,
      reconnects: diary.reconnects,
      servers: 1 + world.crashes + world.restarts,
      settledAfterMs,
      faults: [...verdict.faults, ...undue(scenario, verdict, diary, world)],
    }
  } finally {
    await page.close()
    await world.close()
  }
}

/** Waits until the page is in its channels. */
async function joined(page: RemotePage): Promise<void> {
  const deadline = performance.now() + JOIN_MS
  for (;;) {
    const { joined, surprises } = await page.diary()
    if (joined) return
    if (performance.now() > deadline) throw new Error(`not joined within ${JOIN_MS} ms: ${surprises.join('; ')}`)
    await wait(LOOK_MS)
  }
}

/** Has both ends say their last words, and waits until all that was said has its fate. */
async function settle(page: RemotePage, host: Host, { messages, patienceMs }: Plan): Promise<Diary> {
  const deadline = performance.now() + patienceMs
  const all = messages + LAST_WORDS
  let asked = false
  for (;;) {
    const diary = await page.diary()
    if (!asked && diary.said === messages && host.hasPage) {
      asked = true
      await page.sayLastWords()
      host.sayLastWords()
    } else if (diary.said === all && host.said.length === all && diary.open === 0 && hasLastWords(diary, all))
      return diary
    if (performance.now() > deadline) {
      const { history, direct, items } = diary.heard
      const heard = [history, direct, items].map((lane) => JSON.stringify(lane.at(-1)))
      const where = `${diary.said} and ${host.said.length} said, ${diary.open} open, last heard ${heard.join(', ')}`
      return { ...diary, surprises: [...diary.surprises, `not at an end after ${patienceMs} ms: ${where}`] }
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
function undue(scenario: Scenario, { unknown, gaps }: Verdict, { losses, refused }: Diary, world: World): string[] {
  const faults = []
  if (refused.length > 0 && !scenario.queue) faults.push(`${refused.length} were refused`)
  const whys = losses.map(({ why }) => why).join(', ')
  if (!scenario.destroys && unknown + gaps + losses.length > 0) {
    faults.push(`${unknown} unknown, ${gaps} gaps, sessions lost (${whys}), though none was destroyed`)
  }
  // A session that cannot be handed over in time, since the network is down, goes with its server.
  const destroyed = world.crashes + (scenario.overlaps ? world.restarts : 0)
  if (losses.length > destroyed) faults.push(`${losses.length} sessions lost (${whys}), and ${destroyed} destroyed`)
  return faults
}

/** What all servers of a world share, if they share anything. */
function storesOf({ stores }: Scenario): () => Stores {
  const shared = stores ? { dedupe: memoryDedupe(), history: memoryHistory(), sessions: memorySessions() } : {}
  return () => shared
}
