/** Elements without a framework. Whatever is shown goes in as text: nothing here reads HTML. */

type Attributes = { readonly [name: string]: string }

/** A new element. Strings become text, never HTML. */
export function create<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

export function createSvg(tag: string, attributes: Attributes = {}, ...children: Node[]): SVGElement {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

export function button(words: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const element = create('button', { type: 'button', ...attributes }, words)
  element.addEventListener('click', onClick)
  return element
}

/** Sets text only where it changed: what stays is not drawn, nor read out, once more. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

export function setAttribute(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value)
}

/**
 * Makes a bar of buttons one stop of the Tab key, in which the arrow keys go from one to the next (ARIA patterns:
 * toolbar, tabs).
 */
export function makeRoving(bar: HTMLElement): void {
  const items = (): HTMLElement[] => [...bar.querySelectorAll('button')]
  const enter = (item: EventTarget | undefined | null): void => {
    for (const other of items()) other.tabIndex = other === item ? 0 : -1
  }
  enter(items()[0])
  bar.addEventListener('focusin', ({ target }) => enter(target))
  bar.addEventListener('keydown', (event) => {
    const all = items()
    const at = event.target instanceof HTMLElement ? all.indexOf(event.target) : -1
    const next = { ArrowRight: at + 1, ArrowLeft: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key]
    if (next === undefined || at < 0) return
    event.preventDefault()
    all[next % all.length]?.focus()
  })
}

/** A cell: its text and, where it is a status, what colours it. */
export type Cell = string | { readonly text: string; readonly status: string }

/** A table of which only the cells are touched that change. Gives it, and the function that fills it. */
export function createTable(heads: readonly string[], empty: string) {
  const body = create('tbody')
  const table = create(
    'table',
    {},
    create('thead', {}, create('tr', {}, ...heads.map((head) => create('th', { scope: 'col' }, head)))),
    body,
  )
  const note = create('p', { class: 'empty' }, empty)
  const element = create('div', { class: 'scroll', tabindex: '0' }, table, note)
  const fill = (rows: readonly (readonly Cell[])[]): void => {
    note.hidden = rows.length > 0
    table.hidden = rows.length === 0
    while (body.rows.length > rows.length) body.deleteRow(-1)
    for (const [i, cells] of rows.entries()) {
      const row = body.rows[i] ?? body.insertRow()
      for (const [j, cell] of cells.entries()) fillCell(row.cells[j] ?? row.insertCell(), cell)
    }
  }
  return { element, fill }
}

function fillCell(place: HTMLTableCellElement, cell: Cell): void {
  if (typeof cell === 'string') return setText(place, cell)
  const pill = place.firstElementChild ?? place.appendChild(create('span', { class: 'pill' }))
  setAttribute(pill, 'data-status', cell.status)
  setText(pill, cell.text)
}
