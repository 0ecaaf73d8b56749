import type { Environment } from './environment.js'

/** Browsers hold delays in 32 bits; a longer one would fire at once (HTML, 8.6). */
const LONGEST_TIMER_MS = 2 ** 31 - 1

const HINTS = ['online', 'offline', 'visibilitychange', 'focus', 'pageshow', 'pagehide', 'freeze', 'resume'] as const

/** The browser, a worker or Node. The only place in core that touches a global. */
export function browserEnvironment(): Environment {
  // A worker has no document; Node has no events either.
  const { WebSocket, AbortController, document, location, addEventListener, console } = globalThis
  return {
    WebSocket,
    AbortController,
    now: createClock(),
    timer(callback, ms) {
      const timer = setTimeout(callback, Math.min(ms, LONGEST_TIMER_MS))
      return () => clearTimeout(timer)
    },
    random: () => Math.random(),
    resolveUrl(address) {
      // An http address is that of the same server (WHATWG WebSockets, 3.1), also for engines that do not know it yet.
      const url = new URL(address, document?.baseURI ?? location?.href).href.replace(/^http/, 'ws')
      if (!/^wss?:[^#]+$/.test(url)) throw new TypeError(url)
      return url
    },
    onHint(listener) {
      const listening = new AbortController()
      for (const type of HINTS) {
        // Events of the document pass the window on their way down; so does the focus of a field, which is no hint.
        const listen = (event: Event): void => {
          // A page that is left and not kept for the way back (HTML, PageTransitionEvent).
          const isLeft = type === 'pagehide' && 'persisted' in event && !event.persisted
          listener(isLeft ? 'unload' : type === 'visibilitychange' ? document.visibilityState : type)
        }
        addEventListener?.(type, listen, { capture: type !== 'focus', signal: listening.signal })
      }
      return () => listening.abort()
    },
    isHidden: () => !!document?.hidden,
    logger: { debug() {}, warn: console.warn, error: console.error },
  }
}

/** The wall clock, for it sees the machine sleep; but it goes on from where it was when somebody sets it back. */
function createClock(): () => number {
  let last = 0
  let behind = 0
  return () => {
    const now = Date.now() + behind
    if (now < last) behind += last - now
    last = Math.max(last, now)
    return last
  }
}
