/** The same storms for holdfast and for what people use today. */
import { setTimeout as wait } from 'node:timers/promises'
import { type CheckerLane, createChecker } from '../../src/testing/index.js'
import type { Contender } from './peers/contender.js'
import { holdfastPlain, holdfastResumable } from './peers/holdfast.js'
import { socketIo } from './peers/socket-io.js'
import { partySocket, reconnectingWebSocket } from './peers/wrappers.js'
import type { Scenario } from './scenarios.js'
import { openStage } from './stage.js'
import type { Plan } from './trial.js'
import { pace } from './workload.js'

export const CONTENDERS: readonly Contender[] = [
  reconnectingWebSocket,
  partySocket,
  socketIo,
  holdfastPlain,
  holdfastResumable,
]

/** Scenarios in which no server has to remember anything. */
export const STORMS = ['cut after a hole', 'half-open cut', 'mixed, one server'] as const

/** What became of the messages of one direction. */
export interface Losses {
  readonly lost: number
  readonly twice: number
  readonly outOfOrder: number
}

export interface Comparison {
  readonly library: string
  readonly scenario: string
  readonly up: Losses
  readonly down: Losses
  /** Messages that the page was told may not have arrived. */
  readonly doubted: number
  readonly reconnects: number
  /** Reconnects of which the page was told that it missed nothing; `undefined` if the library does not say. */
  readonly recovered: number | undefined
}

/** With nothing new for so long, in ms, nothing more comes. */
const QUIET_MS = 2_000
const DEADLINE_MS = 15_000
const LOOK_MS = 100

const never = (): never => {
  throw new Error('The servers of this run do not restart.')
}

export async function compare(contender: Contender, scenario: Scenario, plan: Plan): Promise<Comparison> {
  const { messages, forMs } = plan
  const checker = createChecker()
  const up = checker.lane('up')
  const down = checker.lane('down')
  let doubted = 0
  let reconnects = 0
  let recovered: number | undefined
  let heard = 0
  let ready = (): void => {}
  const isReady = new Promise<void>((resolve) => {
    ready = resolve
  })
  const take = (lane: typeof up) => (n: number) => {
    heard++
    // Number 0 is to find out that both ends are there.
    if (n > 0) lane.received(n)
    else if (lane === down) ready()
  }

  const server = await contender.serve(take(up))
  const stage = await openStage(server.port, plan.seed)
  const page = contender.connect(stage.url, {
    heard: take(down),
    doubted(count) {
      doubted += count
    },
    reconnected(missedNothing) {
      reconnects++
      if (missedNothing !== undefined) recovered = (recovered ?? 0) + Number(missedNothing)
    },
  })
  const say = (lane: typeof up, end: { say(n: number): void }) => (n: number) => {
    lane.sent(n)
    end.say(n)
  }
  try {
    const calls = setInterval(() => server.say(0), LOOK_MS)
    await isReady
    clearInterval(calls)
    const { signal } = new AbortController()
    const spoken = [
      pace(1, messages, forMs * 0.95, signal, say(up, page)),
      pace(1, messages, forMs * 0.95, signal, say(down, server)),
    ]
    await scenario.storm({ stage, crash: never, restart: never }, plan, {})
    stage.proxy.heal()
    await Promise.all(spoken)
    await untilQuiet(
      () => heard,
      () => up.report().received === messages && down.report().received === messages,
    )
  } finally {
    page.close()
    await stage.close()
    server.close()
  }
  return {
    library: contender.name,
    scenario: scenario.name,
    up: lossesOf(up),
    down: lossesOf(down),
    doubted,
    reconnects,
    recovered,
  }
}

export function lossesOf(lane: CheckerLane): Losses {
  const { lost, twice, outOfOrder } = lane.report()
  return { lost: lost.length, twice: twice.length, outOfOrder: outOfOrder.length }
}

/** Waits until all is there, or nothing new has come for a while. */
export async function untilQuiet(count: () => number, isComplete: () => boolean): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  let last = count()
  let quietSince = performance.now()
  while (performance.now() < deadline && !isComplete()) {
    await wait(LOOK_MS)
    if (count() !== last) quietSince = performance.now()
    else if (performance.now() - quietSince > QUIET_MS) return
    last = count()
  }
}
