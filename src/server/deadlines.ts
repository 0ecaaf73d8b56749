/**
 * Calls `onDue` for each item `afterMs` after it was added, with one timer for them all: as every item waits equally
 * long, the order of insertion is the order of the deadlines. Each item keeps its own phase, so that ten thousand
 * clients are not pinged in one burst, nor answer in one.
 */
export class Deadlines<Item> {
  readonly #afterMs: number
  readonly #onDue: (item: Item) => void
  readonly #dueAt = new Map<Item, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(afterMs: number, onDue: (item: Item) => void) {
    this.#afterMs = afterMs
    this.#onDue = onDue
  }

  /** Starts the item's wait, anew if it waits already. */
  add(item: Item): void {
    this.#dueAt.delete(item)
    this.#dueAt.set(item, performance.now() + this.#afterMs)
    this.#arm()
  }

  delete(item: Item): void {
    this.#dueAt.delete(item)
    if (this.#dueAt.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #arm(): void {
    const [first] = this.#dueAt.values()
    if (this.#timer || first === undefined) return
    // No process is kept alive by a deadline alone: its sockets do that.
    this.#timer = setTimeout(() => this.#run(), first - performance.now()).unref()
  }

  #run(): void {
    this.#timer = undefined
    const now = performance.now()
    for (const [item, dueAt] of this.#dueAt) {
      if (dueAt > now) break
      this.#dueAt.delete(item)
      this.#onDue(item)
    }
    this.#arm()
  }
}
