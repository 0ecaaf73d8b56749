import { browserEnvironment } from '../core/platform/browser.js'
import type { Environment, Hint } from '../core/platform/environment.js'
import { FakeWebSocket } from './fake-web-socket.js'

/** Callbacks that one `advance` may run: more of them mean a timer that sets itself again without end. */
const MOST_CALLBACKS = 100_000

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A message that nobody but the logger took. */
export interface LogEntry {
  readonly level: 'debug' | 'warn' | 'error'
  readonly message: string
  readonly details: readonly unknown[]
}

/** A world that stands still until the test moves it. Times in ms. */
export interface FakeEnvironment extends Environment {
  /** Every socket made, oldest first. */
  readonly sockets: readonly FakeWebSocket[]
  /** Timers that have not fired. */
  readonly timers: number
  /** Listeners to hints. */
  readonly listeners: number
  /** What was logged, oldest first. */
  readonly logged: readonly LogEntry[]
  /** What `random()` gives. Default 0.5. */
  chance: number
  /** What `isHidden()` gives. Default `false`. The hints `visible` and `hidden` set it. */
  hidden: boolean
  /**
   * Lets time pass, and fires the timers that come due, in order, each at its own time and followed by `settle()`.
   * Rejects if they do not come to an end.
   */
  advance(ms: number): Promise<void>
  /** The machine sleeps: the clock moves on, and no timer fires. What has come due fires, late, at the next `advance`. */
  sleep(ms: number): void
  /** The page gives a sign. */
  hint(hint: Hint): void
  /**
   * The browser freezes a page that nobody sees: the hints `hidden`, unless it is, and `freeze`. From then on `advance`
   * moves the clock only, as no timer fires. Throws if the page is frozen.
   */
  freeze(): void
  /**
   * The user is back at a frozen page: the hints `resume` and `visible`. Timers that have come due fire, late, at the
   * next `advance`. Throws if the page is not frozen.
   */
  resume(): void
  /** Lets every promise go on that can. */
  settle(): Promise<void>
}

/**
 * Replaces the platform in a test: `connect(url, { environment: fakeEnvironment() })`. `parts` replace parts of it, such
 * as `random` by a seeded one.
 */
export function fakeEnvironment(parts: Partial<Environment> = {}): FakeEnvironment {
  let now = 1_000_000
  let isFrozen = false
  const sockets: FakeWebSocket[] = []
  const timers = new Set<Timer>()
  const listeners = new Set<(hint: Hint) => void>()
  const logged: LogEntry[] = []

  const log =
    (level: LogEntry['level']) =>
    (message: string, ...details: unknown[]): void => {
      logged.push({ level, message, details })
    }

  /** The timer that is due first; of several, the one set first. */
  const nextTimer = (): Timer | undefined => {
    let next: Timer | undefined
    for (const timer of timers) if (!next || timer.at < next.at) next = timer
    return next
  }

  const fake: FakeEnvironment = {
    ...browserEnvironment(),
    WebSocket: class extends FakeWebSocket {
      constructor(url: string, protocols?: readonly string[]) {
        super(url, protocols)
        sockets.push(this)
      }
    },
    now: () => now,
    timer(callback, ms) {
      // A browser reads these as 0, and fires at once.
      if (!Number.isFinite(ms)) throw new RangeError(`${ms} is no time for a timer`)
      const timer = { at: now + Math.max(0, ms), callback }
      timers.add(timer)
      return () => timers.delete(timer)
    },
    random: () => fake.chance,
    onHint(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    isHidden: () => fake.hidden,
    logger: { debug: log('debug'), warn: log('warn'), error: log('error') },
    ...parts,
    sockets,
    logged,
    chance: 0.5,
    hidden: false,
    get timers() {
      return timers.size
    },
    get listeners() {
      return listeners.size
    },
    async advance(ms) {
      const end = now + ms
      await settle()
      if (isFrozen) {
        now = end
        return
      }
      let callbacks = 0
      for (let timer = nextTimer(); timer && timer.at <= end; timer = nextTimer()) {
        if (++callbacks > MOST_CALLBACKS) throw new Error(`The timers do not end: ${callbacks} in ${ms} ms.`)
        timers.delete(timer)
        now = Math.max(now, timer.at)
        timer.callback()
        await settle()
      }
      now = Math.max(now, end)
    },
    sleep(ms) {
      now += ms
    },
    hint(hint) {
      if (hint === 'visible' || hint === 'hidden') fake.hidden = hint === 'hidden'
      for (const listener of [...listeners]) listener(hint)
    },
    freeze() {
      if (isFrozen) throw new Error('The fake page is frozen.')
      if (!fake.hidden) fake.hint('hidden')
      fake.hint('freeze')
      isFrozen = true
    },
    resume() {
      if (!isFrozen) throw new Error('The fake page is not frozen.')
      isFrozen = false
      fake.hint('resume')
      fake.hint('visible')
    },
    settle,
  }
  return fake
}

/** A task of its own: promises go on before the next one (HTML, 8.1.7). */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = () => {
      port1.close()
      resolve()
    }
    port2.postMessage(undefined)
  })
}
