/** Pictures for documents: SVG by echarts, in colours that follow the reader's light or dark. */
import * as echarts from 'echarts'

export const FONT = 'ui-sans-serif, system-ui, Segoe UI, Roboto, sans-serif'

/** Drawn in these, and then told by the page that shows it. */
export const PAPER = '#000001'
export const INK = '#000002'
export const LINE = '#000003'

const STYLE = `<style>
svg { --paper: #ffffff; --ink: #1c2733; --line: #c3ced9 }
@media (prefers-color-scheme: dark) { svg { --paper: #14191f; --ink: #e6edf3; --line: #44525f } }
</style>`

export interface Picture {
  readonly width: number
  readonly height: number
  /** The picture in words, for those who do not see it. */
  readonly description: string
  readonly option: echarts.EChartsCoreOption
}

/** Draws an option of echarts, whose colours for ground, text and lines are the three above. */
export function toSvg({ width, height, description, option }: Picture): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width, height })
  chart.setOption({ animation: false, backgroundColor: PAPER, textStyle: { fontFamily: FONT, color: INK }, ...option })
  const svg = chart.renderToSVGString()
  chart.dispose()
  return svg
    .replace(/<svg ([^>]*)>/, `<svg $1 role="img">\n<title>${description}</title>\n${STYLE}`)
    .replaceAll(PAPER, 'var(--paper)')
    .replaceAll(INK, 'var(--ink)')
    .replaceAll(LINE, 'var(--line)')
}
