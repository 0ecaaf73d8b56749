/** All time that the kit knows comes from here, so that a test can turn it by hand. Times in ms. */
export interface Clock {
  /** Time since some moment in the past; it never goes back. */
  now(): number
  /** Calls back once after `ms`, unless the function that it gives is called before. Keeps no process alive. */
  timer(callback: () => void, ms: number): () => void
  /** Resolves when others have had their turn. */
  turn(): Promise<void>
}

/** The clock of Node. No process is kept alive by a wait alone: its sockets do that. */
export const realClock: Clock = {
  now: () => performance.now(),
  timer(callback, ms) {
    const timer = setTimeout(callback, ms).unref()
    return () => clearTimeout(timer)
  },
  turn: () => new Promise((resolve) => setImmediate(resolve)),
}

/** Resolves when a promise has, or after `ms`. */
export async function within(clock: Clock, ms: number, promise: Promise<unknown>): Promise<void> {
  let stopTimer = (): void => {}
  const timeout = new Promise<void>((resolve) => {
    stopTimer = clock.timer(resolve, ms)
  })
  await Promise.race([promise, timeout])
  stopTimer()
}
