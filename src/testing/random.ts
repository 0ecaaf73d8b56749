/** Mulberry32: gives the same numbers, from 0, inclusive, to 1, exclusive, for the same `seed`. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A seed made by `random`: a whole number of 32 bits. */
export const drawSeed = (random: () => number): number => Math.floor(random() * 2 ** 32)

/** A whole number from `min` to `max`, both inclusive. */
export const drawBetween = (random: () => number, min: number, max: number): number =>
  min + Math.floor(random() * (max - min + 1))

/** One of several. Throws a `RangeError` if there is none. */
export function drawFrom<T>(random: () => number, of: readonly T[]): T {
  const [drawn] = of.slice(Math.floor(random() * of.length))
  if (drawn === undefined) throw new RangeError('There is nothing to draw from.')
  return drawn
}
