/**
 * A planned restart (PROTOCOL.md, section 12): the page goes to the new server before it leaves the old one.
 *
 * step       | begins with                             | meanwhile
 * -----------|-----------------------------------------|----------------------------------------------------
 * waiting    | `bye` of the server                     | nothing changes; the moment is picked in its window
 * dialling   | that moment                             | nothing changes; a second socket opens
 * leaving    | the second socket is open: `bye`        | messages wait in the queue; the old server finishes
 * greeting   | the old server's last word: `hi`        | messages wait in the queue
 *            | `ok` on the second socket               | it takes the place of the first
 *
 * Whatever goes wrong ends in an ordinary reconnect.
 */
import { createAlarm, NEVER } from '../../core/platform/alarm.js'
import type { MessageLike, SocketLike } from '../../core/platform/environment.js'
import type { SessionLink } from '../../core/session/plugin.js'
import { type Bye, isOk, type Ok, readControl, writeControl } from '../../protocol/session-frames.js'

/** How long the new server may take to answer `hi`, in ms. */
const ANSWER_MS = 10_000
/** The window of a `bye` that names none, as that of a close with 1012 (P7.2). */
const DEFAULT_WINDOW = { minMs: 0, maxMs: 5000 }

export interface Move {
  onBye(bye: Bye): void
  /** The old socket is gone, or the client has ended. */
  cancel(): void
}

export interface MoveHandlers {
  /** The text of `hi` for the new socket. */
  hi(token: unknown): string
  /** The old server has had its last word. */
  onDone(isKept: boolean): void
  /** The new server has answered; tells whether the conversation is fresh. */
  onOk(ok: Ok): boolean
}

export function createMove(link: SessionLink, handlers: MoveHandlers): Move {
  const { environment } = link
  const alarm = createAlarm(environment)
  let farewell: Bye | undefined
  /** The second socket, once it is open. */
  let ready: { socket: SocketLike; token: unknown } | undefined
  let dialled: SocketLike | undefined

  const cancel = (): void => {
    alarm(NEVER)
    const orphan = dialled
    farewell = ready = dialled = undefined
    orphan?.close()
  }

  const giveUp = (): void => {
    const hasLeft = !!ready
    cancel()
    if (hasLeft) link.fail(1000, 'moving failed')
  }

  const dial = async (mine: Bye): Promise<void> => {
    try {
      const { socket, token } = await link.dial(mine.url)
      if (farewell !== mine) return socket.close()
      dialled = socket
      socket.onopen = () => {
        if (dialled !== socket) return
        ready = { socket, token }
        link.hold(true)
        link.write(writeControl({ bye: {} }))
      }
      socket.onmessage = ({ data }: MessageLike) => {
        const { ok } = typeof data === 'string' ? readControl(data) : {}
        if (dialled !== socket || !isOk(ok)) return
        farewell = ready = dialled = undefined
        alarm(NEVER)
        link.adopt(socket, handlers.onOk(ok))
      }
      socket.onclose = () => {
        if (dialled === socket) giveUp()
      }
    } catch {
      // The server will close the old socket, and say when to come back.
    }
  }

  return {
    cancel,
    onBye(bye) {
      if (!bye.done) {
        if (farewell) return
        farewell = bye
        const { minMs, maxMs } = bye.window ?? DEFAULT_WINDOW
        alarm(minMs + environment.random() * (maxMs - minMs), () => void dial(bye))
      } else if (ready && farewell) {
        handlers.onDone(!!farewell.resume)
        ready.socket.send(handlers.hi(ready.token))
        alarm(ANSWER_MS, giveUp)
      }
    },
  }
}
