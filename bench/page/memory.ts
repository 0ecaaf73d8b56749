/** What a message costs that waits for a connection. */
import type { Link, Numbered } from '../peers/peer.js'
import { type Absent, type Context, QUIET, within } from './context.js'
import { heldBytes } from './heap.js'
import { numbered } from './numbered.js'
import { END } from './signals.js'

export interface MemoryArguments {
  /** Messages that are weighed. */
  readonly messages: number
  /** Messages that are queued before those, on a link of their own, to see whether they arrive. */
  readonly checked: number
}

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

/**
 * Queues while the server does not answer: `mark('end')` has the driver let connections through, `mark('begin')` hold
 * them. The page is closed after that: there are libraries that a long queue keeps busy for minutes.
 */
export async function memory(context: Context, { messages, checked }: MemoryArguments): Promise<Memory | Absent> {
  await mustArrive(context, checked)
  await context.mark('begin')
  const texts = (): string[] => {
    const texts: string[] = []
    for (let n = 1; n <= messages; n++) texts.push(JSON.stringify(fresh(n)))
    return texts
  }
  // Once for the engine to compile what there is to compile.
  await costOf(messages, texts)
  const textAlone = await costOf(messages, texts)

  const link = context.peer.connect({ ...QUIET, url: context.url })
  let refused = 0
  const each = await costOf(messages, () => {
    refused = queue(link, messages)
    return link
  })
  link.close()
  return each === undefined || textAlone === undefined ? 'absent' : { each, textAlone, refused }
}

/** Gives how many were refused. */
function queue(link: Link, messages: number): number {
  let refused = 0
  for (let n = 1; n <= messages; n++) {
    try {
      link.send(fresh(n))
    } catch {
      refused++
    }
  }
  return refused
}

/** Fills a queue and waits until the server has heard what it will; the driver counts. */
async function mustArrive(context: Context, messages: number): Promise<void> {
  let onEnd = (): void => {}
  const ended = new Promise<void>((resolve) => {
    onEnd = resolve
  })
  const link = context.peer.connect({
    ...QUIET,
    url: context.url,
    onMessage: ({ n }) => n === END && onEnd(),
  })
  queue(link, messages)
  await context.mark('end')
  await within(ended, 'the server has heard all').finally(() => link.close())
}

/** The bytes that what `make` gives holds on to, for each message. */
async function costOf(messages: number, make: () => object): Promise<number | undefined> {
  const before = await heldBytes()
  const made = make()
  const after = await heldBytes()
  // Asked for after the second look, so that it is not let go before.
  return Object.isFrozen(made) || !before || !after ? undefined : (after - before) / messages
}
