import type { ErrorBody } from '../protocol/frames.js'

/**
 * Any error of holdfast: a stable `code`, a sentence that says what to do, and the `cause` where there is one.
 *
 * Codes without a class of their own: `CONTRACT` (a value does not fit the contract; the message names its field, the cause
 * is what the schema says), `STREAM_OVERFLOW` (items came faster than they were read; the stream was
 * cancelled), `REPLACED` (a `join()` or `leave()` gave way to a newer one), and those that reach `client.on('error')` only:
 * `CONNECT_FAILED` (an attempt; the client goes on by its policy), `JOIN_FAILED` (a channel could not be joined again),
 * `PROTOCOL` (a frame broke PROTOCOL.md and was ignored), `CONTRACT_SKEW` (the server has another contract), `LISTENER` (a callback of the app threw `cause`; the others
 * went on).
 */
export class HoldfastError extends Error {
  override name = 'HoldfastError'

  constructor(
    /** Stays the same; a number only where the other end chose it. */
    readonly code: string | number,
    message: string,
    cause?: unknown,
  ) {
    super(message, { cause })
  }
}

/** An option or argument makes no sense; `field` names it. Fix the call. */
export class InvalidOption extends HoldfastError {
  constructor(
    /** The option or argument, such as `queue.maxBytes`. */
    readonly field: string,
    expected: string,
    cause?: unknown,
  ) {
    super('INVALID_OPTION', `${field}: expected ${expected}`, cause)
  }
}

/** The client has ended: by `close`, by the server's close code, or after `maxAttempts`. */
export class ClientClosed extends HoldfastError {
  constructor(why: string) {
    super('CLOSED', why)
  }
}

/** The send queue is full. Send less, wait for `open`, or raise `queue.maxMessages` or `queue.maxBytes`. */
export class QueueFull extends HoldfastError {
  constructor() {
    super('QUEUE_FULL', 'Queue full: wait for open, or raise its limits.')
  }
}

/** A queued message left the queue unsent (`why`). It is safe to send it again. */
export class MessageDropped extends HoldfastError {
  constructor(readonly why: 'overflow' | 'expired' | 'closed' | 'too-large') {
    super('DROPPED', `Never sent (${why}): safe to send again.`)
  }
}

/** No answer in time. Whether the server acted is unknown if the request was written. Retry, or raise `timeoutMs`. */
export class RequestTimeout extends HoldfastError {
  constructor(method: string, timeoutMs: number) {
    super('TIMEOUT', `No answer to ${method} in ${timeoutMs} ms: retry, or raise timeoutMs.`)
  }
}

/**
 * A request was written, and the connection (with `session`: the session) was lost before the answer: the server may or
 * may not have acted. Ask it, or mark the request `idempotent` if it may run twice. Also of a `deliver` without its
 * acknowledgement.
 */
export class DeliveryUnknown extends HoldfastError {
  constructor(method: string) {
    super('DELIVERY_UNKNOWN', `Lost after ${method} was sent: ask the server, or mark it idempotent.`)
  }
}

/** The other end answered with an error; `code`, `message` and `data` are its own. */
export class RemoteError extends HoldfastError {
  /** What the other end added, unchecked. */
  readonly data: unknown

  constructor(body: ErrorBody) {
    super(body.code, body.message)
    this.data = body.data
  }
}
