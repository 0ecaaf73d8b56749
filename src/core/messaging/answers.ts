/** The other direction: the server asks, and a handler of the page answers. */
import {
  type ErrorBody,
  type ErrorFrame,
  type FrameId,
  INTERNAL,
  METHOD_NOT_FOUND,
  type RequestFrame,
  type ResultFrame,
} from '../../protocol/frames.js'
import { HoldfastError, InvalidOption } from '../../shared/errors.js'
import type { Environment } from '../platform/environment.js'
import type { Session } from '../session/session.js'

/** Requests of the server that may be running at once; one more is refused. */
const MAX_RUNNING = 1000

export type Handler = (params: unknown, context: { readonly signal: AbortSignal }) => unknown

export interface Answers {
  handle(method: string, handler: Handler): () => void
  /** Runs a request; `false` if its id is in use. */
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
    let frame: ResultFrame | ErrorFrame
    try {
      const handler = handlers.get(method)
      if (!handler) throw new HoldfastError(METHOD_NOT_FOUND, `No handler for ${method}`)
      if (running.size > MAX_RUNNING) throw new HoldfastError(INTERNAL, 'Too many requests at once')
      frame = { id, result: (await handler(params, controller)) ?? null }
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
        if (handlers.get(method) === handler) handlers.delete(method)
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

/** What the server learns of a throw: code, message and data, never a stack. */
function errorBody(error: unknown): ErrorBody {
  const body: Partial<ErrorBody> = Object(error)
  return { code: body.code ?? INTERNAL, message: String(body.message ?? error), data: body.data }
}
