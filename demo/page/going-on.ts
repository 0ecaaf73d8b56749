import { createChart, quietAxis } from './chart.js'
import type { DemoClient } from './client.js'
import { byId, clock, create } from './dom.js'
import { createTimeline } from './timeline.js'
import { words } from './words/index.js'

/** How often figures are read, and how far back the chart goes, in ms. */
const SAMPLE_MS = 500
const SPAN_MS = 120_000

export function startGoingOn(client: DemoClient): void {
  const timeline = createTimeline(SPAN_MS)
  const drawChart = startChart()
  const note = (): void => {
    showStatus(client)
    timeline.note(client.getSnapshot())
  }
  client.subscribe(note)
  note()
  setInterval(() => {
    showCountdown(client)
    timeline.draw()
    showCounters(client)
    drawChart(client)
  }, SAMPLE_MS)
  byId('reconnect-now', HTMLButtonElement).addEventListener('click', () => client.reconnect())
}

function showStatus(client: DemoClient): void {
  const snapshot = client.getSnapshot()
  const { status } = snapshot
  const pill = byId('status', HTMLSpanElement)
  pill.dataset['status'] = status
  pill.textContent = words.status[status]
  byId('status-why', HTMLSpanElement).textContent = words.why(snapshot)
  byId('reconnect-now', HTMLButtonElement).hidden = status === 'open' || status === 'connecting'
  showCountdown(client)
}

function showCountdown(client: DemoClient): void {
  const { until, status } = client.getSnapshot()
  const countdown = byId('countdown', HTMLSpanElement)
  countdown.hidden = until === undefined
  if (until === undefined) return
  const leftMs = Math.max(0, until - Date.now())
  countdown.textContent = status === 'waiting' ? words.nextAttempt(leftMs) : words.givesUp(leftMs)
}

function showCounters({ stats }: DemoClient): void {
  const { roundTripMs, queuedMessages } = stats
  byId('round-trip', HTMLOutputElement).textContent = roundTripMs === undefined ? '–' : `${Math.round(roundTripMs)} ms`
  byId('queue-depth', HTMLOutputElement).textContent = String(queuedMessages)
  const figures = {
    sent: stats.sent,
    received: stats.received,
    'open-requests': stats.openRequests,
    reconnects: stats.reconnects,
    'failed-attempts': stats.attempts,
    dropped: stats.dropped,
    'protocol-errors': stats.protocolErrors,
  } satisfies Record<keyof typeof words.figures, number>
  const list = byId('counters', HTMLDListElement)
  const labels: Readonly<Record<string, string>> = words.figures
  for (const [name, value] of Object.entries(figures)) {
    const id = `count-${name}`
    const output = document.getElementById(id) ?? list.appendChild(counter(labels[name] ?? name, id)).lastElementChild
    if (output) output.textContent = String(value)
  }
}

const counter = (name: string, id: string): HTMLElement =>
  create('div', {}, create('dt', {}, name), create('dd', { id }))

/** A line for the round trip and steps for the queue; where there is no connection, the line has a gap. */
function startChart(): (client: DemoClient) => void {
  const host = byId('chart', HTMLDivElement)
  const samples: { at: number; roundTripMs: number | null; queued: number }[] = []
  const draw = createChart(host, (palette) => ({
    padding: [8, 24, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: () => [(Date.now() - SPAN_MS) / 1000, Date.now() / 1000] },
      ms: { range: (_plot, _min, max) => [0, Math.max(10, (max ?? 0) * 1.2)] },
      queue: { range: (_plot, _min, max) => [0, Math.max(5, max ?? 0)] },
    },
    axes: [
      quietAxis(palette, { size: 24, space: 70, values: (_plot, ticks) => ticks.map((at) => clock(at * 1000)) }),
      quietAxis(palette, { scale: 'ms', size: 52, space: 22, values: (_plot, ticks) => ticks.map((ms) => `${ms} ms`) }),
    ],
    series: [
      {},
      { scale: 'ms', stroke: palette('--accent'), width: 2, points: { show: false } },
      {
        scale: 'queue',
        stroke: palette('--waiting'),
        fill: `color-mix(in srgb, ${palette('--waiting')} 25%, transparent)`,
        points: { show: false },
      },
    ],
  }))
  return ({ status, stats }) => {
    const at = Date.now()
    const roundTripMs = status === 'open' ? (stats.roundTripMs ?? null) : null
    samples.push({ at, roundTripMs, queued: stats.queuedMessages })
    while ((samples[0]?.at ?? at) < at - SPAN_MS) samples.shift()
    draw([
      samples.map((sample) => sample.at / 1000),
      samples.map((sample) => sample.roundTripMs),
      samples.map((sample) => sample.queued),
    ])
  }
}
