/** Runs the tasks of pages, library after library, over and over: A B C, B C A. */
import type { About, TaskArguments, TaskName } from '../page/main.js'
import { busyTime, disturbance, type PageTimes, pageTimes, timeOfPage } from './processes.js'
import type { Servers } from './servers.js'
import type { Site } from './site.js'

/** More of the machine than this for others, and a figure is measured again, if it still can be. */
const MAX_DISTURBANCE = 0.1
const TASK_LIMIT_MS = 60_000

/** What the rounds need of a browser. */
export interface PageOpener {
  readonly pid: number | undefined
  isPageProcess(command: string): boolean
  open(url: string): Promise<() => Promise<void>>
}

/** A task, and what its figures are called. */
export type Plan = {
  [Name in TaskName]: { readonly measure: string; readonly task: Name; readonly args: TaskArguments<Name> }
}[TaskName]

/** What one library gave for one measure in one round. */
export interface Figure {
  readonly peer: string
  readonly measure: string
  readonly round: number
  /** `'absent'`: the library cannot do that. */
  readonly result: unknown
  /** Processor time of the page for each message, in microseconds, where the task has a measured stretch. */
  readonly pageMicroseconds?: number
  /** The share of the machine that others had, where it was too much, after some attempts. */
  readonly disturbed?: number
}

export interface Measured {
  readonly peers: { readonly [file: string]: About }
  readonly figures: readonly Figure[]
}

export interface RoundsOptions {
  readonly peers: readonly string[]
  readonly plans: readonly Plan[]
  readonly rounds: number
  /** How often a figure is measured at most, if others disturb. */
  readonly attempts: number
}

export async function measureInPages(
  { site, servers, browser }: { site: Site; servers: Servers; browser: PageOpener },
  { peers, plans, rounds, attempts }: RoundsOptions,
  onFigure: (figure: Figure) => void = () => {},
): Promise<Measured> {
  const figures: Figure[] = []
  const abouts: { [file: string]: About } = {}
  for (let round = 1; round <= rounds; round++) {
    for (const peer of rotate(peers, round - 1)) {
      const slot = site.newSlot()
      const close = await browser.open(slot.address(peer))
      try {
        for (const { measure, task, args } of plans) {
          const once = async (): Promise<Figure> => {
            let before: PageTimes = new Map()
            let page: number | undefined
            const busy = busyTime()
            const result = await slot.run(
              (about) => {
                abouts[peer] = about
                return { name: task, args, url: servers.url(about.host), controlUrl: servers.controlUrl(about.host) }
              },
              TASK_LIMIT_MS,
              (mark) => {
                if (mark === 'begin') before = pageTimes(browser)
                else page = timeOfPage(before, pageTimes(browser))
              },
            )
            const disturbed = disturbance(busy, busyTime())
            return {
              peer,
              measure,
              round,
              result,
              ...(page && 'messages' in args && { pageMicroseconds: (page * 1000) / args.messages }),
              ...(disturbed > MAX_DISTURBANCE && { disturbed }),
            }
          }
          let figure = await once().catch((error) => fail(peer, measure, error))
          for (let attempt = 1; figure.disturbed && attempt < attempts; attempt++) figure = await once()
          figures.push(figure)
          onFigure(figure)
        }
      } finally {
        slot.close()
        await close()
      }
    }
  }
  return { peers: abouts, figures }
}

/** Each round begins with another one, so that no library always has the place after the same other. */
const rotate = <T>(list: readonly T[], by: number): T[] => {
  const at = by % list.length
  return [...list.slice(at), ...list.slice(0, at)]
}

/** A message that is missing or came twice makes the whole run worthless. */
function fail(peer: string, measure: string, cause: unknown): never {
  throw new Error(`${peer}, ${measure}: ${cause instanceof Error ? cause.message : cause}`, { cause })
}
