/** The server did something else than a rule says. */
export class Failure extends Error {
  override readonly name = 'Failure'

  constructor(
    readonly expected: string,
    readonly came: string,
  ) {
    super(`expected ${expected}; came ${came}`)
  }
}

/** This server cannot be asked: the message says why, and what would help. */
export class Skipped extends Error {
  override readonly name = 'Skipped'
}
