/** The other direction: the server asks, and a handler of the page answers. */
import { type ErrorBody, ErrorCode, type ErrorFrame, type FrameId, type RequestFrame, type ResultFrame } from '../../protocol/frames.js'
import { InvalidOption } from '../../shared/errors.js'
import type { Environment } from '../platform/environment.js'
import type { Session } from '../session/session.js'

/** Requests of the server that may be running at once; one more is refused. */
const MAX_RUNNING = 1000

export type Handler = (params: unknown, context: { readonly signal: AbortSignal }) => unknown

export interface Answers {
  handle(method: string, handler: Handler): () => void
  /** Runs a request; `false` if its id is already running. */
  receive(frame: RequestFrame): boolean
  /** The server is no longer interested; without an id, the connection that asked is gone. */
  stop(id?: FrameId): void
}

export function createAnswers(session: Session, environment: Environment): Answers {
  const handlers = new Map<string, Handler>()
  const running = new Map<FrameId, AbortController>()

  const run = async ({ id, method, params }: RequestFrame): Promise<void> => {
    const controller = environment.createAbortController()
    const refused = running.size >= MAX_RUNNING
    running.set(id, controller)
    let frame: ResultFrame | ErrorFrame
    try {
      const handler = handlers.get(method)
      if (!handler || refused) throw handler ? TOO_MANY : UNKNOWN_METHOD
      frame = { id, result: (await handler(params, controller)) ?? null }
    } catch (error) {
      frame = { id, error: errorBody(error) }
    }
    // Not if it was cancelled, or asked on a connection that is gone.
    if (running.get(id) !== controller) return
    running.delete(id)
    if (!session.tell(frame)) session.tell({ id, error: errorBody('the answer cannot be encoded') })
  }

  return {
    handle(method, handler) {
      if (handlers.has(method)) throw new InvalidOption('method', `no handler for ${method} yet`)
      handlers.set(method, handler)
      return () => {
        handlers.delete(method)
      }
    },
    receive(frame) {
      if (running.has(frame.id)) return false
      void run(frame)
      return true
    },
    stop(only) {
      for (const [id, controller] of running) {
        if (only !== undefined && id !== only) continue
        running.delete(id)
        controller.abort()
      }
    },
  }
}

const UNKNOWN_METHOD: ErrorBody = { code: ErrorCode.methodNotFound, message: 'no handler for this method' }
const TOO_MANY: ErrorBody = { code: ErrorCode.internal, message: 'too many requests are running' }

/** What the server learns of a throw: code, message and data, never a stack. */
function errorBody(error: unknown): ErrorBody {
  const { code, message, data }: Partial<ErrorBody> = typeof error === 'object' && error ? error : { message: String(error) }
  return { code: code ?? ErrorCode.internal, message: String(message), data }
}
