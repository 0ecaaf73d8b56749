import { RemoteError } from '../../src/server/index.js'

/** An error that reaches the page with its code and its words. */
export const refusal = (code: string, message: string): RemoteError => new RemoteError({ code, message })

/** A text from outside, trimmed. Throws a refusal if it is none, is empty, or is too long. */
export function textOf(value: unknown, maxLength: number, what: string): string {
  const text = typeof value === 'string' ? value.trim() : ''
  if (text === '') throw refusal('invalid_params', `The ${what} is missing.`)
  if (text.length > maxLength) throw refusal('too_long', `The ${what} is longer than ${maxLength} characters.`)
  return text
}

/** A whole number of at least 0 from outside. Throws a refusal if it is none. */
export function countOf(value: unknown, what: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw refusal('invalid_params', `The ${what} is not a number.`)
}
