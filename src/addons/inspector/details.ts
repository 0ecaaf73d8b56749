/** All that is known of one entry, with what the search is for marked in it. */
import { button, create } from './dom.js'
import { patternOf } from './filter.js'
import { asText, bytes, clock, duration, pretty } from './format.js'
import type { Placed } from './recording.js'
import { writeEntry } from './report.js'
import { titleOf } from './row.js'

/** Characters that are shown, and places that are marked in them. */
const MOST_TEXT = 200_000
const MOST_MARKS = 1000

export interface DetailsHandlers {
  onClose(): void
  /** Something that a screen reader has to say. */
  say(words: string): void
}

export function createDetails({ onClose, say }: DetailsHandlers) {
  const title = create('h3')
  const facts = create('dl')
  const text = create('pre', { tabindex: '0', 'aria-label': 'Payload' })
  let shown: Placed | undefined

  const copy = async (): Promise<void> => {
    if (shown) say((await copyText(textOf(shown), element)) ? 'Copied.' : 'The browser does not let this page copy.')
  }
  const copyButton = button('Copy', () => void copy())
  const closeButton = button('✕', onClose, { 'aria-label': 'Close details' })
  const head = create('div', { class: 'details-head' }, title, copyButton, closeButton)
  const element = create('section', { class: 'details', 'aria-label': 'Details', hidden: '' }, head, facts, text)

  return {
    element,
    copy,
    show(entry: Placed | undefined, search: string): void {
      shown = entry
      element.hidden = !entry
      if (!entry) return
      title.textContent = entry.type === 'frame' ? `${entry.kind} ${titleOf(entry)}` : entry.type
      facts.replaceChildren(...factsOf(entry).map(([name, value]) => factOf(name, value)))
      text.replaceChildren(...marked(payloadOf(entry).slice(0, MOST_TEXT), search))
    },
  }
}

const factOf = (name: string, value: string): HTMLElement =>
  create('div', {}, create('dt', {}, name), create('dd', {}, value))

function factsOf(entry: Placed): [name: string, value: string][] {
  const facts: [string, string][] = [['Time', clock(entry.at)]]
  if (entry.type !== 'frame') return facts
  const { direction, size, number, ack, tookMs } = entry
  facts.push(['Direction', direction === 'out' ? 'out, by the page' : 'in, by the server'], ['Size', bytes(size)])
  if (number !== undefined) facts.push(['Number', number === 0 ? '0, volatile' : String(number)])
  if (ack !== undefined) facts.push(['Acknowledges', String(ack)])
  if (tookMs !== undefined) facts.push(['Answered after', duration(tookMs)])
  return facts
}

function payloadOf(entry: Placed): string {
  if (entry.type === 'frame') return pretty(entry)
  if (entry.type === 'note') return entry.text
  const { type: _, place: __, at: ___, ...state } = entry
  return JSON.stringify(state, undefined, 2)
}

/** A frame as it travelled, so far as it was kept; anything else as its line in a report. */
const textOf = (entry: Placed): string =>
  entry.type === 'frame' && entry.data !== undefined ? asText(entry.data) : writeEntry(entry)

/** The text in pieces, of which those that are searched for are marked. */
function marked(text: string, search: string): (Node | string)[] {
  if (!search) return [text]
  const pieces: (Node | string)[] = []
  let end = 0
  for (const found of text.matchAll(patternOf(search, 'gi'))) {
    if (pieces.length > 2 * MOST_MARKS) break
    pieces.push(text.slice(end, found.index), create('mark', {}, found[0]))
    end = found.index + found[0].length
  }
  return [...pieces, text.slice(end)]
}

/** Tells whether it could. Where the page is not secure there is only the old way. */
async function copyText(text: string, near: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const field = create('textarea', { class: 'hidden', readonly: '' })
    field.value = text
    near.append(field)
    field.select()
    const isCopied = document.execCommand('copy')
    field.remove()
    return isCopied
  }
}
