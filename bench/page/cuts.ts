/** Speaks and listens while its connection is cut again and again. */
import { pace } from '../../test/chaos/workload.js'
import { type Context, QUIET, within } from './context.js'
import { numbered } from './numbered.js'
import { BEGIN, END } from './signals.js'

export interface CutsArguments {
  /** Numbers that the page says, evenly over a time in ms. */
  readonly messages: number
  readonly overMs: number
  readonly delayMs: number
}

export interface Heard {
  /** Numbers of the server, in the order of arrival. */
  readonly heard: readonly number[]
  readonly openings: number
}

const PATIENCE_MS = 60_000

export async function cuts(context: Context, { messages, overMs, delayMs }: CutsArguments): Promise<Heard> {
  const heard: number[] = []
  const ending = new AbortController()
  let openings = 0
  let spoken: Promise<void> | undefined
  const ended = new Promise<void>((resolve) => {
    ending.signal.addEventListener('abort', () => resolve())
  })
  const link = context.peer.connect({
    ...QUIET,
    url: context.url,
    delayMs,
    onOpen() {
      openings++
    },
    onMessage({ n }) {
      if (n === BEGIN) spoken ??= pace(1, messages, overMs, ending.signal, (n) => link.send(numbered(n)))
      else if (n === END) ending.abort()
      else heard.push(n)
    },
  })
  try {
    await within(ended, 'the server ends it', PATIENCE_MS)
  } finally {
    ending.abort()
    link.close()
  }
  await spoken
  return { heard, openings }
}
