/** One entry as a row of the list. */
import { create, setAttribute, setText } from './dom.js'
import { bytes, clock, duration, preview } from './format.js'
import type { FrameEntry, Placed } from './recording.js'

const CELLS = ['time', 'way', 'kind', 'number', 'name', 'preview', 'took', 'size'] as const

/** What the columns hold, for those who see them. A screen reader hears it with each row. */
export const createHeads = (): HTMLElement =>
  create(
    'div',
    { class: 'row heads', 'aria-hidden': 'true' },
    ...['Time', '', 'Kind', '№ ✓ack', 'Name', 'Payload', 'Took', 'Size'].map((head, i) =>
      create('span', { class: CELLS[i] ?? '' }, head),
    ),
  )

/** Fills a row, new or used, and gives the words that a screen reader has for it. */
export function fillRow(row: HTMLElement, entry: Placed): string {
  if (!row.firstChild) row.append(...CELLS.map((name) => create('span', { class: name })))
  const set = (name: (typeof CELLS)[number], text: string): void => {
    const cell = row.children[CELLS.indexOf(name)]
    if (cell) setText(cell, text)
  }
  const time = clock(entry.at)
  set('time', time)
  if (entry.type !== 'frame') {
    const [kind, words] = entry.type === 'state' ? [entry.status, entry.why] : ['note', entry.text]
    for (const name of CELLS.slice(1)) set(name, '')
    set('kind', kind)
    set('name', words)
    setAttribute(row, 'class', entry.type === 'state' ? 'row state' : 'row note')
    setAttribute(row, 'data-status', kind)
    return `${time}, ${kind}: ${words}`
  }
  const { direction, kind, size, tookMs } = entry
  const shown = preview(entry)
  set('way', direction === 'out' ? '↑' : '↓')
  set('kind', kind)
  set('number', positions(entry))
  set('name', titleOf(entry))
  set('preview', shown)
  set('took', tookMs === undefined ? '' : duration(tookMs))
  set('size', bytes(size))
  setAttribute(row, 'class', `row ${direction} ${kind}`)
  row.removeAttribute('data-status')
  return `${time}, ${direction}, ${kind} ${titleOf(entry)}, ${bytes(size)}. ${shown.slice(0, 80)}`
}

/** The name, and the id by which an answer is found. */
export const titleOf = ({ name, id }: FrameEntry): string =>
  id === undefined ? name : name ? `${name} #${id}` : `#${id}`

/** Number and ack of a frame of a session. */
function positions({ number, ack }: FrameEntry): string {
  if (ack === undefined) return ''
  return number === undefined ? `✓${ack}` : `${number} ✓${ack}`
}
