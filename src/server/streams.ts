import { guard } from './errors.js'
import type { House } from './house.js'
import type { OpenRequest } from './open-request.js'
import type { Peer } from './peer.js'

/** Items after which a stream lets others have their turn, when its source never makes it wait. */
const TURN = 64

export const isAsyncIterable = (value: unknown): value is AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/**
 * Sends what a source yields, no faster than the client reads, until it ends or the request does: then the source is
 * told at once by `return()`, even while it owes an item.
 */
export async function pump(
  source: AsyncIterable<unknown>,
  request: OpenRequest,
  peer: Peer,
  { clock, contract, settings: { logger } }: House,
): Promise<void> {
  const { signal } = request.context
  const iterator = source[Symbol.asyncIterator]()
  const stop = (): void => void guard(logger, `the end of the stream ${request.method}`, () => iterator.return?.())
  if (signal.aborted) return stop()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for (let sent = 1; ; sent++) {
      const step = await iterator.next()
      if (signal.aborted) return
      const value = step.value ?? null
      await contract.answering(step.done ? { result: value } : { item: value }, request.method)
      if (signal.aborted) return
      if (step.done) return request.succeed(value)
      request.item(value)
      if (peer.congested()) await peer.drained()
      else if (sent % TURN === 0) await clock.turn()
      if (signal.aborted) return
    }
  } catch (error) {
    if (signal.aborted) return
    // Either the source threw, and has ended, or its item did not encode, and it has to be told.
    request.fail(error)
    stop()
  }
}
