/** Processor time of processes, as Linux counts it; elsewhere there is none, and figures that need it are absent. */
import { readdirSync, readFileSync } from 'node:fs'
import { cpus } from 'node:os'

const NANOSECONDS_PER_MS = 1e6
/** Linux counts in hundredths of a second for programs (`man 7 time`). */
const MS_PER_TICK = 10

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // The process has ended.
    return ''
  }
}

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

interface Process {
  readonly pid: string
  readonly parent: string
  /** In ms, with that of children that have ended. */
  readonly ms: number
}

/** `man 5 proc_pid_stat`; the name, in brackets, may contain anything. */
function readStat(pid: string): Process | undefined {
  const [, rest] = /\) (.*)/.exec(read(`/proc/${pid}/stat`)) ?? []
  const fields = rest?.split(' ')
  const [own = 0, system = 0, children = 0, systemOfChildren = 0] = fields?.slice(11, 15).map(Number) ?? []
  return fields && { pid, parent: `${fields[1]}`, ms: (own + system + children + systemOfChildren) * MS_PER_TICK }
}

/** A process and all that come from it. */
function familyOf(root: number): Process[] {
  const all = list('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(readStat)
    .filter((process) => process !== undefined)
  const family = new Set([`${root}`])
  for (let before = 0; before !== family.size; ) {
    before = family.size
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid)
  }
  return all.filter(({ pid }) => family.has(pid))
}

/** Time that the main thread of each process that runs pages has had, in ms, by process. */
export type PageTimes = ReadonlyMap<string, number>

/**
 * Script runs on the main thread, which is where a library's cost is felt; other threads of the same process carry
 * frames from and to the browser's network process, alike for all.
 */
export function pageTimes(browser: { pid: number | undefined; isPageProcess(command: string): boolean }): PageTimes {
  const { pid: root } = browser
  if (root === undefined) return new Map()
  const pages = familyOf(root).filter(({ pid }) =>
    browser.isPageProcess(read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')),
  )
  return new Map(
    pages.map(({ pid }) => {
      // The first number is the time on a processor, in nanoseconds (kernel, scheduler/sched-stats).
      const [nanoseconds] = read(`/proc/${pid}/task/${pid}/schedstat`).split(' ')
      return [pid, Number(nanoseconds) / NANOSECONDS_PER_MS]
    }),
  )
}

/** What the page that worked had between the two: the others are processes that the browser keeps ready. */
export function timeOfPage(before: PageTimes, after: PageTimes): number | undefined {
  const grown = [...after].map(([pid, ms]) => ms - (before.get(pid) ?? ms))
  return grown.length ? Math.max(...grown) : undefined
}

/** What all processors did so far, and what of that was for this process and those that it started, in ms. */
export interface Busy {
  readonly at: number
  readonly all: number
  readonly own: number
}

export function busyTime(): Busy {
  // User, nice and system time; what the kernel does for the network belongs to nobody (`man 5 proc_stat`).
  const [user = 0, nice = 0, system = 0] = read('/proc/stat').split(/\s+/).slice(1, 4).map(Number)
  const own = familyOf(process.pid).reduce((sum, { ms }) => sum + ms, 0)
  return { at: performance.now(), all: (user + nice + system) * MS_PER_TICK, own }
}

/** The share of all processors, from 0 to 1, that went to others between the two. */
export function disturbance(before: Busy, after: Busy): number {
  const others = after.all - before.all - (after.own - before.own)
  return Math.max(0, others) / ((after.at - before.at) * cpus().length)
}
