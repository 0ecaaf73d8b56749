/** Numbers both ways while the connection is cut again and again, with a moment before it in which all is lost. */
import { setTimeout as wait } from 'node:timers/promises'
import { createChecker } from '../../src/testing/index.js'
import { SCENARIOS } from '../../test/chaos/scenarios.js'
import { type Losses, lossesOf, untilQuiet } from '../../test/chaos/side-by-side.js'
import { openStage } from '../../test/chaos/stage.js'
import { pace } from '../../test/chaos/workload.js'
import { BEGIN, END } from '../page/signals.js'
import { openStand, type RunTask } from './stand.js'

const EVERY_MS = 300
const DELAY_MS = 50
const RATE = 250
const SEED = 1
/** How long a page may take to load and connect, and at the end to come back, in ms. */
const AROUND_MS = 45_000
const CALL_MS = 100

const storm = SCENARIOS.find(({ name }) => name === 'cut after a hole')

export interface Cuts {
  readonly up: Losses
  readonly down: Losses
  readonly openings: number
}

const never = (): never => {
  throw new Error('The servers of this run do not restart.')
}

/** `messages`: each way, 250 in a second. */
export async function measureCuts(runTask: RunTask, peer: string, messages: number): Promise<Cuts> {
  const checker = createChecker()
  const up = checker.lane('up')
  const down = checker.lane('down')
  const forMs = (messages / RATE) * 1000
  let heard = 0
  const stand = await openStand(peer, (n) => {
    heard++
    up.received(n)
  })
  const stage = await openStage(stand.port, SEED)
  const over = new AbortController()
  /** Says something again and again: the page may be away, or may not be there yet. */
  const call = async (n: number, until: () => boolean): Promise<void> => {
    while (!until() && !over.signal.aborted) {
      stand.say(n)
      await wait(CALL_MS)
    }
  }
  const run = async (): Promise<void> => {
    await call(BEGIN, () => heard > 0)
    if (over.signal.aborted) return
    const spoken = pace(1, messages, forMs * 0.95, over.signal, (n) => {
      down.sent(n)
      stand.say(n)
    })
    await storm?.storm({ stage, crash: never, restart: never }, { everyMs: EVERY_MS, forMs }, {})
    stage.proxy.heal()
    await spoken
    await untilQuiet(
      () => heard,
      () => up.report().received === messages,
    )
    await call(END, () => false)
  }
  for (let n = 1; n <= messages; n++) up.sent(n)
  try {
    const [page] = await Promise.all([
      runTask(peer, {
        task: 'cuts',
        args: { messages, overMs: forMs * 0.95, delayMs: DELAY_MS },
        url: stage.url,
        limitMs: forMs + AROUND_MS,
      }).finally(() => over.abort()),
      run(),
    ])
    for (const n of page.heard) down.received(n)
    return { up: lossesOf(up), down: lossesOf(down), openings: page.openings }
  } finally {
    await stage.close()
    await stand.close()
  }
}
