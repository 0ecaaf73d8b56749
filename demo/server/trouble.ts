import type { FaultProxy } from '../../src/testing/fault-proxy.js'
import type { ActiveTrouble, TroubleName } from '../app.js'

/** How much slower everything gets, each way, in ms. */
const SLOW_MS = 800

/** What trouble acts on besides the network. */
export interface Levers {
  restart(): Promise<void>
  throwAway(): void
  expireTokens(): void
}

/** One that lasts ends when it is switched off, at the latest after `lastsMs`. */
interface Fault {
  start(): void
  lasts?: { ms: number; end(): void }
}

/** The trouble that the page can ask for. */
export class Trouble {
  private readonly faults: Readonly<Record<TroubleName, Fault>>
  private readonly active = new Map<TroubleName, { until: number; timer: NodeJS.Timeout }>()
  private restarting: Promise<void> | undefined

  constructor(
    proxy: FaultProxy,
    private readonly levers: Levers,
  ) {
    this.faults = {
      cut: { start: () => proxy.cut() },
      'black-hole': {
        start: () => proxy.blackHole(true),
        lasts: { ms: 20_000, end: () => proxy.blackHole(false) },
      },
      slow: {
        start: () => proxy.slow(SLOW_MS),
        lasts: { ms: 60_000, end: () => proxy.slow(0) },
      },
      refuse: {
        start: () => {
          proxy.refuse(true)
          // Whoever is in would not notice otherwise.
          proxy.cut()
        },
        lasts: { ms: 10_000, end: () => proxy.refuse(false) },
      },
      restart: { start: () => this.restart() },
      'throw-away': { start: () => levers.throwAway() },
      'expire-token': { start: () => levers.expireTokens() },
    }
  }

  /** Starts a fault, or ends one that lasts. `false` if there is none of that name. */
  act(name: string, on: boolean): boolean {
    if (!this.isFault(name)) return false
    const { start, lasts } = this.faults[name]
    clearTimeout(this.active.get(name)?.timer)
    this.active.delete(name)
    if (!on) {
      lasts?.end()
      return true
    }
    if (lasts) {
      const timer = setTimeout(() => this.act(name, false), lasts.ms)
      this.active.set(name, { until: Date.now() + lasts.ms, timer })
    }
    start()
    return true
  }

  /** What is on, and for how long. */
  list(): ActiveTrouble[] {
    return [...this.active].map(([name, { until }]) => ({ name, leftMs: Math.max(0, until - Date.now()) }))
  }

  /** Forgets everything; resolves when no restart is under way. */
  async stop(): Promise<void> {
    for (const { timer } of this.active.values()) clearTimeout(timer)
    this.active.clear()
    await this.restarting
  }

  private isFault(name: string): name is TroubleName {
    return Object.hasOwn(this.faults, name)
  }

  private restart(): void {
    this.restarting ??= this.levers.restart().finally(() => {
      this.restarting = undefined
    })
  }
}
