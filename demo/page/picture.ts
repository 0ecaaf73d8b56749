import type { AlignedData } from 'uplot'
import type { Picture } from '../app.js'
import { createChart } from './chart.js'
import { byId, create } from './dom.js'
import { words } from './words/index.js'

let drawHistogram: ((data: AlignedData) => void) | undefined
let previewUrl = ''

/** Shows an image and what the server has seen in it. */
export function showPicture(picture: Picture, file: File): void {
  URL.revokeObjectURL(previewUrl)
  previewUrl = URL.createObjectURL(file)
  const result = byId('analyse-result', HTMLDivElement)
  const chart = create('div', { className: 'histogram', role: 'img', ariaLabel: describeHistogram(picture) })
  result.replaceChildren(create('img', { src: previewUrl, alt: file.name }), facts(picture), swatches(picture), chart)
  // It measures its place, so the place must be there.
  result.hidden = false
  drawHistogram = createChart(chart, (palette) => ({
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false }, y: { range: [0, 1] } },
    axes: [{ show: false }, { show: false }],
    series: [
      {},
      ...['--red', '--green', '--blue'].map((name) => ({
        stroke: palette(name),
        fill: `color-mix(in srgb, ${palette(name)} 20%, transparent)`,
        points: { show: false },
      })),
    ],
  }))
  const { red, green, blue } = picture.histogram
  drawHistogram([red.map((_count, step) => step), red, green, blue])
}

function facts(picture: Picture): HTMLElement {
  const rows = {
    [words.analyse.format]: words.analyse.formatOf(picture.format.toUpperCase(), picture.hasAlpha),
    [words.analyse.size]: words.analyse.sizeOf(picture.width, picture.height),
    [words.analyse.weight]:
      picture.bytes < 1e6 ? `${Math.ceil(picture.bytes / 1e3)} kB` : `${(picture.bytes / 1e6).toFixed(1)} MB`,
  }
  const list = create('dl', { className: 'facts' })
  for (const [term, value] of Object.entries(rows)) list.append(create('dt', {}, term), create('dd', {}, value))
  return list
}

function swatches({ colours }: Picture): HTMLElement {
  const list = create('ul', { className: 'swatches', ariaLabel: words.analyse.colours })
  for (const { hex, share } of colours) {
    const patch = create('span', { className: 'patch', ariaHidden: 'true' })
    patch.style.background = hex
    list.append(create('li', {}, patch, create('code', {}, hex), ` ${Math.round(share * 100)} %`))
  }
  return list
}

function describeHistogram({ histogram }: Picture): string {
  const peak = (steps: number[]): string => {
    const at = steps.indexOf(Math.max(...steps)) / steps.length
    const { dark, medium, bright } = words.analyse.brightness
    return at < 1 / 3 ? dark : at < 2 / 3 ? medium : bright
  }
  const { red, green, blue } = histogram
  return words.analyse.histogram(peak(red), peak(green), peak(blue))
}
