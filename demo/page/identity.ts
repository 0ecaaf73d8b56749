import { LIMITS } from '../app.js'
import { words } from './words/index.js'

const pick = (some: readonly string[]): string => some[Math.floor(Math.random() * some.length)] ?? ''

/** An id that nobody else has. `crypto.randomUUID` is missing in pages that come by http from another machine. */
export const newId = (): string =>
  [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join('-')

/** Who this tab is: kept for the tab, so that a reload is the same person and a second tab another. */
export const identity = {
  id: remembered('person', newId),
  name: remembered('name', () => words.chat.name(pick(words.chat.adjectives), pick(words.chat.animals))),
  rename(name: string): void {
    identity.name = name.slice(0, LIMITS.name)
    sessionStorage.setItem('name', identity.name)
  },
}

function remembered(key: string, make: () => string): string {
  const value = sessionStorage.getItem(key) ?? make()
  sessionStorage.setItem(key, value)
  return value
}

/** A token for this person. Rejects if the server does not give one. */
export async function fetchToken(): Promise<string> {
  const query = new URLSearchParams({ person: identity.id, name: identity.name })
  const response = await fetch(`/token?${query}`)
  if (!response.ok) throw new Error(await response.text())
  return response.text()
}
