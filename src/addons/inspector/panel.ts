/** What is seen of the inspector: the bar that is always there, and what opens below it. */
import { button, create, createTable, makeRoving, setAttribute, setText } from './dom.js'
import { clock, duration } from './format.js'
import { FramesView } from './frames.js'
import { createExplanation, createFigures, type Shown } from './overview.js'
import type { Recording } from './recording.js'
import type { Report } from './report.js'

/** Rows of a table that are drawn. */
const MOST_ROWS = 200

export interface PanelHandlers {
  onToggle(): void
  onClear(): void
  onExport(): void
  onImport(file: File): void
  /** Back from a report, or from an error, to the client. */
  onLive(): void
  /** There is more to draw. */
  onMore(): void
}

export class Panel {
  readonly parts: readonly HTMLElement[]
  readonly #explanation = createExplanation()
  readonly #figures = createFigures()
  readonly #frames: FramesView
  readonly #requests = createTable(['Method', 'Id', 'Asked by', 'Age', 'Items'], 'No request is open.')
  readonly #states = createTable(['Since', 'State', 'Lasted', 'Why'], 'Nothing has been recorded.')
  readonly #toggle: HTMLButtonElement
  readonly #pause: HTMLButtonElement
  readonly #tools: HTMLElement
  readonly #body: HTMLElement
  readonly #banner = create('div', { class: 'banner', role: 'alert', hidden: '' })
  readonly #says = create('p', { class: 'hidden', role: 'status' })
  readonly #tabs = new Map<string, { tab: HTMLButtonElement; panel: HTMLElement }>()
  readonly #handlers: PanelHandlers
  #selected = 'Frames'

  constructor(handlers: PanelHandlers) {
    this.#handlers = handlers
    this.#frames = new FramesView({ say: (words) => this.say(words), onMore: handlers.onMore })
    this.#toggle = button('holdfast', handlers.onToggle, { class: 'toggle', 'aria-controls': 'body' })
    this.#pause = button('Pause', () => this.#frames.pause(!this.#frames.paused))
    this.#tools = this.#createTools()
    this.#body = create(
      'div',
      { id: 'body', class: 'body' },
      this.#banner,
      this.#figures.element,
      ...this.#createTabs(),
    )
    const head = create('div', { class: 'head' }, this.#toggle, ...this.#explanation.parts, this.#tools)
    this.parts = [head, this.#body, this.#says]
  }

  observe(): () => void {
    return this.#frames.observe()
  }

  say(words: string): void {
    this.#says.textContent = words
  }

  /** Says where what is shown comes from, or what went wrong. */
  tell(words: readonly string[], isError: boolean): void {
    this.#banner.hidden = words.length === 0
    setAttribute(this.#banner, 'class', isError ? 'banner error' : 'banner')
    const [first = '', ...rest] = words
    const list = create('ul', {}, ...rest.map((line) => create('li', {}, line)))
    this.#banner.replaceChildren(
      create('div', {}, create('p', {}, first), ...(rest.length ? [list] : [])),
      button(isError ? 'Dismiss' : 'Back to live', this.#handlers.onLive),
    )
  }

  draw(shown: Shown, isOpen: boolean): void {
    setAttribute(this.#toggle, 'aria-expanded', String(isOpen))
    this.#body.hidden = this.#tools.hidden = !isOpen
    this.#explanation.draw(shown)
    if (!isOpen) return
    const { recording } = shown
    this.#figures.draw(shown)
    setText(this.#pause, this.#frames.paused ? `Resume (${this.#frames.missed.toLocaleString('en')} new)` : 'Pause')
    this.#count('Requests', recording.open.size)
    this.#count('States', recording.states.length)
    if (this.#selected === 'Frames') this.#frames.draw(recording)
    else if (this.#selected === 'Requests') this.#requests.fill(requestRows(recording, shown.now()))
    else this.#states.fill(stateRows(recording, shown.now()))
  }

  #createTools(): HTMLElement {
    const file = create('input', { type: 'file', hidden: '', accept: '.jsonl,.ndjson,.txt', 'aria-label': 'Report' })
    file.addEventListener('change', () => {
      const chosen = file.files?.[0]
      file.value = ''
      if (chosen) this.#handlers.onImport(chosen)
    })
    const { onClear, onExport } = this.#handlers
    const tools = create(
      'div',
      { class: 'tools', role: 'toolbar', 'aria-label': 'Recording' },
      this.#pause,
      button('Clear', onClear),
      button('Export', onExport, { title: 'Save as JSON Lines, for a bug report' }),
      button('Import', () => file.click(), { title: 'Look at a report; it can be dropped here, too' }),
    )
    makeRoving(tools)
    return create('div', { class: 'tools-box' }, tools, file)
  }

  #createTabs(): HTMLElement[] {
    const panels = {
      Frames: this.#frames.element,
      Requests: this.#requests.element,
      States: this.#states.element,
    }
    const bar = create('div', { class: 'tabs', role: 'tablist', 'aria-label': 'Inspector' })
    for (const [name, content] of Object.entries(panels)) {
      const tab = button(name, () => this.#select(name), {
        role: 'tab',
        id: `tab-${name}`,
        'aria-controls': `panel-${name}`,
      })
      // The arrow keys move the focus, and what is there is shown at once.
      tab.addEventListener('focus', () => this.#select(name))
      const panel = create('div', { role: 'tabpanel', id: `panel-${name}`, 'aria-labelledby': `tab-${name}` }, content)
      this.#tabs.set(name, { tab, panel })
      bar.append(tab)
    }
    makeRoving(bar)
    this.#mark()
    return [bar, ...[...this.#tabs.values()].map(({ panel }) => panel)]
  }

  #select(name: string): void {
    this.#selected = name
    this.#mark()
    this.#handlers.onMore()
  }

  #mark(): void {
    for (const [name, { tab, panel }] of this.#tabs) {
      setAttribute(tab, 'aria-selected', String(name === this.#selected))
      panel.hidden = name !== this.#selected
    }
  }

  #count(name: string, count: number): void {
    const tab = this.#tabs.get(name)?.tab
    if (tab) setText(tab, count ? `${name} (${count.toLocaleString('en')})` : name)
  }
}

/** The latest first, since it is what one looks for. */
function requestRows({ open }: Recording, now: number): string[][] {
  const rows = [...open.values()]
    .reverse()
    .slice(0, MOST_ROWS)
    .map(({ method, id, direction, at, items }) => [
      method,
      String(id),
      direction === 'out' ? 'page' : 'server',
      duration(now - at),
      items ? items.toLocaleString('en') : '',
    ])
  if (open.size > MOST_ROWS) rows.push([`… and ${(open.size - MOST_ROWS).toLocaleString('en')} more`, '', '', '', ''])
  return rows
}

function stateRows({ states }: Recording, now: number) {
  const all = [...states]
  return all
    .map(({ at, status, why, attempts }, i) => [
      clock(at),
      { text: status, status },
      duration(Math.max(0, (all[i + 1]?.at ?? now) - at)),
      attempts > 0 ? `${why} (${attempts} failed)` : why,
    ])
    .reverse()
    .slice(0, MOST_ROWS)
}

/** What is said above a report. */
export function aboutReport(name: string, { header, problems }: Report): string[] {
  const { holdfast, exportedAt, userAgent, discarded } = header
  const gone = discarded > 0 ? ` ${discarded.toLocaleString('en')} older entries were not kept.` : ''
  return [`${name}, by holdfast ${holdfast}, ${exportedAt}, ${userAgent}.${gone}`, ...problems]
}
