/** Numbers from `from` to `to`, both inclusive; if `to` is below `from`, nothing was missing. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** What became of the messages of a lane. Lists are in ascending order. */
export interface LaneReport {
  /** Different messages that were sent. */
  readonly sent: number
  /** Different messages that arrived. */
  readonly received: number
  /** Sent and never received, and nobody said so: neither unknown nor refused, nor in a gap. */
  readonly lost: readonly number[]
  /** Received more than once. */
  readonly twice: readonly number[]
  /** Received for the first time after a higher one. */
  readonly outOfOrder: readonly number[]
  /** Received, and neither sent nor refused. */
  readonly neverSent: readonly number[]
  /** Received, although said to be refused. */
  readonly refusedButReceived: readonly number[]
  /** Said to be of unknown fate. Whether they arrived does not matter. */
  readonly unknown: readonly number[]
  /** Said to be refused: dropped, or never taken. */
  readonly refused: readonly number[]
  /** As they were reported. */
  readonly gaps: readonly Gap[]
}

/** One stream of numbered messages in an order of its own. Each number is a whole one; others throw a `RangeError`. */
export interface CheckerLane {
  /** The sender handed the message over. */
  sent(n: number): void
  /** The receiver got the message. */
  received(n: number): void
  /** The sender was told that nobody knows whether the message arrived. */
  unknown(n: number): void
  /** The sender was told that the message will never be sent. */
  refused(n: number): void
  /**
   * The receiver was told of a gap. `from` defaults to the number after the highest received so far, or 0. Without `to`
   * it ends at the highest number sent so far, or sooner, before the next number received from `from` on.
   */
  gap(from?: number, to?: number): void
  report(): LaneReport
  /** One line, such as `3 sent, 2 received, lost 1: 2`. */
  toString(): string
  /**
   * Throws an `Error` that names the first numbers of each kind unless every message arrived once and in order, or was
   * said to be unknown, refused or in a gap. Where those are not allowed either, look at the report.
   */
  assertExactlyOnce(): void
}

/** Keeps the books on numbered messages. */
export interface Checker {
  /** The lane of that name, such as a direction; made when it is first asked for. */
  lane(name: string): CheckerLane
  /** By name of the lane. */
  report(): Record<string, LaneReport>
  /** A line for each lane. */
  toString(): string
  /** Of all lanes. */
  assertExactlyOnce(): void
}

/** What must not be there, in the order of the summary. */
const FAILURES = ['lost', 'twice', 'outOfOrder', 'neverSent', 'refusedButReceived'] as const
const NOTES = ['unknown', 'refused'] as const

const LABELS = {
  lost: 'lost',
  twice: 'twice',
  outOfOrder: 'out of order',
  neverSent: 'never sent',
  refusedButReceived: 'refused but received',
  unknown: 'unknown',
  refused: 'refused',
} as const

/** Numbers of one kind that a summary names. */
const NAMED = 10

/** Finds out which messages were lost, came twice or out of order, and what was said about them. */
export function createChecker(): Checker {
  const lanes = new Map<string, CheckerLane>()
  return {
    lane(name) {
      const lane = lanes.get(name) ?? createLane()
      lanes.set(name, lane)
      return lane
    },
    report: () => Object.fromEntries([...lanes].map(([name, lane]) => [name, lane.report()])),
    toString: () => [...lanes].map(([name, lane]) => `${name}: ${lane}`).join('\n'),
    assertExactlyOnce() {
      const failed = [...lanes].flatMap(([name, lane]) => {
        const failures = failuresOf(lane.report())
        return failures ? [`${name}: ${failures}`] : []
      })
      if (failed.length > 0) throw new Error(failed.join('\n'))
    },
  }
}

function createLane(): CheckerLane {
  const sent = new Set<number>()
  const received = new Set<number>()
  const twice = new Set<number>()
  const outOfOrder: number[] = []
  const unknown = new Set<number>()
  const refused = new Set<number>()
  const gaps: { from: number; to: number }[] = []
  /** The last gap told without an end, until the next number received. */
  let openGap: { from: number; to: number } | undefined
  let highestSent = Number.NEGATIVE_INFINITY
  let highest = Number.NEGATIVE_INFINITY

  const report = (): LaneReport => {
    const isCovered = coverOf(gaps)
    const isSaid = (n: number): boolean => unknown.has(n) || refused.has(n) || isCovered(n)
    return {
      sent: sent.size,
      received: received.size,
      lost: sorted(sent, (n) => !received.has(n) && !isSaid(n)),
      twice: sorted(twice),
      outOfOrder: sorted(outOfOrder),
      neverSent: sorted(received, (n) => !sent.has(n) && !refused.has(n)),
      refusedButReceived: sorted(refused, (n) => received.has(n)),
      unknown: sorted(unknown),
      refused: sorted(refused),
      gaps: gaps.map((gap) => ({ ...gap })),
    }
  }

  return {
    sent(n) {
      sent.add(whole(n))
      highestSent = Math.max(highestSent, n)
    },
    received(n) {
      if (received.has(whole(n))) {
        twice.add(n)
        return
      }
      received.add(n)
      if (n < highest) outOfOrder.push(n)
      highest = Math.max(highest, n)
      if (openGap && n >= openGap.from) {
        openGap.to = Math.min(openGap.to, n - 1)
        openGap = undefined
      }
    },
    unknown: (n) => void unknown.add(whole(n)),
    refused: (n) => void refused.add(whole(n)),
    gap(from = received.size > 0 ? highest + 1 : 0, to) {
      const gap = { from: whole(from), to: whole(to ?? Math.max(highestSent, from - 1)) }
      gaps.push(gap)
      if (to === undefined) openGap = gap
    },
    report,
    toString() {
      const now = report()
      const kinds = [...FAILURES, ...NOTES].flatMap((kind) => listOf(kind, now[kind]))
      const told = now.gaps.length > 0 ? [`gaps ${now.gaps.map(({ from, to }) => `${from}–${to}`).join(', ')}`] : []
      return [`${now.sent} sent`, `${now.received} received`, ...kinds, ...told].join('; ')
    },
    assertExactlyOnce() {
      const failures = failuresOf(report())
      if (failures) throw new Error(failures)
    },
  }
}

const failuresOf = (report: LaneReport): string => FAILURES.flatMap((kind) => listOf(kind, report[kind])).join('; ')

/** `lost 3: 17, 18, 40`, or nothing if there are none. */
function listOf(kind: keyof typeof LABELS, numbers: readonly number[]): string[] {
  if (numbers.length === 0) return []
  const more = numbers.length > NAMED ? ', …' : ''
  return [`${LABELS[kind]} ${numbers.length}: ${numbers.slice(0, NAMED).join(', ')}${more}`]
}

const sorted = (numbers: Iterable<number>, isWanted: (n: number) => boolean = () => true): number[] =>
  [...numbers].filter(isWanted).sort((a, b) => a - b)

/** Whether a number is in one of the gaps; by halving, as there may be many of both. */
function coverOf(gaps: readonly Gap[]): (n: number) => boolean {
  const apart: { from: number; to: number }[] = []
  for (const { from, to } of [...gaps].sort((a, b) => a.from - b.from)) {
    const last = apart.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else apart.push({ from, to })
  }
  return (n) => {
    let low = 0
    let high = apart.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((apart[middle]?.to ?? n) < n) low = middle + 1
      else high = middle
    }
    const first = apart[low]
    return first !== undefined && first.from <= n
  }
}

function whole(n: number): number {
  if (!Number.isSafeInteger(n)) throw new RangeError(`${n} is not the number of a message.`)
  return n
}
