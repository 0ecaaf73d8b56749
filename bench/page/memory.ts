/** What a message costs that waits for a connection. */
import type { Numbered } from '../peers/peer.js'
import { type Absent, type Context, QUIET } from './context.js'
import { heldBytes } from './heap.js'
import { numbered } from './numbered.js'
import { END } from './signals.js'

/** Bytes for each message. */
export interface Memory {
  readonly each: number
  /** What the same texts take in an array, and nothing else. */
  readonly textAlone: number
  /** Messages that the library refused with a throw. */
  readonly refused: number
}

/** With a text of its own, in one piece: parts of one text that all share would count for nothing. */
const fresh = (n: number): Numbered => JSON.parse(JSON.stringify(numbered(n)))

/** The server says so when all has arrived; a page waits no longer for that, in ms: one library takes minutes. */
const PATIENCE_MS = 15_000

/** Queues while the server does not answer; `mark('end')` has the driver let the connection through. */
export async function memory(context: Context, { messages }: { messages: number }): Promise<Memory | Absent> {
  const texts = (): string[] => {
    const texts: string[] = []
    for (let n = 1; n <= messages; n++) texts.push(JSON.stringify(fresh(n)))
    return texts
  }
  // Once for the engine to compile what there is to compile.
  await costOf(messages, texts)
  const textAlone = await costOf(messages, texts)
  let refused = 0
  let onEnd = (): void => {}
  const ended = new Promise<void>((resolve) => {
    onEnd = resolve
  })
  const link = context.peer.connect({
    ...QUIET,
    url: context.url,
    onMessage: ({ n }) => n === END && onEnd(),
  })
  const each = await costOf(messages, () => {
    for (let n = 1; n <= messages; n++) {
      try {
        link.send(fresh(n))
      } catch {
        refused++
      }
    }
    return link
  })
  await context.mark('end')
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))])
  link.close()
  return each === undefined || textAlone === undefined ? 'absent' : { each, textAlone, refused }
}

/** The bytes that what `make` gives holds on to, for each message. */
async function costOf(messages: number, make: () => object): Promise<number | undefined> {
  const before = await heldBytes()
  const made = make()
  const after = await heldBytes()
  // Asked for after the second look, so that it is not let go before.
  return Object.isFrozen(made) || !before || !after ? undefined : (after - before) / messages
}
