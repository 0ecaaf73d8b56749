/** The tab of frames: search, filter, list and details. */
import type { Deque } from './deque.js'
import { createDetails } from './details.js'
import { button, create, makeRoving, setAttribute, setText } from './dom.js'
import { GROUPS, Matches } from './filter.js'
import { plural } from './format.js'
import { VirtualList } from './list.js'
import type { Placed, Recording } from './recording.js'
import { createHeads, fillRow } from './row.js'

/** How long one drawing may search, in ms: it goes on in the next one. */
const SEARCH_MS = 8

export interface FramesHandlers {
  say(words: string): void
  /** There is more to do: draw again soon. */
  onMore(): void
}

export class FramesView {
  readonly element: HTMLElement
  readonly #handlers: FramesHandlers
  readonly #off = new Set<string>()
  readonly #search = create('input', {
    type: 'search',
    placeholder: 'Search',
    'aria-label': 'Show only what contains this; Enter goes to the next',
    spellcheck: 'false',
  })
  readonly #count = create('span', { class: 'count' })
  readonly #list: VirtualList
  readonly #details: ReturnType<typeof createDetails>
  readonly #newest: HTMLButtonElement
  #recording: Recording | undefined
  /** While it is paused: the entries as they were. */
  #paused: { entries: Deque<Placed>; end: number } | undefined
  #matches = new Matches({ off: this.#off, text: '' })

  constructor(handlers: FramesHandlers) {
    this.#handlers = handlers
    this.#list = new VirtualList({
      label: 'Frames',
      fill: fillRow,
      onChoose: (entry) => this.#details.show(entry, this.#search.value),
      onFollow: (follows) => {
        this.#newest.hidden = follows
      },
    })
    this.#newest = button('↓ Newest', () => this.#list.follow(), { class: 'newest', hidden: '' })
    this.#details = createDetails({ say: handlers.say, onClose: () => this.#leave() })
    this.element = create(
      'div',
      { class: 'frames' },
      create('div', { class: 'filter' }, this.#search, this.#createKinds(), this.#count),
      create(
        'div',
        { class: 'panes' },
        create('div', { class: 'pane' }, createHeads(), this.#list.element, this.#newest),
        this.#details.element,
      ),
    )
    this.#search.addEventListener('input', () => this.#refilter())
    this.element.addEventListener('keydown', (event) => this.#onKey(event))
  }

  /** Looks how much room there is; gives a function that ends that. */
  observe(): () => void {
    return this.#list.observe()
  }

  get paused(): boolean {
    return this.#paused !== undefined
  }

  /** Entries that came since it was paused. */
  get missed(): number {
    return this.#paused && this.#recording ? this.#recording.end - this.#paused.end : 0
  }

  /** Stands still, while the recording goes on; or goes on too. */
  pause(isPaused: boolean): void {
    const { entries, end } = this.#recording ?? {}
    this.#paused = isPaused && entries && end !== undefined ? { entries: entries.copy(), end } : undefined
    this.#handlers.onMore()
  }

  draw(recording: Recording): void {
    if (recording !== this.#recording) {
      this.#recording = recording
      this.#paused = undefined
      this.#leave()
      this.#list.follow()
      this.#refilter()
    }
    const entries = this.#paused?.entries ?? recording.entries
    const isDone = this.#matches.catchUp(entries, performance.now() + SEARCH_MS)
    const { found } = this.#matches
    this.#list.show(found)
    const all = found.length === entries.length ? '' : `${found.length.toLocaleString('en')} of `
    const gone = recording.discarded > 0 ? `, ${recording.discarded.toLocaleString('en')} older ones gone` : ''
    setText(this.#count, `${all}${plural(entries.length, 'entry').replace('entrys', 'entries')}${gone}`)
    if (!isDone) this.#handlers.onMore()
  }

  #createKinds(): HTMLElement {
    const bar = create('div', { class: 'kinds', role: 'toolbar', 'aria-label': 'What is shown' })
    for (const name of ['In', 'Out', ...Object.keys(GROUPS)]) {
      const toggle = button(name, () => {
        if (!this.#off.delete(name)) this.#off.add(name)
        setAttribute(toggle, 'aria-pressed', String(!this.#off.has(name)))
        this.#refilter()
      })
      toggle.setAttribute('aria-pressed', 'true')
      bar.append(toggle)
    }
    makeRoving(bar)
    return bar
  }

  #refilter(): void {
    this.#matches = new Matches({ off: this.#off, text: this.#search.value })
    this.#details.show(this.#list.chosen, this.#search.value)
    this.#handlers.onMore()
  }

  #leave(): void {
    const hadFocus = this.#details.element.matches(':focus-within')
    this.#list.choose(undefined)
    if (hadFocus) this.#list.element.focus()
  }

  #onKey(event: KeyboardEvent): void {
    const { key, target } = event
    const isCopy = key === 'c' && (event.ctrlKey || event.metaKey)
    if (target === this.#search) {
      if (key === 'Enter') this.#list.step(event.shiftKey ? -1 : 1)
      else if (key !== 'ArrowDown') return
      else this.#list.element.focus()
    } else if (key === 'Escape') this.#leave()
    else if (key === '/') this.#search.focus()
    else if (isCopy && target === this.#list.element && this.#list.chosen) void this.#details.copy()
    else return
    event.preventDefault()
  }
}
