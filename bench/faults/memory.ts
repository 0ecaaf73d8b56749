/** Bytes of the page for each message that waits for a connection. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Absent } from '../page/context.js'
import type { Memory } from '../page/memory.js'
import { count, newTally } from '../page/numbered.js'
import { END } from '../page/signals.js'
import { openStand, type RunTask } from './stand.js'
import { openWay } from './way.js'

/** With nothing new for so long, in ms, nothing more comes. */
const SILENCE_MS = 1_000
/** To see that what is queued arrives; how fast many do is another measure. */
const CHECKED = 1_000
const LIMIT_MS = 60_000
const LOOK_MS = 100

export interface Queued extends Memory {
  /** Of `CHECKED` messages those that did not arrive once there was a connection, and those twice or out of order. */
  readonly lost: number
  readonly late: number
}

/** `'absent'` if nothing of what was sent has arrived: it has not waited. */
export async function measureMemory(runTask: RunTask, peer: string, messages: number): Promise<Queued | Absent> {
  const tally = newTally()
  const over = new AbortController()
  let heardAt = 0
  const stand = await openStand(peer, (n) => {
    heardAt = performance.now()
    count(tally, n)
  })
  const way = await openWay(stand.port)
  way.hold()
  /** Tells the page when the last has come; more than once, since a page without a connection cannot hear it. */
  const watch = async (): Promise<void> => {
    heardAt = performance.now()
    way.heal()
    while (!over.signal.aborted) {
      await wait(LOOK_MS)
      if (tally.received >= CHECKED || performance.now() - heardAt > SILENCE_MS) stand.say(END)
    }
  }
  try {
    const result = await runTask(peer, {
      task: 'memory',
      args: { messages, checked: CHECKED },
      url: way.url,
      limitMs: LIMIT_MS,
      onMark(name) {
        if (name === 'begin') way.hold()
        else void watch()
      },
    })
    if (result === 'absent' || !tally.received) return 'absent'
    return { ...result, lost: CHECKED - tally.received, late: tally.late }
  } finally {
    over.abort()
    await way.close()
    await stand.close()
  }
}
