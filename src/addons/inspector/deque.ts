/** A line: one end gets longer, the other shorter, and each place can be looked at. All in constant time. */
export class Deque<T> {
  #items: T[] = []
  #head = 0
  /** How many were ever taken from its start. */
  gone = 0

  get length(): number {
    return this.#items.length - this.#head
  }

  /** The item at a place, from 0; negative places count from the end. */
  at(place: number): T | undefined {
    if (place < 0) return place < -this.length ? undefined : this.#items.at(place)
    return this.#items[this.#head + place]
  }

  push(item: T): void {
    this.#items.push(item)
  }

  shift(): T | undefined {
    if (!this.length) return undefined
    const item = this.#items[this.#head++]
    this.gone++
    // What was taken is let go of in one piece, now and then.
    if (this.#head > 256 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    return item
  }

  /** The items as they are now. */
  copy(): Deque<T> {
    const copy = new Deque<T>()
    copy.#items = this.#items.slice(this.#head)
    return copy
  }

  *[Symbol.iterator](): Generator<T> {
    for (let place = this.#head; place < this.#items.length; place++) yield this.#items[place] as T
  }
}
