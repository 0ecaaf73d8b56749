/** What is sent before there is a connection goes out when there is one. */
import { type Context, QUIET } from './context.js'
import { numbered } from './numbered.js'
import { openSockets } from './sockets.js'

/**
 * After so many looks without another message, about 4 ms apart, the rest is lost. Looks and not time, for a library may
 * keep the page from running for seconds.
 */
const QUIET_LOOKS = 500

export interface Flush {
  /** From the last message that is handed over to the last that has arrived, in ms; it contains the opening. */
  readonly ms: number
  readonly lost: number
  /** Twice or out of order. */
  readonly late: number
  /** Messages that the library refused with a throw. */
  readonly refused: number
  /** The most bytes that waited in the browser's buffer, of those seen about every 4 ms. */
  readonly maxBuffered: number
}

export async function flush(context: Context, { messages }: { messages: number }): Promise<Flush> {
  const control = await context.control()
  await control.reset()
  control.order({ do: 'watch', every: 100 })
  const link = context.peer.connect({ url: context.url, ...QUIET })
  let refused = 0
  for (let n = 1; n <= messages; n++) {
    try {
      link.send(numbered(n))
    } catch {
      refused++
    }
  }
  const start = performance.now()
  let maxBuffered = 0
  let end = start
  for (let before = 0, quiet = 0; quiet < QUIET_LOOKS && before < messages; quiet++) {
    for (const { bufferedAmount } of openSockets()) maxBuffered = Math.max(maxBuffered, bufferedAmount)
    await new Promise((resolve) => setTimeout(resolve, 2))
    if (control.received === before) continue
    before = control.received
    quiet = 0
    end = performance.now()
  }
  const { received, late } = await control.check()
  link.close()
  control.close()
  return { ms: end - start, lost: Math.max(0, messages - received), late, refused, maxBuffered }
}
