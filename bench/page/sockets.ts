/** Every socket that a page has made, whoever made it. Loaded before the library, which may take the class at once. */
const sockets = new Set<WebSocket>()

// In the place of the browser's, a class that only takes down what is made.
const Native = globalThis.WebSocket
globalThis.WebSocket = class extends Native {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols)
    sockets.add(this)
    this.addEventListener('close', () => sockets.delete(this), { once: true })
  }
}

/** Those that have not closed. */
export const openSockets = (): ReadonlySet<WebSocket> => sockets
