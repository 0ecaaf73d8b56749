/** The side-by-side run as one picture: bars for what was lost and what came twice, as SVG for light and dark pages. */
import { FONT, INK, LINE, toSvg } from '../../bench/report/paper.js'
import type { Comparison } from './side-by-side.js'

const WIDTH = 980
const HEIGHT = 560
const MARGIN = { left: 190, right: 60, top: 128, bottom: 40 }
const GAP = 44

const TITLE = { textStyle: { fontSize: 16, fontWeight: 'bold', color: INK, fontFamily: FONT } } as const

/** Scenarios for readers who do not know them. */
const HEADINGS: { readonly [scenario: string]: string } = {
  'cut after a hole': 'connections cut',
  'half-open cut': 'cut, unseen by the server',
  'mixed, one server': 'all faults mixed',
}

/** Distinct also for those who do not see colours as most do, and on both grounds. */
const BARS = [
  { name: 'lost, page → server', colour: '#d9730d', value: ({ up }: Comparison) => up.lost },
  { name: 'lost, server → page', colour: '#e0a100', value: ({ down }: Comparison) => down.lost },
  { name: 'twice, either way', colour: '#3b82d6', value: ({ up, down }: Comparison) => up.twice + down.twice },
]

/** `messages`: each way, which is where the axes end. */
export function draw(comparisons: readonly Comparison[], messages: number): string {
  const storms = [...new Set(comparisons.map(({ scenario }) => scenario))]
  const width = (WIDTH - MARGIN.left - MARGIN.right - GAP * (storms.length - 1)) / storms.length
  const left = (at: number): number => MARGIN.left + at * (width + GAP)
  const option = {
    legend: {
      top: 48,
      left: MARGIN.left - 5,
      itemWidth: 16,
      itemGap: 24,
      textStyle: { fontSize: 15, color: INK },
      data: BARS.map(({ name }) => name),
    },
    title: [
      { ...TITLE, text: `Of ${messages.toLocaleString('en')} messages each way`, left: MARGIN.left - 5, top: 8 },
      ...storms.map((storm, at) => ({ ...TITLE, text: HEADINGS[storm] ?? storm, left: left(at) - 5, top: 88 })),
    ],
    grid: storms.map((_, at) => ({ left: left(at), width, top: MARGIN.top, bottom: MARGIN.bottom })),
    xAxis: storms.map((_, gridIndex) => ({
      gridIndex,
      type: 'value',
      max: messages,
      interval: messages,
      axisLabel: { color: INK, fontSize: 13, formatter: (value: number) => value.toLocaleString('en') },
      splitLine: { lineStyle: { color: LINE } },
    })),
    yAxis: storms.map((storm, gridIndex) => ({
      gridIndex,
      type: 'category',
      inverse: true,
      data: comparisons.filter(({ scenario }) => scenario === storm).map(({ library }) => library.replace(' ', '\n')),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: LINE } },
      axisLabel: { show: gridIndex === 0, color: INK, fontSize: 14, lineHeight: 18 },
    })),
    series: storms.flatMap((storm, at) =>
      BARS.map(({ name, colour, value }) => ({
        name,
        type: 'bar',
        xAxisIndex: at,
        yAxisIndex: at,
        barWidth: 15,
        barGap: '25%',
        itemStyle: { color: colour },
        label: {
          show: true,
          position: 'right',
          fontSize: 13,
          color: INK,
          formatter: ({ value }: { value?: unknown }) => Number(value).toLocaleString('en'),
        },
        data: comparisons.filter(({ scenario }) => scenario === storm).map(value),
      })),
    ),
  }
  return toSvg({ width: WIDTH, height: HEIGHT, description: describe(comparisons), option })
}

/** The picture in words. */
const describe = (comparisons: readonly Comparison[]): string =>
  comparisons
    .map(({ scenario, library, up, down }) => {
      const numbers = `${up.lost} lost from page to server, ${down.lost} from server to page, ${up.twice + down.twice} twice`
      return `${scenario}, ${library}: ${numbers}.`
    })
    .join(' ')
