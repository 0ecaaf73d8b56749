import type { Clock } from './clock.js'

/**
 * Calls `onDue` for each item `afterMs` after it was added, with one timer for them all: as every item waits equally
 * long, the order of insertion is the order of the deadlines. Each item keeps its own phase, so that ten thousand
 * clients are not pinged in one burst, nor answer in one.
 */
export class Deadlines<Item> {
  readonly #clock: Clock
  readonly #afterMs: number
  readonly #onDue: (item: Item) => void
  readonly #dueAt = new Map<Item, number>()
  #stop: (() => void) | undefined

  constructor(clock: Clock, afterMs: number, onDue: (item: Item) => void) {
    this.#clock = clock
    this.#afterMs = afterMs
    this.#onDue = onDue
  }

  /** Items that wait. */
  get size(): number {
    return this.#dueAt.size
  }

  /** The item whose deadline comes next. */
  get first(): Item | undefined {
    const [first] = this.#dueAt.keys()
    return first
  }

  has(item: Item): boolean {
    return this.#dueAt.has(item)
  }

  /** Starts the item's wait, anew if it waits already. */
  add(item: Item): void {
    this.#dueAt.delete(item)
    this.#dueAt.set(item, this.#clock.now() + this.#afterMs)
    this.#arm()
  }

  delete(item: Item): void {
    this.#dueAt.delete(item)
    if (this.#dueAt.size > 0) return
    this.#stop?.()
    this.#stop = undefined
  }

  #arm(): void {
    const [first] = this.#dueAt.values()
    if (this.#stop || first === undefined) return
    this.#stop = this.#clock.timer(() => this.#run(), first - this.#clock.now())
  }

  #run(): void {
    this.#stop = undefined
    const now = this.#clock.now()
    for (const [item, dueAt] of this.#dueAt) {
      if (dueAt > now) break
      this.#dueAt.delete(item)
      this.#onDue(item)
    }
    this.#arm()
  }
}
