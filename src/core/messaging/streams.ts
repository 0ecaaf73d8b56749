import { HoldfastError } from '../../shared/errors.js'
import type { Call, CallOptions, Calls } from './calls.js'

/** Items that may wait unread. A plain wire cannot tell the server to slow down, so there must be an end. */
const MAX_UNREAD = 10_000

type StreamOptions = Pick<CallOptions, 'method' | 'params' | 'timeoutMs' | 'signal'>
type Reader = [resolve: (result: IteratorResult<unknown>) => void, reject: (error: unknown) => void]

/** A stream that asks when it is first read, anew for each iteration, and cancels when it is left before its end. */
export const createStream = (calls: Calls, options: StreamOptions): AsyncIterable<unknown> => ({
  // Not an async generator: its `return()` would wait for the `next()` that waits.
  [Symbol.asyncIterator]: () => createIterator(calls, options),
})

function createIterator(calls: Calls, options: StreamOptions): AsyncIterator<unknown> {
  const items: unknown[] = []
  const readers: Reader[] = []
  let call: Call | undefined
  /** How it ended, once it has; told once, after the items before it. */
  let end: { value: unknown } | { error: unknown } | undefined

  const finish = (how: typeof end): void => {
    end ??= how
    for (const reader of readers.splice(0)) serve(reader)
  }

  const serve = (reader: Reader): void => {
    const [resolve, reject] = reader
    if (items.length) resolve({ done: false, value: items.shift() })
    else if (!end) readers.push(reader)
    else {
      if ('error' in end) reject(end.error)
      else resolve({ done: true, value: end.value })
      end = { value: undefined }
    }
  }

  const begin = (): void => {
    try {
      call = calls.open({
        ...options,
        onLost: 'fail',
        onResult: (value) => finish({ value }),
        onError(error) {
          // Who aborts wants no more of it.
          if (options.signal?.aborted) items.length = 0
          finish({ error })
        },
        onItem(item) {
          const reader = readers.shift()
          if (reader) reader[0]({ done: false, value: item })
          else if (items.push(item) > MAX_UNREAD && call) {
            const message = `${options.method}: read faster, or ask for less.`
            calls.cancel(call, new HoldfastError('STREAM_OVERFLOW', message))
          }
        },
      })
    } catch (error) {
      finish({ error })
    }
  }

  return {
    next() {
      if (!call && !end) begin()
      return new Promise((...reader) => serve(reader))
    },
    return(value) {
      items.length = 0
      end = { value: undefined }
      finish(end)
      if (call) calls.cancel(call)
      return Promise.resolve({ done: true, value })
    },
  }
}
