/** What is measured in pages, and what is made of it. */
import { type BenchBrowser, firefoxForOnePage, startChromium } from './driver/browser.js'
import { type Figure, type Measured, measureInPages, type Plan } from './driver/rounds.js'
import { startServers } from './driver/servers.js'
import { startSite } from './driver/site.js'
import { type Ratio, ratiosOf, type Spread, spreadOf } from './report/ratios.js'

/** The library that all others are set against, but for requests, which have another (`handWritten`). */
export const BASE = 'bare'

const plansOf = (share: number): Plan[] => [
  { measure: 'send', task: 'send', args: { messages: share * 10_000, binary: false } },
  { measure: 'send 1 KiB', task: 'send', args: { messages: share * 5_000, binary: true } },
  { measure: 'receive', task: 'receive', args: { messages: share * 10_000, binary: false } },
  { measure: 'receive 1 KiB', task: 'receive', args: { messages: share * 5_000, binary: true } },
  { measure: 'requests, one by one', task: 'serial', args: { messages: share * 1_000 } },
  { measure: 'requests, 64 in flight', task: 'inFlight', args: { messages: share * 10_000, atOnce: 64 } },
  { measure: 'flush', task: 'flush', args: { messages: share * 20_000 } },
]

/** One library's line in a table. `ratio` and `pageRatio`: to the base, inside each round. */
export interface Line {
  readonly peer: string
  readonly value: Spread
  readonly ratio: Ratio
  /** Time of the page's main thread for each message, in microseconds. */
  readonly page?: Spread
  readonly pageRatio?: Ratio
  /** Further figures of the measure, medians, by name. */
  readonly more?: { readonly [name: string]: number }
  /** How many of its rounds were disturbed by other processes. */
  readonly disturbed: number
}

export interface Table {
  readonly measure: string
  readonly unit: '/s' | 'ms'
  readonly lines: readonly Line[]
}

export interface PageResults {
  readonly browser: string
  readonly version: string
  readonly rounds: number
  readonly peers: Measured['peers']
  readonly tables: readonly Table[]
  readonly figures: readonly Figure[]
}

export interface PageOptions {
  peers: readonly string[]
  rounds: number
  /** Messages, as a share of those of a whole run. */
  share: number
  only?: readonly string[] | undefined
  onFigure?: (figure: Figure) => void
}

export async function measureChromium(options: PageOptions): Promise<PageResults> {
  const browser = await startChromium()
  try {
    return await measure(browser, options)
  } finally {
    await browser.close()
  }
}

export const measureFirefox = (options: PageOptions): Promise<PageResults> => measure(firefoxForOnePage(), options)

async function measure(browser: BenchBrowser, options: PageOptions): Promise<PageResults> {
  const { peers, rounds, share, only, onFigure } = options
  const site = await startSite(peers)
  const servers = await startServers()
  try {
    const plans = plansOf(share).filter(({ measure }) => only?.includes(measure) ?? true)
    const measured = await measureInPages({ site, servers, browser }, { peers, plans, rounds }, onFigure)
    const tables = plans.map((plan) => tableOf(plan, peers, measured.figures))
    return { browser: browser.name, version: browser.version, rounds, ...measured, tables }
  } finally {
    servers.close()
    site.close()
  }
}

/** The figure that a table is about. */
const VALUE: { readonly [Task in Plan['task']]: { readonly unit: Table['unit']; readonly field: string } } = {
  send: { unit: '/s', field: 'perSecond' },
  receive: { unit: '/s', field: 'perSecond' },
  inFlight: { unit: '/s', field: 'perSecond' },
  serial: { unit: 'ms', field: 'p50' },
  flush: { unit: 'ms', field: 'ms' },
}
/** Others that are shown beside it. */
const MORE = ['p99', 'lost', 'late', 'refused', 'maxBuffered']

const numberIn = (result: unknown, field: string): number | undefined => {
  const value: unknown = Object(result)[field]
  return typeof value === 'number' ? value : undefined
}

function tableOf({ measure, task }: Plan, peers: readonly string[], figures: readonly Figure[]): Table {
  const { unit, field } = VALUE[task]
  const of = (peer: string): Figure[] => figures.filter((figure) => figure.peer === peer && figure.measure === measure)
  const valuesOf = (peer: string) => of(peer).map(({ result }) => numberIn(result, field))
  const timesOf = (peer: string) => of(peer).map(({ pageMicroseconds }) => pageMicroseconds)
  // A bare socket has no queue.
  const base = task === 'flush' ? 'by-hand' : BASE
  const lines = peers
    .filter((peer) => of(peer).some(({ result }) => result !== 'absent'))
    .map((peer): Line => {
      const more = MORE.flatMap((name) => {
        const values = of(peer).map(({ result }) => numberIn(result, name))
        return values.some((value) => value !== undefined) ? [[name, spreadOf(values).median] as const] : []
      })
      return {
        peer,
        value: spreadOf(valuesOf(peer)),
        ratio: ratiosOf(valuesOf(peer), valuesOf(base)),
        ...(timesOf(peer).some(Number.isFinite) && {
          page: spreadOf(timesOf(peer)),
          pageRatio: ratiosOf(timesOf(peer), timesOf(base)),
        }),
        ...(more.length && { more: Object.fromEntries(more) }),
        disturbed: of(peer).filter(({ disturbed }) => disturbed).length,
      }
    })
  return { measure, unit, lines }
}
