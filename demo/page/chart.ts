import uPlot, { type AlignedData, type Axis, type Options } from 'uplot'

type Shape = Omit<Options, 'width' | 'height'>

/** Colours of the page as it looks now, by the names that style.css gives them. */
export type Palette = (name: string) => string

/**
 * A chart that fills its host and follows its width and the colour scheme. `describe` gives its options; it is called
 * again for each scheme. Gives a function that draws data.
 */
export function createChart(host: HTMLElement, describe: (palette: Palette) => Shape): (data: AlignedData) => void {
  let data: AlignedData = [[]]
  let plot: uPlot | undefined
  const size = () => ({ width: host.clientWidth, height: host.clientHeight })

  const build = (): void => {
    plot?.destroy()
    const style = getComputedStyle(document.documentElement)
    plot = new uPlot({ ...size(), ...describe((name) => style.getPropertyValue(name)) }, data, host)
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', build)
  new ResizeObserver(() => plot?.setSize(size())).observe(host)
  build()

  return (next) => {
    data = next
    plot?.setData(data)
  }
}

/** An axis in the page's quiet colours. */
export const quietAxis = (palette: Palette, more: Axis): Axis => ({
  stroke: palette('--soft'),
  grid: { stroke: palette('--line'), width: 1 },
  ticks: { show: false },
  font: '11px system-ui',
  gap: 4,
  ...more,
})
