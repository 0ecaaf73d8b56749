/** Libraries as bars, one column for each measure, with a line from the least to the most of all rounds. */
import type { CustomSeriesRenderItem } from 'echarts'
import { INK, LINE, toSvg } from './paper.js'
import type { Spread } from './ratios.js'

export interface Column {
  readonly title: string
  /** By the name of the library; one that is not here cannot do it. */
  readonly values: ReadonlyMap<string, Spread>
}

export interface Bars {
  readonly title: string
  readonly libraries: readonly string[]
  /** Those that are set off from the others. */
  readonly ours: readonly string[]
  readonly columns: readonly Column[]
  /** Where a line across marks what the others are set against. */
  readonly mark?: number
}

const WIDTH = 980
const ROW = 26
const MARGIN = { left: 190, right: 66, top: 92, bottom: 30 }
const GAP = 82
/** A bar that is longer than so many times the median of all ends there, or nobody could tell the others apart. */
const LONGEST = 2.5
const OURS = '#2f7ed8'
const OTHERS = '#8a99a8'

export function drawBars(bars: Bars): string {
  const { title, libraries, columns } = bars
  const width = (WIDTH - MARGIN.left - MARGIN.right - GAP * (columns.length - 1)) / columns.length
  const left = (at: number): number => MARGIN.left + at * (width + GAP)
  const headings = [
    { text: title, left: MARGIN.left - 5, top: 10, textStyle: { fontSize: 17, fontWeight: 'bold', color: INK } },
    ...columns.map((column, at) => ({
      text: column.title,
      left: left(at) - 5,
      top: 56,
      textStyle: { fontSize: 14, color: INK },
    })),
  ]
  return toSvg({
    width: WIDTH,
    height: MARGIN.top + MARGIN.bottom + ROW * libraries.length,
    description: `${title}. ${columns.map(inWords).join(' ')}`,
    option: {
      title: headings,
      grid: columns.map((_, at) => ({ left: left(at), width, top: MARGIN.top, bottom: MARGIN.bottom })),
      xAxis: columns.map((column, gridIndex) => ({
        gridIndex,
        type: 'value',
        min: 0,
        max: endOf(column),
        splitNumber: 2,
        axisLabel: { color: INK, fontSize: 12, hideOverlap: true },
        splitLine: { lineStyle: { color: LINE } },
      })),
      yAxis: columns.flatMap((column, gridIndex) => axesOf(column, gridIndex, libraries)),
      series: columns.flatMap((column, at) => seriesOf(column, at, bars)),
    },
  })
}

/** Names stand on the left of the first column, figures on the right of each. */
function axesOf({ values }: Column, gridIndex: number, libraries: readonly string[]) {
  const axis = { gridIndex, type: 'category', inverse: true, axisTick: { show: false } }
  return [
    {
      ...axis,
      data: libraries,
      axisLine: { lineStyle: { color: LINE } },
      axisLabel: { show: gridIndex === 0, color: INK, fontSize: 13 },
    },
    {
      ...axis,
      position: 'right',
      data: libraries.map((name) => show(values.get(name)?.median)),
      axisLine: { show: false },
      axisLabel: { color: INK, fontSize: 13 },
    },
  ]
}

function seriesOf(column: Column, at: number, { libraries, ours, mark }: Bars) {
  const end = endOf(column)
  const place = { xAxisIndex: at, yAxisIndex: 2 * at, silent: true }
  const line = { symbol: 'none', label: { show: false }, lineStyle: { color: INK }, data: [{ xAxis: mark }] }
  return [
    {
      ...place,
      type: 'bar',
      barWidth: 13,
      ...(mark !== undefined && { markLine: { ...line, silent: true } }),
      data: libraries.map((name) => ({
        value: Math.min(column.values.get(name)?.median ?? 0, end),
        itemStyle: { color: ours.includes(name) ? OURS : OTHERS },
      })),
    },
    {
      ...place,
      type: 'custom',
      renderItem: whisker,
      data: libraries.flatMap((name, row) => {
        const { least, most } = column.values.get(name) ?? { least: end, most: end }
        return least < end ? [[least, row, Math.min(most, end)]] : []
      }),
    },
  ]
}

const whisker: CustomSeriesRenderItem = (_, api) => {
  const [x1 = 0, y = 0] = api.coord([api.value(0), api.value(1)])
  const [x2 = 0] = api.coord([api.value(2), api.value(1)])
  return { type: 'line', shape: { x1, x2, y1: y, y2: y }, style: { stroke: INK, lineWidth: 1.5 } }
}

/** The end of a column's axis. */
function endOf({ values }: Column): number {
  const medians = [...values.values()].map(({ median }) => median).sort((a, b) => a - b)
  const middle = medians[medians.length >> 1] ?? 1
  return Number(Math.min(LONGEST * middle, 1.15 * (medians.at(-1) ?? 1)).toPrecision(2))
}

const show = (value: number | undefined): string => {
  if (value === undefined) return '–'
  return value < 10 ? value.toFixed(2) : Math.round(value).toLocaleString('en')
}

const inWords = ({ title, values }: Column): string =>
  `${title}: ${[...values].map(([name, { median }]) => `${name} ${show(median)}`).join(', ')}.`
