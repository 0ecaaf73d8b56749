import type { FaultProxy } from '../../src/testing/fault-proxy.js'
import type { Heal } from '../../src/testing/faults.js'
import type { ActiveTrouble, TroubleName } from '../app.js'

/** How much slower everything gets, each way, in ms. */
const SLOW_MS = 800

/** What trouble acts on besides the network. */
export interface Levers {
  restart(): Promise<void>
  throwAway(): void
  expireTokens(): void
}

/** One that lasts gives what ends it: when it is switched off, at the latest after `lastsMs`. */
type Fault = { start(): void; lastsMs?: undefined } | { start(): Heal; lastsMs: number }

/** The trouble that the page can ask for. */
export class Trouble {
  private readonly faults: Readonly<Record<TroubleName, Fault>>
  private readonly active = new Map<TroubleName, { until: number; timer: NodeJS.Timeout; heal: Heal }>()
  private restarting: Promise<void> | undefined

  constructor(
    proxy: FaultProxy,
    private readonly levers: Levers,
  ) {
    this.faults = {
      cut: { start: () => proxy.fault('cut') },
      'black-hole': { start: () => proxy.fault('blackHole'), lastsMs: 20_000 },
      slow: { start: () => proxy.fault('slow', { ms: SLOW_MS }), lastsMs: 60_000 },
      refuse: {
        start() {
          const heal = proxy.fault('refuse')
          // Whoever is in would not notice otherwise.
          proxy.fault('cut')
          return heal
        },
        lastsMs: 10_000,
      },
      restart: { start: () => this.restart() },
      'throw-away': { start: () => levers.throwAway() },
      'expire-token': { start: () => levers.expireTokens() },
    }
  }

  /** Starts a fault, or ends one that lasts. `false` if there is none of that name. */
  act(name: string, on: boolean): boolean {
    if (!this.isFault(name)) return false
    this.end(name)
    if (!on) return true
    const fault = this.faults[name]
    if (fault.lastsMs === undefined) fault.start()
    else {
      const timer = setTimeout(() => this.end(name), fault.lastsMs)
      this.active.set(name, { until: Date.now() + fault.lastsMs, timer, heal: fault.start() })
    }
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

  private end(name: TroubleName): void {
    const active = this.active.get(name)
    clearTimeout(active?.timer)
    this.active.delete(name)
    active?.heal()
  }

  private restart(): void {
    this.restarting ??= this.levers.restart().finally(() => {
      this.restarting = undefined
    })
  }
}
