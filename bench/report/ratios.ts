/** Rounds of figures into what is shown. */

/** Least, median and most of what the rounds gave. */
export interface Spread {
  readonly least: number
  readonly median: number
  readonly most: number
}

/** Ratios to the figures of another library, each taken inside its round. */
export type Ratio = Spread

/** Figures of one library, one for each round; `undefined` where a round gave none. */
export type Rounds = readonly (number | undefined)[]

export function spreadOf(values: Rounds): Spread {
  const sorted = values
    .map((value) => value ?? Number.NaN)
    .filter(Number.isFinite)
    .sort((a, b) => a - b)
  const at = (index: number): number => sorted[index] ?? Number.NaN
  const middle = (sorted.length - 1) / 2
  return {
    least: at(0),
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    most: at(sorted.length - 1),
  }
}

export const ratiosOf = (figures: Rounds, base: Rounds): Ratio =>
  spreadOf(figures.map((figure, round) => (figure ?? Number.NaN) / (base[round] ?? Number.NaN)))
