/** What is sent before there is a connection goes out when there is one. */
import { type Context, QUIET } from './context.js'
import { numbered } from './numbered.js'
import { openSockets } from './sockets.js'

/** After so long without another message, in ms, the rest is lost. */
const SILENCE_MS = 1_000

export interface Flush {
  /** From the last message that is handed over to the last that has arrived, in ms; it contains the opening. */
  readonly ms: number
  readonly lost: number
  /** Twice or out of order. */
  readonly late: number
  /** Messages that the library refused with a throw. */
  readonly refused: number
  /** The most bytes that waited in the browser's buffer, of those seen about every 2 ms. */
  readonly maxBuffered: number
}

export async function flush(context: Context, { messages }: { messages: number }): Promise<Flush> {
  const control = await context.control()
  await control.reset()
  control.order({ do: 'watch', every: 250 })
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
  let lastChange = start
  for (let before = -1; performance.now() - lastChange < SILENCE_MS && control.received < messages; ) {
    if (control.received !== before) lastChange = performance.now()
    before = control.received
    for (const { bufferedAmount } of openSockets()) maxBuffered = Math.max(maxBuffered, bufferedAmount)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
  const end = control.received < messages ? lastChange : performance.now()
  const { received, late } = await control.check()
  link.close()
  control.close()
  return { ms: end - start, lost: Math.max(0, messages - received), late, refused, maxBuffered }
}
