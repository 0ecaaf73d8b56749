import type { Environment, Hint } from './environment.js'

/** Browsers hold delays in 32 bits; a longer one would fire at once (HTML, 8.6). */
const LONGEST_TIMER_MS = 2 ** 31 - 1

const ON_WINDOW: readonly Hint[] = ['online', 'offline', 'focus', 'pageshow', 'pagehide']
const ON_DOCUMENT: readonly Hint[] = ['freeze', 'resume']

const ignore = (): void => {}

/** The browser, a worker or Node. The only place in core that touches a global; each is looked up when it is used. */
export const browserEnvironment = (): Environment => ({
  WebSocket: globalThis.WebSocket,
  now: () => Date.now(),
  timer(callback, ms) {
    const timer = setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS))
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
  resolveUrl(address) {
    const url = new URL(address, globalThis.document?.baseURI)
    // An http address is that of the same server (WHATWG WebSockets, 3.1), also in engines that do not know it yet.
    url.protocol = url.protocol.replace('http', 'ws')
    if (!/^wss?:$/.test(url.protocol)) throw new TypeError(`${url.protocol} is no protocol of WebSockets`)
    if (url.hash) throw new TypeError('the address of a WebSocket has no fragment')
    return url.href
  },
  onHint(listener) {
    const { document, addEventListener } = globalThis
    const listening = new AbortController()
    const options = { signal: listening.signal }
    // A worker has no document; Node has neither.
    if (addEventListener) for (const hint of ON_WINDOW) addEventListener(hint, () => listener(hint), options)
    if (document) {
      for (const hint of ON_DOCUMENT) document.addEventListener(hint, () => listener(hint), options)
      document.addEventListener('visibilitychange', () => listener(document.visibilityState), options)
    }
    return () => listening.abort()
  },
  isHidden: () => globalThis.document?.visibilityState === 'hidden',
  createAbortController: () => new AbortController(),
  logger: {
    debug: ignore,
    warn: (...details) => console.warn(...details),
    error: (...details) => console.error(...details),
  },
})
