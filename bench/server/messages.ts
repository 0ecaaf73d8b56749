/** What travels in each measure; the same for every library. */

/** Numbers of messages begin here, so that each has as many digits. */
export const FIRST = 10_000_000
export const DIGITS = 8

export const CHANNEL = 'news'
export const EVENT = 'tick'
export const METHOD = 'next'

const TEXT = 'x'.repeat(76)

/** About 100 bytes as JSON. */
export const numbered = (n: number) => ({ n, text: TEXT })
