import { HoldfastError } from 'holdfast'
import { words } from './words/index.js'

/** The element of that id, which the page has, of that class. */
export function byId<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const element = document.getElementById(id)
  if (element instanceof type) return element
  throw new Error(`index.html has no ${type.name} #${id}`)
}

/** A new element. Strings become text, never HTML. */
export function create<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children)
  return element
}

/** Calls back with the text of a form's input when the form is sent, unless it is blank. */
export function onSubmit(form: HTMLFormElement, input: HTMLInputElement, listener: (text: string) => void): void {
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const text = input.value.trim()
    if (text) listener(text)
  })
}

/** Does something that adds to a list, and shows the end of it if that was in sight before. */
export function keepingEndInSight(list: HTMLElement, change: () => void): void {
  const wasAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < 40
  change()
  if (wasAtEnd) list.scrollTop = list.scrollHeight
}

export const clock = (at: number): string =>
  new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' })

/** What to tell people of an error. */
export function wordsOf(error: unknown): string {
  if (error instanceof HoldfastError) return words.error(error.code, error.message)
  return error instanceof Error ? error.message : String(error)
}
