/** A piece of work that neither throws nor rejects. */
type Task = () => Promise<void> | undefined

/**
 * Runs the tasks of one lane one after another; lanes do not wait for each other. A task whose lane is free runs at
 * once, so that handlers which are not async see everything in the order of arrival.
 */
export class Lanes {
  #tails: Map<string | symbol, Promise<void>> | undefined
  #waitingBytes = 0
  #isForgone = false

  /** Whether messages that wait are not to be handled any more. */
  get isForgone(): boolean {
    return this.#isForgone
  }

  /** Bytes of the messages whose tasks wait for the one before. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  forgo(): void {
    this.#isForgone = true
  }

  /** `bytes` is the size of the message that the task handles. Gives a promise if it is not done at once. */
  run(lane: string | symbol, bytes: number, task: Task): Promise<void> | undefined {
    const busy = this.#tails?.get(lane)
    const done = busy ? this.#after(busy, bytes, task) : task()
    if (!done) return undefined
    const tails = this.#tails ?? new Map()
    this.#tails = tails.set(lane, done)
    void done.then(() => {
      if (tails.get(lane) === done) tails.delete(lane)
    })
    return done
  }

  /** Resolves when no lane is busy. */
  async idle(): Promise<void> {
    while (this.#tails && this.#tails.size > 0) await Promise.all(this.#tails.values())
  }

  async #after(busy: Promise<void>, bytes: number, task: Task): Promise<void> {
    this.#waitingBytes += bytes
    await busy
    this.#waitingBytes -= bytes
    await task()
  }
}
