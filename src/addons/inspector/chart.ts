/** The round trip over time, and beside it, on the same axis, the states that the connection was in. */
import { create, createSvg, setAttribute, setText } from './dom.js'
import { duration } from './format.js'
import type { Recording, Sample, StateEntry } from './recording.js'

/** How far back it goes, in ms. */
export const SPAN_MS = 120_000
const WIDTH = 240
const HEIGHT = 40

export function createChart() {
  const line = createSvg('path', { class: 'line', 'vector-effect': 'non-scaling-stroke' })
  const area = createSvg('path', { class: 'area' })
  const box = { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img' }
  const svg = createSvg('svg', box, area, line)
  const top = create('span', { class: 'top' })
  const strip = createSvg('svg', {
    class: 'strip',
    viewBox: `0 0 ${WIDTH} 4`,
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  })
  const axis = create('div', { class: 'axis' }, create('span', {}, '2 minutes ago'), create('span', {}, 'now'))
  const element = create('div', { class: 'chart' }, svg, top, strip, axis)

  const draw = (recording: Recording, now: number): void => {
    // Of those that are too old, the last one is where the line comes from.
    const samples = [...recording.samples].filter((_, i, all) => (all[i + 1]?.at ?? now) > now - SPAN_MS)
    const known = samples.flatMap(({ roundTripMs }) => roundTripMs ?? [])
    const most = Math.max(10, ...known) * 1.15
    const { lines, areas } = pathsOf(samples, now, most)
    setAttribute(line, 'd', lines)
    setAttribute(area, 'd', areas)
    const last = known.at(-1)
    const words =
      last === undefined ? 'nothing measured' : `last ${duration(last)}, highest ${duration(Math.max(...known))}`
    setAttribute(svg, 'aria-label', `Round trip in the last two minutes: ${words}`)
    setText(top, known.length ? `max ${duration(Math.max(...known))}` : '')
    strip.replaceChildren(...stretches([...recording.states], now).map(drawStretch))
  }
  return { element, draw }
}

const xOf = (at: number, now: number): number => Math.max(0, WIDTH * (1 - (now - at) / SPAN_MS))

/** A line for each stretch without a hole: where there was no connection there is none. */
function pathsOf(samples: readonly Sample[], now: number, most: number): { lines: string; areas: string } {
  let lines = ''
  let areas = ''
  let run: string[] = []
  const end = (): void => {
    const [first = '', last = ''] = [run[0], run.at(-1)]
    if (run.length) lines += `M${run.join('L')}`
    if (run.length) areas += `M${first.split(' ')[0]} ${HEIGHT}L${run.join('L')}L${last.split(' ')[0]} ${HEIGHT}Z`
    run = []
  }
  for (const { at, roundTripMs } of samples) {
    if (roundTripMs === undefined) end()
    else run.push(`${xOf(at, now).toFixed(1)} ${(HEIGHT - (roundTripMs / most) * HEIGHT).toFixed(1)}`)
  }
  // What was measured last holds until there is something newer.
  const last = run.at(-1)?.split(' ')[1]
  if (last !== undefined) run.push(`${WIDTH} ${last}`)
  end()
  return { lines, areas }
}

interface Stretch {
  readonly status: string
  readonly from: number
  readonly to: number
}

function stretches(states: readonly StateEntry[], now: number): Stretch[] {
  return states
    .map(({ status, at }, i) => ({ status, from: xOf(at, now), to: xOf(states[i + 1]?.at ?? now, now) }))
    .filter(({ from, to }) => to > from)
}

const drawStretch = ({ status, from, to }: Stretch): SVGElement =>
  // A short cut must not be too thin to be seen.
  createSvg('rect', {
    x: String(from),
    y: '0',
    width: String(Math.max(1, to - from)),
    height: '4',
    'data-status': status,
  })
