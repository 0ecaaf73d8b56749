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
import { RESTART_WINDOW } from '../../core/connection/close-codes.js'
import { createAlarm, NEVER } from '../../core/platform/alarm.js'
import type { SocketLike } from '../../core/platform/environment.js'
import type { SessionLink } from '../../core/session/plugin.js'
import { type Bye, isOk, type Ok, readControl, writeControl } from '../../protocol/session-frames.js'

/**
 * How long the old server may take for its last word, and the new one for its answer to `hi`, in ms. Servers that go have
 * less time than this.
 */
const MOVE_MS = 60_000

export interface Move {
  onBye(bye: Bye): void
  /** The old socket is gone, or the client has ended. */
  cancel(): void
}

export interface MoveHandlers {
  /** The text of `hi` for the new socket. */
  hi(token: unknown): string
  /** Writes on the old socket. */
  say(text: () => string): void
  /** The old server has had its last word. */
  onDone(isKept: boolean | undefined): void
  /** The new server has answered. */
  onOk(ok: Ok): void
}

export function createMove(link: SessionLink, handlers: MoveHandlers): Move {
  const { environment, connection } = link
  const alarm = createAlarm(environment)
  let farewell: Bye | undefined
  let second: SocketLike | undefined
  /** What the page has said: nothing, `bye` on the old socket, `hi` on the second one. */
  let said: '' | 'bye' | 'hi' = ''
  let token: unknown

  const cancel = (): void => {
    alarm(NEVER)
    const orphan = second
    farewell = second = undefined
    said = ''
    orphan?.close()
  }

  const giveUp = (): void => {
    if (said) connection.fail('moving failed', undefined, 1000)
    cancel()
  }

  const dial = async (mine: Bye): Promise<void> => {
    try {
      const dialled = await connection.dial(mine.url)
      if (farewell !== mine) return
      token = dialled.token
      listenTo(dialled.open())
    } catch {
      // The server will close the old socket, and say when to come back.
    }
  }

  const listenTo = (socket: SocketLike): void => {
    second = socket
    socket.onopen = () => {
      if (second !== socket) return
      said = 'bye'
      alarm(MOVE_MS, giveUp)
      link.hold()
      handlers.say(() => writeControl({ bye: {} }))
    }
    connection.read(socket, (data) => {
      const { ok } = readControl(data)
      if (second !== socket || said !== 'hi' || !isOk(ok)) return
      handlers.onOk(ok)
      // A listener may have moved on, or the answer was wrong: then this socket is closed.
      if (second !== socket) return
      second = undefined
      cancel()
      link.adopt(socket, ok.window)
    })
    socket.onclose = () => {
      if (second === socket) giveUp()
    }
  }

  return {
    cancel,
    onBye(bye) {
      if (!bye.done) {
        if (farewell) return
        farewell = bye
        const { minMs, maxMs } = bye.window ?? RESTART_WINDOW
        alarm(minMs + environment.random() * (maxMs - minMs), () => void dial(bye))
      } else if (farewell && said === 'bye') {
        said = 'hi'
        handlers.onDone(farewell.resume)
        try {
          if (second) connection.write(second, handlers.hi(token))
        } catch {
          giveUp()
        }
      }
    },
  }
}
