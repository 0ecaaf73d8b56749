/** The other direction: the server asks, and a handler of the page answers. */
import {
  type ErrorBody,
  ErrorCode,
  type ErrorFrame,
  type FrameId,
  type RequestFrame,
  type ResultFrame,
} from '../../protocol/frames.js'
import { InvalidOption } from '../../shared/errors.js'
import type { Environment } from '../platform/environment.js'
import type { Session } from '../session/session.js'

/** Requests of the server that may be running at once: more than this is a flood. */
const MAX_RUNNING = 1000

export type Handler = (params: unknown, context: { readonly signal: AbortSignal }) => unknown

export interface Answers {
  handle(method: string, handler: Handler): () => void
  /** Runs a request; `false` if its id is in use, or too many are running. */
  receive(frame: RequestFrame): boolean
  /** The server is no longer interested; without an id, the connection that asked is gone. */
  stop(id?: FrameId): void
}

export function createAnswers(session: Session, environment: Environment): Answers {
  const handlers = new Map<string, Handler>()
  const running = new Map<FrameId, AbortController>()

  const run = async ({ id, method, params }: RequestFrame): Promise<void> => {
    const controller = new environment.AbortController()
    running.set(id, controller)
    const handler = handlers.get(method)
    let frame: ResultFrame | ErrorFrame
    try {
      frame = handler
        ? { id, result: (await handler(params, controller)) ?? null }
        : { id, error: { code: ErrorCode.methodNotFound, message: `No handler for ${method}` } }
    } catch (error) {
      frame = { id, error: errorBody(error) }
    }
    // Not if it was cancelled, or asked on a connection that is gone.
    if (running.get(id) !== controller) return
    running.delete(id)
    if (!session.tell(frame)) session.tell({ id, error: errorBody('The answer cannot be encoded') })
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
      if (running.has(frame.id) || running.size >= MAX_RUNNING) return false
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

/** What the server learns of a throw: code, message and data, never a stack. */
function errorBody(error: unknown): ErrorBody {
  const body: Partial<ErrorBody> = Object(error)
  return { code: body.code ?? ErrorCode.internal, message: String(body.message ?? error), data: body.data }
}
