import type { FaultProxy } from '../../src/testing/fault-proxy.js'
import type { Heal } from '../../src/testing/faults.js'
import type { ActiveTrouble, TroubleName } from '../app.js'
import type { Backend } from './backend.js'
import { refusal } from './input.js'
import type { Visitors } from './visitors.js'

/** How much slower everything gets, each way, in ms. */
const SLOW_MS = 800

/** One that lasts gives what ends it: when it is switched off, at the latest after `lastsMs`. */
type Fault = { start(): void; lastsMs?: undefined } | { start(): Heal; lastsMs: number }

/** The trouble that the page can ask for. */
export class Trouble {
  private readonly faults: Readonly<Record<TroubleName, Fault>>
  private readonly active = new Map<TroubleName, { until: number; timer: NodeJS.Timeout; heal: Heal }>()
  private replacing: Promise<void> | undefined

  constructor(proxy: FaultProxy, backend: Pick<Backend, 'restart' | 'kill'>, visitors: Pick<Visitors, 'expireAll'>) {
    const cut = (): void => void proxy.fault('cut')
    this.faults = {
      cut: { start: cut },
      flap: { start: () => proxy.fault('flap', { minMs: 300, maxMs: 2_500 }), lastsMs: 15_000 },
      'black-hole': { start: () => proxy.fault('blackHole'), lastsMs: 20_000 },
      'lost-answers': { start: () => proxy.fault('replyPathDead'), lastsMs: 20_000 },
      slow: { start: () => proxy.fault('slow', { ms: SLOW_MS }), lastsMs: 60_000 },
      refuse: {
        start() {
          const heal = proxy.fault('refuse')
          // Whoever is in would not notice otherwise.
          cut()
          return heal
        },
        lastsMs: 10_000,
      },
      restart: { start: () => this.replace(() => backend.restart()) },
      kill: {
        start: () =>
          this.replace(() => {
            // Before the server can say anything.
            cut()
            return backend.kill()
          }),
      },
      'expire-token': {
        start() {
          visitors.expireAll()
          cut()
        },
      },
    }
  }

  /**
   * Starts a fault, or ends one that lasts. `false` if there is none of that name. Throws a refusal while one server
   * takes the place of another.
   */
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

  /** Forgets everything; resolves when no server is taking the place of another. */
  async stop(): Promise<void> {
    for (const { timer } of this.active.values()) clearTimeout(timer)
    this.active.clear()
    await this.replacing
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

  private replace(act: () => Promise<void>): void {
    if (this.replacing) throw refusal('busy', 'One server is just taking the place of another. Wait for it to end.')
    this.replacing = act().finally(() => {
      this.replacing = undefined
    })
  }
}
