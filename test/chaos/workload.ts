/**
 * What both ends say in a run: numbered messages. The two directions count separately, from 1, and a number says by
 * itself in which way its message travels. Each way is a lane: an order of its own, and books of its own.
 *
 * up         | lane     | how
 * -----------|----------|-----------------------------------------------------------------
 * 1, 5, 9 …  | events   | event of a channel
 * 2, 6, 10 … | events   | event of a channel, by `deliver`: the sender waits for its fate
 * 3, 7, 11 … | raw      | raw text
 * 4, 8, 12 … | requests | request with an effect on the server
 *
 * down       | lane     | how
 * -----------|----------|-----------------------------------------------------------------
 * 1, 5, 9 …  | history  | broadcast on a channel with history
 * 2, 6, 10 … | direct   | event for this client alone
 * 3, 7, 11 … | items    | item of one stream that lasts for the whole run
 * 4, 8, 12 … | direct   | raw text for this client alone
 */

export interface Numbered {
  readonly n: number
  /** Makes messages differ in length. */
  readonly pad: string
}

/** `from`: how many items the page has. */
export interface From {
  readonly from: number
}

export interface App {
  requests: {
    effect: { params: Numbered; result: number }
    items: { params: From; item: Numbered }
  }
  channels: {
    up: { line: Numbered }
    history: { line: Numbered }
    direct: { line: Numbered }
  }
}

const UP_WAYS = ['event', 'deliver', 'raw', 'request'] as const
const DOWN_WAYS = ['history', 'direct', 'items', 'direct-raw'] as const
export const UP_LANES = ['events', 'raw', 'requests'] as const
export const DOWN_LANES = ['history', 'direct', 'items'] as const

export type UpWay = (typeof UP_WAYS)[number]
export type DownWay = (typeof DOWN_WAYS)[number]
export type UpLane = (typeof UP_LANES)[number]
export type DownLane = (typeof DOWN_LANES)[number]

const wayOf = <Way>(ways: readonly [Way, Way, Way, Way], n: number): Way => {
  const [first, second, third, fourth] = ways
  return [fourth, first, second][n % 4] ?? third
}
export const upWayOf = (n: number): UpWay => wayOf(UP_WAYS, n)
export const downWayOf = (n: number): DownWay => wayOf(DOWN_WAYS, n)

export const upLaneOf = (n: number): UpLane => {
  const way = upWayOf(n)
  return way === 'request' ? 'requests' : way === 'raw' ? 'raw' : 'events'
}
export const downLaneOf = (n: number): DownLane => {
  const way = downWayOf(n)
  return way === 'direct-raw' ? 'direct' : way
}

/** One message of each way: said when all is well again, they prove that nothing comes any more from before. */
export const LAST_WORDS = 4

/** Lengths from 0 to 250, the same for the same number. */
export const numbered = (n: number): Numbered => ({ n, pad: 'x'.repeat((n * 7919) % 251) })

/** A raw text that says its number. */
export const rawOf = (n: number): string => `line ${n} ${numbered(n).pad}`
export const readRaw = (text: string): number => Number(/^line (\d+) /.exec(text)?.[1] ?? Number.NaN)

/** The number in a message as it travelled. */
export function readSent(text: string): number {
  return text.startsWith('line ') ? readRaw(text) : Number(/"n":(\d+)/.exec(text)?.[1] ?? Number.NaN)
}

const TICK_MS = 10

/**
 * Calls `say` for the numbers from `from` to `to`, evenly over a time. Resolves after the last one; what is late is made
 * up for. Ends early when the signal aborts.
 */
export function pace(
  from: number,
  to: number,
  overMs: number,
  signal: AbortSignal,
  say: (n: number) => void,
): Promise<void> {
  const start = Date.now()
  let next = from
  return new Promise((resolve) => {
    const tick = (): void => {
      const due = Math.min(to, from + Math.floor(((to - from + 1) * (Date.now() - start)) / Math.max(1, overMs)))
      for (; next <= due; next++) say(next)
      if (next > to || signal.aborted) return resolve()
      setTimeout(tick, TICK_MS)
    }
    tick()
  })
}
