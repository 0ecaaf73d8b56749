/** What one sees at a glance: why the client is where it is, and the figures of the moment. */
import type { Explanation, Stats } from '../../index.js'
import { createChart } from './chart.js'
import { create, setAttribute, setText } from './dom.js'
import { bytes, duration, plural } from './format.js'
import type { Recording } from './recording.js'

/** What is looked at: a client, or a report of one. */
export interface Shown {
  readonly recording: Recording
  explain(): Explanation | undefined
  stats(): Stats | undefined
  /** The time up to which it goes: now, or that of the report. */
  now(): number
}

/** One line: the status, why, and how long until something happens. */
export function createExplanation() {
  const pill = create('span', { class: 'pill' })
  const why = create('span', { class: 'why', role: 'status' })
  const countdown = create('span', { class: 'countdown' })
  const draw = ({ explain, now }: Shown): void => {
    const explanation = explain()
    setText(pill, explanation?.status ?? 'no client')
    setAttribute(pill, 'data-status', explanation?.status ?? 'idle')
    setText(why, explanation?.why ?? 'Set the property client.')
    setText(countdown, explanation ? countdownOf(explanation, now()) : '')
  }
  return { parts: [pill, why, countdown], draw }
}

function countdownOf({ status, until, attempts }: Explanation, now: number): string {
  const failed = attempts > 0 && status !== 'open' ? `, ${plural(attempts, 'attempt')} failed` : ''
  if (until === undefined) return failed.slice(2)
  const left = `${(Math.max(0, until - now) / 1000).toFixed(1)} s`
  return `${status === 'waiting' ? `next attempt in ${left}` : `gives up in ${left}`}${failed}`
}

export function createFigures() {
  const chart = createChart()
  const roundTrip = create('dd')
  const list = create('dl', { class: 'figures' })
  const places = new Map<string, { value: HTMLElement; detail: HTMLElement }>()
  const figure = (name: string, value: string, detail: string): void => {
    let place = places.get(name)
    if (!place) {
      place = { value: create('dd'), detail: create('dd', { class: 'detail' }) }
      places.set(name, place)
      list.append(create('div', {}, create('dt', {}, name), place.value, place.detail))
    }
    setText(place.value, value)
    setText(place.detail, detail)
  }
  const trip = create('dl', { class: 'trip' }, create('div', {}, create('dt', {}, 'Round trip'), roundTrip))
  const element = create('div', { class: 'overview' }, create('div', { class: 'cell' }, trip, chart.element), list)

  const draw = ({ recording, stats, now }: Shown): void => {
    const figures = stats()
    if (!figures) return
    const { numbers } = recording
    setText(roundTrip, figures.roundTripMs === undefined ? '–' : duration(figures.roundTripMs))
    chart.draw(recording, now())
    figure(
      'Sent',
      count(numbers?.sent ?? figures.sent),
      numbers ? `acknowledged ${count(numbers.sentAcked)}` : 'no session',
    )
    figure(
      'Received',
      count(numbers?.received ?? figures.received),
      numbers ? `acknowledged ${count(numbers.receivedAcked)}` : 'no session',
    )
    figure('Queue', count(figures.queuedMessages), 'not written yet')
    figure('Replay buffer', count(figures.unacknowledged), `with the queue ${bytes(figures.queuedBytes)}`)
    figure('Open requests', count(figures.openRequests), oldestOf(recording, now()))
    figure('Reconnects', count(figures.reconnects), plural(figures.attempts, 'failed attempt'))
    figure('Dropped', count(figures.dropped), 'of the queue')
    figure('Bad frames', count(figures.protocolErrors), `${plural(figures.duplicates, 'duplicate')} ignored`)
  }
  return { element, draw }
}

/** How long the page has waited for an answer. */
function oldestOf({ open }: Recording, now: number): string {
  const [oldest] = [...open.values()].filter(({ direction }) => direction === 'out').map(({ at }) => at)
  return oldest === undefined ? 'of the page' : `oldest ${duration(now - oldest)}`
}

const count = (value: number): string => value.toLocaleString('en')
