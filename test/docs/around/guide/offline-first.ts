import type { RemoteError } from '../../../../src/index.js'

export interface Order {
  id: string
  item: string
}

export interface App {
  requests: {
    save: { params: { text: string }; result: string }
    order: { params: Order }
  }
  channels: { chat: { message: { text: string } } }
}

/** A database that takes its time. */
export const store = (text: string): Promise<string> => new Promise((resolve) => setTimeout(resolve, 50, text))

export const showBanner = (_text: string): void => {}
export const showRefusal = (_order: Order, _error: RemoteError): void => {}

/** A browser's, with an order of an earlier page. */
const stored = new Map([['outbox', '[{"id":"left","item":"coffee"}]']])
Object.assign(globalThis, {
  localStorage: {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
  },
})
