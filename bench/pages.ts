/** What is measured in pages, and what is made of it. */
import { type BenchBrowser, firefoxForOnePage, startChromium } from './driver/browser.js'
import { type Figure, measureInPages, type Plan } from './driver/rounds.js'
import { startServers } from './driver/servers.js'
import { startSite } from './driver/site.js'
import type { About } from './page/main.js'
import { type Column, drawBars } from './report/bars.js'
import { ratiosOf, type Spread, spreadOf } from './report/ratios.js'
import { type Picture, type Report, show, showSpread, type Table } from './report/tables.js'

const OURS = ['holdfast', 'holdfast-resumable']

/** What is done, the field of the result that a table is about, and whom the others are set against. */
interface Measure {
  readonly plan: Plan
  readonly title: string
  readonly unit: string
  readonly field: string
  readonly base: string
  /** Further fields that are shown. */
  readonly more?: readonly string[]
  readonly note?: string
}

const measuresOf = (share: number): Measure[] => [
  {
    plan: { measure: 'send', task: 'send', args: { messages: share * 10_000, binary: false } },
    title: 'Sending JSON of 100 bytes',
    unit: 'messages/s',
    field: 'perSecond',
    base: 'bare',
  },
  {
    plan: { measure: 'send 1 KiB', task: 'send', args: { messages: share * 4_000, binary: true } },
    title: 'Sending 1 KiB of bytes',
    unit: 'messages/s',
    field: 'perSecond',
    base: 'bare',
  },
  {
    plan: { measure: 'receive', task: 'receive', args: { messages: share * 10_000, binary: false } },
    title: 'Receiving JSON of 100 bytes',
    unit: 'messages/s',
    field: 'perSecond',
    base: 'bare',
  },
  {
    plan: { measure: 'receive 1 KiB', task: 'receive', args: { messages: share * 4_000, binary: true } },
    title: 'Receiving 1 KiB of bytes',
    unit: 'messages/s',
    field: 'perSecond',
    base: 'bare',
  },
  {
    plan: { measure: 'one by one', task: 'serial', args: { messages: share * 1_000 } },
    title: 'Requests, one after the other',
    unit: 'ms (p50)',
    field: 'p50',
    base: 'bare',
    more: ['p99'],
    note: 'The bare socket here is a map of promises by id, written by hand, without timeouts.',
  },
  {
    plan: { measure: '64 in flight', task: 'inFlight', args: { messages: share * 6_000, atOnce: 64 } },
    title: 'Requests, 64 in flight',
    unit: 'requests/s',
    field: 'perSecond',
    base: 'bare',
    note: 'As above. holdfast holds a timeout for each.',
  },
  {
    plan: { measure: 'flush', task: 'flush', args: { messages: share * 20_000 } },
    title: `Sending ${(share * 20_000).toLocaleString('en')} messages before there is a connection`,
    unit: 'ms',
    field: 'ms',
    base: 'by-hand',
    more: ['lost', 'late', 'refused', 'maxBuffered'],
    note: 'From the last that is handed over to the last that has arrived. `maxBuffered`: bytes in the browser at most.',
  },
]

export interface PageOptions {
  peers: readonly string[]
  rounds: number
  /** How often a figure is measured at most, if others disturb. */
  attempts: number
  /** Messages, as a share of those of a whole run. */
  share: number
  /** Names of measures. Default: all. */
  only?: readonly string[] | undefined
}

export async function measureChromium(options: PageOptions): Promise<Report> {
  const browser = await startChromium()
  try {
    return await measure(browser, options)
  } finally {
    await browser.close()
  }
}

export const measureFirefox = (options: PageOptions): Promise<Report> => measure(firefoxForOnePage(), options)

async function measure(browser: BenchBrowser, { peers, rounds, attempts, share, only }: PageOptions): Promise<Report> {
  const site = await startSite(peers)
  const servers = await startServers()
  try {
    const measures = measuresOf(share).filter(({ plan }) => only?.includes(plan.measure) ?? true)
    const plans = measures.map(({ plan }) => plan)
    const { figures, peers: abouts } = await measureInPages(
      { site, servers, browser },
      { peers, plans, rounds, attempts },
    )
    return {
      results: { browser: browser.name, version: browser.version, rounds, figures },
      tables: measures.map((measure) => tableOf(browser, measure, peers, figures)),
      pictures: picturesOf(browser, measures, peers, figures),
      packages: Object.values(abouts).flatMap((about: About) => about.package ?? []),
    }
  } finally {
    servers.close()
    site.close()
  }
}

const numberIn = (result: unknown, field: string): number | undefined => {
  const value: unknown = Object(result)[field]
  return typeof value === 'number' ? value : undefined
}

/** Those of one library and one measure, by round. */
const figuresOf = (figures: readonly Figure[], { plan }: Measure, peer: string): Figure[] =>
  figures
    .filter((figure) => figure.peer === peer && figure.measure === plan.measure && figure.result !== 'absent')
    .sort((a, b) => a.round - b.round)

const timesOf = (figures: readonly Figure[]) => figures.map(({ pageMicroseconds }) => pageMicroseconds)

function tableOf(browser: BenchBrowser, measure: Measure, peers: readonly string[], figures: readonly Figure[]): Table {
  const { title, unit, field, base, more = [], note } = measure
  const valuesOf = (of: readonly Figure[], name = field) => of.map(({ result }) => numberIn(result, name))
  const baseFigures = figuresOf(figures, measure, base)
  const hasTimes = timesOf(baseFigures).some((time) => time !== undefined)
  const able = peers.filter((peer) => figuresOf(figures, measure, peer).length)
  return {
    title: `${title}, ${browser.name}`,
    ...(note && { note }),
    head: ['library', unit, 'ratio', ...(hasTimes ? ['page, µs', 'ratio of that'] : []), ...more, 'disturbed'],
    rows: able.map((peer) => {
      const own = figuresOf(figures, measure, peer)
      return [
        peer,
        show(spreadOf(valuesOf(own)).median),
        showSpread(ratiosOf(valuesOf(own), valuesOf(baseFigures))),
        ...(hasTimes
          ? [show(spreadOf(timesOf(own)).median), showSpread(ratiosOf(timesOf(own), timesOf(baseFigures)))]
          : []),
        ...more.map((name) => show(spreadOf(valuesOf(own, name)).median)),
        `${own.filter(({ disturbed }) => disturbed).length}`,
      ]
    }),
  }
}

/** What a library costs: the time of the page's main thread, beside that of a bare socket. */
function picturesOf(
  browser: BenchBrowser,
  measures: readonly Measure[],
  peers: readonly string[],
  figures: readonly Figure[],
): Picture[] {
  const columns = measures.flatMap((measure): Column[] => {
    const base = timesOf(figuresOf(figures, measure, measure.base))
    const values = new Map<string, Spread>()
    for (const peer of peers) {
      const ratio = ratiosOf(timesOf(figuresOf(figures, measure, peer)), base)
      if (!Number.isNaN(ratio.median)) values.set(peer, ratio)
    }
    return values.size && measure.title in SHORT ? [{ title: SHORT[measure.title] ?? '', values }] : []
  })
  if (!columns.length) return []
  const title = `Main thread time a message, bare WebSocket = 1 (${browser.name})`
  return [
    { name: `cost-${browser.name}`, title, svg: drawBars({ title, libraries: peers, ours: OURS, columns, mark: 1 }) },
  ]
}

/** Headings of columns that are narrow. */
const SHORT: { readonly [title: string]: string } = {
  'Sending JSON of 100 bytes': 'sent',
  'Receiving JSON of 100 bytes': 'received',
  'Requests, 64 in flight': 'request and answer',
}
