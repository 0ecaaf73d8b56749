/**
 * A list of any length of which only the rows in sight exist (ARIA pattern: listbox with `aria-activedescendant`).
 * All rows are equally high; how high is up to the style sheet, by `--row`.
 */
import type { Deque } from './deque.js'
import { create, setAttribute } from './dom.js'
import type { Placed } from './recording.js'

/** Rows beyond each edge, so that a quick scroll does not outrun the drawing. */
const SPARE = 6
const ROW_HEIGHT = 24

export interface ListOptions {
  label: string
  /** Fills a row, new or used, and gives the words that a screen reader has for it. */
  fill(row: HTMLElement, entry: Placed): string
  /** Another entry was chosen, or none. */
  onChoose(entry: Placed | undefined): void
  /** The end is kept in sight, or no more. */
  onFollow(follows: boolean): void
}

interface Row {
  readonly element: HTMLElement
  entry?: Placed
  top?: number
}

export class VirtualList {
  readonly element: HTMLElement
  chosen: Placed | undefined
  /** Whether the end is kept in sight. */
  follows = true
  readonly #options: ListOptions
  readonly #space = create('div', { role: 'presentation', class: 'space' })
  readonly #rows: Row[] = []
  #entries: Deque<Placed> | undefined
  /** How many had gone from the start of `#entries` when it was drawn. */
  #gone = 0
  #rowHeight = ROW_HEIGHT
  #height = 0

  constructor(options: ListOptions) {
    this.#options = options
    const label = { role: 'listbox', tabindex: '0', 'aria-label': options.label }
    this.element = create('div', { class: 'list', ...label }, this.#space)
    this.element.addEventListener('scroll', () => {
      const { scrollTop, clientHeight, scrollHeight } = this.element
      this.#setFollows(scrollTop + clientHeight >= scrollHeight - 4)
      this.#draw()
    })
    this.element.addEventListener('keydown', (event) => this.#onKey(event))
    this.element.addEventListener('click', ({ target }) => {
      const row = this.#rows.find(({ element }) => target instanceof Node && element.contains(target))
      if (row?.entry) this.choose(row.entry)
    })
  }

  get #length(): number {
    return this.#entries?.length ?? 0
  }

  /** Looks how much room there is; gives a function that ends that. */
  observe(): () => void {
    const observer = new ResizeObserver(() => {
      this.#height = this.element.clientHeight
      this.#rowHeight = Number.parseFloat(getComputedStyle(this.element).getPropertyValue('--row')) || ROW_HEIGHT
      if (this.#entries) this.show(this.#entries)
    })
    observer.observe(this.element)
    return () => observer.disconnect()
  }

  /** Shows these, or what has become of them. What one reads stays in its place, unless it is the end. */
  show(entries: Deque<Placed>): void {
    const gone = entries === this.#entries ? entries.gone - this.#gone : 0
    this.#entries = entries
    this.#gone = entries.gone
    const height = `${entries.length * this.#rowHeight}px`
    if (this.#space.style.height !== height) this.#space.style.height = height
    if (this.follows) this.element.scrollTop = entries.length * this.#rowHeight
    else if (gone > 0) this.element.scrollTop -= gone * this.#rowHeight
    this.#draw()
  }

  follow(): void {
    this.#setFollows(true)
    if (this.#entries) this.show(this.#entries)
  }

  choose(entry: Placed | undefined): void {
    this.chosen = entry
    if (entry) this.#setFollows(false)
    this.#draw()
    this.#options.onChoose(entry)
  }

  /** Chooses the next one, or the one before, and brings it into sight. */
  step(by: number): void {
    const at = this.#find(this.chosen)
    const start = by > 0 ? Math.floor(this.element.scrollTop / this.#rowHeight) - 1 : this.#length
    this.#chooseAt((at ?? start) + by)
  }

  #chooseAt(index: number): void {
    const at = Math.max(0, Math.min(this.#length - 1, index))
    const entry = this.#entries?.at(at)
    if (!entry) return
    const top = at * this.#rowHeight
    const { scrollTop } = this.element
    if (top < scrollTop) this.element.scrollTop = top
    else if (top + this.#rowHeight > scrollTop + this.#height) {
      this.element.scrollTop = top + this.#rowHeight - this.#height
    }
    this.choose(entry)
  }

  /** Where an entry is now, if it is here: places grow along the list. */
  #find(entry: Placed | undefined): number | undefined {
    if (!entry) return undefined
    let low = 0
    let high = this.#length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const { place = 0 } = this.#entries?.at(middle) ?? {}
      if (place === entry.place) return middle
      if (place < entry.place) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const page = Math.max(1, Math.floor(this.#height / this.#rowHeight) - 1)
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key]
    if (by !== undefined) this.step(by)
    else if (event.key === 'Home') this.#chooseAt(0)
    else if (event.key === 'End') this.#chooseAt(this.#length - 1)
    else return
    event.preventDefault()
  }

  #setFollows(follows: boolean): void {
    if (follows === this.follows) return
    this.follows = follows
    this.#options.onFollow(follows)
  }

  #draw(): void {
    const total = this.#length
    const count = Math.min(total, Math.ceil(this.#height / this.#rowHeight) + 2 * SPARE)
    const first = Math.max(0, Math.min(total - count, Math.floor(this.element.scrollTop / this.#rowHeight) - SPARE))
    while (this.#rows.length < count) this.#addRow()
    while (this.#rows.length > count) this.#rows.pop()?.element.remove()
    let active: Row | undefined
    for (let index = first; index < first + count; index++) {
      // The same entry keeps its row while the list moves on, so that few have to be filled anew.
      const row = this.#rows[(index + this.#gone) % count]
      const entry = this.#entries?.at(index)
      if (!row || !entry) continue
      this.#place(row, entry, index, total)
      if (entry === this.chosen) active = row
    }
    if (active) setAttribute(this.element, 'aria-activedescendant', active.element.id)
    else this.element.removeAttribute('aria-activedescendant')
  }

  #addRow(): void {
    const element = create('div', { role: 'option', class: 'row', id: `row-${this.#rows.length}` })
    this.#rows.push({ element })
    this.#space.append(element)
  }

  #place(row: Row, entry: Placed, index: number, total: number): void {
    const { element } = row
    const top = index * this.#rowHeight
    if (row.top !== top) element.style.transform = `translateY(${top}px)`
    row.top = top
    if (row.entry !== entry) setAttribute(element, 'aria-label', this.#options.fill(element, entry))
    row.entry = entry
    setAttribute(element, 'aria-selected', String(entry === this.chosen))
    setAttribute(element, 'aria-posinset', String(index + 1))
    setAttribute(element, 'aria-setsize', String(total))
  }
}
