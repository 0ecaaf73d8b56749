import type { Assistant } from '../app.js'

/** Answers questions, piece by piece, until it is done or the signal aborts. */
export interface Answerer {
  readonly who: Assistant
  answer(question: string, signal: AbortSignal): AsyncIterable<string>
}
