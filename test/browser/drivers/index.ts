import type { Engine } from './engine.js'

export type { Browser, Engine, Page } from './engine.js'

/** Loads the driver of one engine: each comes with a large package. */
export const loadEngine: { readonly [Name in Engine['name']]: () => Promise<Engine> } = {
  chromium: async () => (await import('./chromium.js')).chromiumEngine,
  firefox: async () => (await import('./firefox.js')).firefoxEngine,
  webkit: async () => (await import('./webkit.js')).webkitEngine,
}
