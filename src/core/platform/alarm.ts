import type { Environment } from './environment.js'

/** A time that does not come. */
export const NEVER = 1 / 0

/** One timer that is set anew each time; `NEVER` only ends the one that was set. */
export type Alarm = (ms: number, callback?: () => void) => void

export function createAlarm(environment: Environment): Alarm {
  let cancel: (() => void) | undefined
  return (ms, callback) => {
    cancel?.()
    cancel = callback && ms < NEVER ? environment.timer(callback, ms) : undefined
  }
}
