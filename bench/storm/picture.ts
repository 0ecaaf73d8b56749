/** Attempts a second over time: a panel for each library, all to one scale. */
import { INK, LINE, toSvg } from '../report/paper.js'
import type { Outage, StormFigures } from './server.js'

export interface Curve {
  readonly name: string
  readonly figures: StormFigures
}

const WIDTH = 720
const COLUMNS = 2
const PANEL = 180
const MARGIN = { left: 58, right: 34, top: 132, bottom: 44 }
const GAP = 74
/** Room for the title of a panel, of its height. */
const HEADING = 56
const OURS = '#2f7ed8'
const OTHERS = '#d9730d'
/** How long after the return it shows, in s. */
const SHOWN_SECONDS = 60

/** The first `ours` of the curves are set off from the others. */
export function drawStorm({ clients, awayMs, perSecond }: Outage, curves: readonly Curve[], ours: number): string {
  const seconds = awayMs / 1000 + SHOWN_SECONDS
  const width = (WIDTH - MARGIN.left - MARGIN.right - GAP * (COLUMNS - 1)) / COLUMNS
  const rows = Math.ceil(curves.length / COLUMNS)
  const left = (at: number): number => MARGIN.left + (at % COLUMNS) * (width + GAP)
  const top = (at: number): number => MARGIN.top + Math.floor(at / COLUMNS) * PANEL
  const heading = (text: string, at: number, offset: number, fontSize: number, bold = false) => ({
    text,
    left: left(at) - 5,
    top: top(at) - HEADING + offset,
    textStyle: { fontSize, fontWeight: bold ? 'bold' : 'normal', color: INK },
  })
  return toSvg({
    width: WIDTH,
    height: MARGIN.top + rows * PANEL - HEADING + MARGIN.bottom,
    description: `Attempts a second. ${curves.map(inWords).join(' ')}`,
    option: {
      title: [
        {
          text: `${inShort(clients)} clients lose their connection`,
          subtext: `Attempts a second. Server away for ${awayMs / 1000} s, then it takes ${inShort(perSecond)} a second (line).`,
          left: MARGIN.left - 5,
          top: 6,
          textStyle: { fontSize: 20, fontWeight: 'bold', color: INK },
          subtextStyle: { fontSize: 16, color: INK },
        },
        ...curves.flatMap(({ name, figures }, at) => [
          heading(name, at, 2, 16, true),
          heading(summary(figures), at, 24, 15),
        ]),
      ],
      grid: curves.map((_, at) => ({ left: left(at), width, top: top(at), height: PANEL - HEADING - 22 })),
      xAxis: curves.map((_, gridIndex) => ({
        gridIndex,
        type: 'value',
        max: seconds,
        interval: awayMs / 2000,
        axisLabel: { color: INK, fontSize: 14, formatter: (at: number) => `${at} s` },
        splitLine: { show: false },
        axisLine: { lineStyle: { color: LINE } },
      })),
      yAxis: curves.map((_, gridIndex) => ({
        gridIndex,
        type: 'log',
        min: clients / 1000,
        max: clients,
        axisLabel: { color: INK, fontSize: 14, formatter: inShort },
        splitLine: { lineStyle: { color: LINE } },
      })),
      series: curves.map(({ name, figures }, at) => ({
        name,
        type: 'line',
        xAxisIndex: at,
        yAxisIndex: at,
        step: 'end',
        symbol: 'none',
        lineStyle: { width: 1.5, color: at < ours ? OURS : OTHERS },
        areaStyle: { color: at < ours ? OURS : OTHERS, opacity: 0.25, origin: 'start' },
        data: Array.from({ length: seconds }, (_, second) => [
          second,
          Math.max(clients / 1000, figures.curve[second] ?? 0),
        ]),
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: INK, type: 'dashed', width: 1 },
          data: [[{ coord: [awayMs / 1000, perSecond] }, { coord: [seconds, perSecond] }]],
        },
      })),
    },
  })
}

const inShort = (value: number): string =>
  value >= 1e6 ? `${value / 1e6} M` : value >= 1000 ? `${value / 1000} k` : `${value}`

const summary = ({ peak, mostMs }: StormFigures): string =>
  `peak ${inShort(Number(peak.toPrecision(2)))}, 99 % after ${Math.round(mostMs / 1000)} s`

const inWords = ({ name, figures }: Curve): string => `${name}: ${summary(figures)}.`
