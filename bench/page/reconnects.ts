/** What is left behind by connections that were. */
import { type Absent, type Context, QUIET, within } from './context.js'
import { heldBytes } from './heap.js'
import { numbered } from './numbered.js'
import { openSockets } from './sockets.js'

export interface ReconnectsArguments {
  readonly reconnects: number
  /** Before the first look at the heap. The engine compiles up to about the six hundredth, and what it makes stays. */
  readonly before: number
}

export interface Reconnects {
  /** By how much the heap has grown, in bytes for each reconnect. */
  readonly bytesEach: number
  /** Sockets of the page that have not closed, at the end. */
  readonly sockets: number
}

/** Nine hundred openings take seconds, and far longer on a machine that is busy. In ms. */
const LIMIT_MS = 90_000

/** Says the number of each opening through it, and is cut off for that. */
export async function reconnects(context: Context, args: ReconnectsArguments): Promise<Reconnects | Absent> {
  const last = 1 + args.before + args.reconnects
  let opened = 0
  let first: number | undefined
  let onLast = (): void => {}
  const isLast = new Promise<void>((resolve) => {
    onLast = resolve
  })
  const link = context.peer.connect({
    ...QUIET,
    url: context.url,
    delayMs: 1,
    async onOpen() {
      opened++
      if (opened === 1 + args.before) first = await heldBytes()
      if (opened === last) onLast()
      else link.send(numbered(opened))
    },
  })
  await within(isLast, `${last} openings`, LIMIT_MS)
  const end = await heldBytes()
  const sockets = openSockets().size
  link.close()
  if (first === undefined || end === undefined) return 'absent'
  return { bytesEach: (end - first) / args.reconnects, sockets }
}
