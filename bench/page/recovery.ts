/** What is done to a connection, seen from the page: when it was there, when it was gone, and when it was there again. */
import { type Context, QUIET } from './context.js'
import { numbered } from './numbered.js'

export interface RecoveryArguments {
  /** How often it is to open. */
  readonly openings: number
  /** Wait before an attempt, in ms. */
  readonly delayMs: number
  /** Interval and timeout of the heartbeat, in ms. Default: the library's own. */
  readonly heartbeatMs?: number
  /** With no opening for so long, in ms, there comes none. */
  readonly limitMs: number
}

/** One connection. Times are those of `Date.now()`, which is the clock of the driver too. */
export interface Opening {
  readonly openedAt: number
  /** When the library first said that it is gone. */
  closedAt?: number
}

/** Says the number of each opening through it; done when the server has said the last of them back. */
export function recovery(context: Context, args: RecoveryArguments): Promise<Opening[]> {
  const { openings, limitMs, ...options } = args
  const seen: Opening[] = []
  return new Promise((resolve) => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const end = (): void => {
      clearTimeout(timer)
      // A copy: what comes of the closing is not in it.
      resolve(structuredClone(seen))
      link.close()
    }
    const wait = (): void => {
      clearTimeout(timer)
      timer = setTimeout(end, limitMs)
    }
    const link = context.peer.connect({
      ...QUIET,
      ...options,
      url: context.url,
      onOpen() {
        wait()
        seen.push({ openedAt: Date.now() })
        link.send(numbered(seen.length))
      },
      onClose() {
        const last = seen.at(-1)
        if (last) last.closedAt ??= Date.now()
      },
      onMessage({ n }) {
        if (n === openings) end()
      },
    })
    wait()
  })
}
