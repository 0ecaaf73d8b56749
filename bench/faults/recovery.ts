/** A connection that is broken: how long until the page knows, and until it has another. */
import { setTimeout as wait } from 'node:timers/promises'
import { openStand, type RunTask, type StandOptions } from './stand.js'
import { openWay, type Way } from './way.js'

export interface BreakOptions extends StandOptions {
  readonly delayMs: number
  readonly heartbeatMs?: number
  /** How often it is broken, each time it has been open for `afterMs`. */
  readonly times: number
  readonly afterMs: number
  /** With no opening for so long after the last, in ms, there comes none. */
  readonly limitMs: number
  how(way: Way): void
}

/** What came of one break, in ms from it; `undefined` is never. */
export interface Recovery {
  /** The library says that the connection is gone. */
  readonly noticed: number | undefined
  /** It says that there is another. */
  readonly open: number | undefined
  /** A message has come through that. */
  readonly through: number | undefined
}

/** The longest that a page takes to load, in ms, and its messages under way. */
const AROUND_MS = 15_000

export async function breakAndWait(runTask: RunTask, peer: string, options: BreakOptions): Promise<Recovery[]> {
  const { delayMs, heartbeatMs, times, afterMs, limitMs, how } = options
  /** When each connection was broken, and when the first message came through the one after it, as `Date.now()`. */
  const brokenAt: number[] = []
  const heardAt: number[] = []
  const onHeard = (n: number): void => {
    heardAt.push(Date.now())
    if (n !== heardAt.length) throw new Error(`${peer}: the message of opening ${n} came as number ${heardAt.length}`)
    stand.say(n)
    if (n <= times) void breakSoon()
  }
  const breakSoon = async (): Promise<void> => {
    await wait(afterMs)
    brokenAt.push(Date.now())
    how(way)
  }
  const stand = await openStand(peer, onHeard, options)
  const way = await openWay(stand.port)
  try {
    const openings = await runTask(peer, {
      task: 'recovery',
      args: { openings: times + 1, delayMs, limitMs, ...(heartbeatMs !== undefined && { heartbeatMs }) },
      url: way.url,
      limitMs: (times + 1) * limitMs + AROUND_MS,
    })
    return brokenAt.map((at, i) => {
      const since = (time: number | undefined): number | undefined => time && time - at
      return {
        noticed: since(openings[i]?.closedAt),
        open: since(openings[i + 1]?.openedAt),
        through: since(heardAt[i + 1]),
      }
    })
  } finally {
    await way.close()
    await stand.close()
  }
}
