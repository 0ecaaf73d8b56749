/** What is to be said of a run: the diary of the page held against the notes of the server. */
import { type Checker, createChecker, type LaneReport } from '../../src/testing/index.js'
import type { Host } from './host.js'
import type { Diary, Entry } from './page.js'
import { DOWN_LANES, type DownLane, downLaneOf, UP_LANES, upLaneOf } from './workload.js'

export interface Verdict {
  readonly lost: number
  readonly twice: number
  readonly outOfOrder: number
  /** Arrived, although the sender was told that they would not. */
  readonly phantoms: number
  /** Messages up whose sender was told that they were dropped. */
  readonly dropped: number
  /** Messages up whose sender was told that their fate is unknown. */
  readonly unknown: number
  /** Reports that messages down are missing, and how many are. */
  readonly gaps: number
  readonly missing: number
  /** Everything that must not be; empty if all is well. */
  readonly faults: readonly string[]
}

/**
 * Fails unless each message arrived once and in order, or was named; and unless what was named is true. With `overlaps`
 * messages of unknown fate may arrive at any time.
 */
export function judge(diary: Diary, host: Pick<Host, 'heard' | 'unreadable' | 'said'>, overlaps = false): Verdict {
  const checker = createChecker()
  for (let n = 1; n <= diary.said; n++) checker.lane(upLaneOf(n)).sent(n)
  for (const n of host.said) checker.lane(downLaneOf(n)).sent(n)
  for (const [n] of diary.unknown) checker.lane(upLaneOf(n)).unknown(n)
  for (const [n] of diary.refused) checker.lane(upLaneOf(n)).refused(n)
  const atAnyTime = new Set(overlaps ? diary.unknown.map(([n]) => n) : [])
  for (const lane of UP_LANES) {
    for (const [n] of host.heard[lane]) if (!atAnyTime.has(n)) checker.lane(lane).received(n)
    const late = host.heard[lane].map(([n]) => n).filter((n) => atAnyTime.has(n))
    for (const n of late.sort((a, b) => a - b)) {
      checker.lane(`${lane}, late`).sent(n)
      checker.lane(`${lane}, late`).received(n)
    }
  }
  const last = Math.max(0, ...host.said)
  const gapFaults = DOWN_LANES.flatMap((lane) => read(checker, lane, diary.heard[lane], last))

  const lanes = Object.values(checker.report())
  const down = DOWN_LANES.map((lane) => checker.lane(lane).report())
  const sum = (count: (lane: LaneReport) => number): number => lanes.reduce((total, lane) => total + count(lane), 0)
  return {
    lost: sum(({ lost }) => lost.length),
    twice: sum(({ twice }) => twice.length),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder.length),
    phantoms: sum(({ refusedButReceived }) => refusedButReceived.length),
    dropped: sum(({ refused }) => refused.length),
    unknown: sum(({ unknown }) => unknown.length),
    gaps: sum(({ gaps }) => gaps.length),
    missing: down.reduce((total, { sent, received, lost }) => total + sent - received - lost.length, 0),
    faults: [...violations(checker), ...gapFaults, ...contradictions(diary, host, atAnyTime), ...diary.surprises],
  }
}

const violations = (checker: Checker): string[] => {
  try {
    checker.assertExactlyOnce()
    return []
  } catch (error) {
    return String(error instanceof Error ? error.message : error).split('\n')
  }
}

/** Reads a lane of the diary; a gap that says how many are missing has to be right. */
function read(checker: Checker, name: DownLane, entries: readonly Entry[], last: number): string[] {
  const lane = checker.lane(name)
  const sizes: (number | undefined)[] = []
  for (const entry of entries) {
    if (typeof entry === 'number') lane.received(entry)
    else {
      sizes.push(entry.size)
      lane.gap()
    }
  }
  const heard = new Set(entries)
  return lane.report().gaps.flatMap(({ from, to }, at) => {
    const said = sizes[at]
    let really = 0
    for (let n = Math.max(1, from); n <= Math.min(last, to); n++) if (downLaneOf(n) === name && !heard.has(n)) really++
    return said === undefined || said === really ? [] : [`${name}: a gap said ${said}, and ${really} are missing`]
  })
}

/** What the page was told and is not so. */
function contradictions(
  diary: Diary,
  { heard, unreadable }: Pick<Host, 'heard' | 'unreadable'>,
  atAnyTime: ReadonlySet<number>,
): string[] {
  const arrived = new Map(UP_LANES.flatMap((lane) => heard[lane]))
  const again = diary.unknown.filter(([n, toldAt]) => !atAnyTime.has(n) && (arrived.get(n) ?? 0) > toldAt)
  const said = diary.losses.reduce((sum, { unknown }) => sum + unknown, 0)
  const named = diary.unknown.length + diary.brokenStreams
  const faults = []
  if (again.length > 0) faults.push(`said to be unknown, and arrived after that: ${again.map(([n]) => n).join(', ')}`)
  if (said !== named) faults.push(`${said} were said to be unknown, and ${named} were named`)
  if (unreadable > 0) faults.push(`${unreadable} have no number`)
  if (diary.open > 0) faults.push(`${diary.open} have no fate`)
  return faults
}
