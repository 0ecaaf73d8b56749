import { HoldfastError } from '../../shared/errors.js'
import type { Call, CallOptions, Calls } from './calls.js'

/** Items that may wait unread. A plain wire cannot tell the server to slow down, so there must be an end. */
const MAX_UNREAD = 10_000

/** A stream that asks when it is first read, and cancels when it is left before its end. */
export async function* createStream(
  calls: Calls,
  options: Pick<CallOptions, 'method' | 'params' | 'timeoutMs' | 'signal'>,
): AsyncGenerator<unknown, unknown, undefined> {
  const items: unknown[] = []
  let end: { result: unknown } | { error: unknown } | undefined
  let wake: (() => void) | undefined
  const finish = (how: typeof end): void => {
    end = how
    wake?.()
  }

  const call: Call = calls.open({
    ...options,
    onResult: (result) => finish({ result }),
    onError: (error) => finish({ error }),
    onItem(item) {
      if (items.push(item) > MAX_UNREAD)
        calls.cancel(call, new HoldfastError('STREAM_OVERFLOW', `${options.method}: read faster, or ask for less.`))
      wake?.()
    },
  })
  try {
    for (;;) {
      while (items.length) yield items.shift()
      if (end) break
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  } finally {
    calls.cancel(call)
  }
  if ('error' in end) throw end.error
  return end.result
}
