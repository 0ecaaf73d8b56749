import { InvalidOption } from '../shared/errors.js'

/** Node fires a timer of more at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1

export function check(field: string, holds: boolean, expected: string): void {
  if (!holds) throw new InvalidOption(field, expected)
}

/** Gives back a time that Node's timers can wait for. */
export function checkTime(field: string, ms: number, leastMs = 1): number {
  check(field, ms >= leastMs && ms <= LONGEST_TIMER_MS, `a time in ms, ${leastMs} to ${LONGEST_TIMER_MS}`)
  return ms
}

/** Gives back a whole number of at least 1. */
export function checkWhole(field: string, number: number): number {
  check(field, Number.isSafeInteger(number) && number >= 1, 'a whole number of at least 1')
  return number
}

export function checkFunction(field: string, value: unknown): void {
  check(field, value === undefined || typeof value === 'function', 'a function')
}

/** Checks a store of the app: an object with these methods. */
export function checkStore(field: string, store: object | undefined, ...methods: string[]): void {
  if (store === undefined) return
  check(field, typeof store === 'object' && store !== null, `an object with ${methods.join(', ')}`)
  for (const method of methods)
    check(`${field}.${method}`, typeof Reflect.get(store, method) === 'function', 'a function')
}
