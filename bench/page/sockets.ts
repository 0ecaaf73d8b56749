/** Every socket that a page has made, whoever made it. */
const sockets = new Set<WebSocket>()

/** Puts a class in the place of the browser's, that only takes down what is made. */
export function watchSockets(): void {
  const Native = globalThis.WebSocket
  globalThis.WebSocket = class extends Native {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      sockets.add(this)
      this.addEventListener('close', () => sockets.delete(this), { once: true })
    }
  }
}

/** Those that have not closed. */
export const openSockets = (): ReadonlySet<WebSocket> => sockets
