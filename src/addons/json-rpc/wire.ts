import type { Wire } from '../../protocol/wire.js'
import { InvalidOption } from '../../shared/errors.js'
import { CHANNEL, readMessage, writeAnswer, writeCall } from './messages.js'

/** Batches of the server that may be unanswered at once; of the one before, what is left is answered one by one. */
const MAX_BATCHES = 100

/** The id that `writeCall` has given to a call of a batch. */
const PART = /^(\d+):(\d+)$/

/** Of a frame; missing in what is none. */
interface Fields {
  readonly id?: unknown
  readonly method?: unknown
}

/**
 * The wire for one client whose server speaks JSON-RPC 2.0. Either end may ask, notify, and send batches.
 *
 * - Notifications are the events of `client.channel('notifications')`, named by their methods. `send` on any other
 *   channel throws `InvalidOption`.
 * - With `params` that are neither array nor object, `request` rejects and `send` throws `InvalidOption`.
 * - An error of a handler whose `code` is no whole number travels as -32000, with all of it in `data`.
 * - Text that is no JSON is answered with -32700, what is no request with -32600; both count as protocol errors.
 * - JSON-RPC has no cancel: what is aborted or timed out ends here, and a late answer is ignored. It has no streams: one
 *   ends with its answer, without items. `join`, `leave` and `auth` are requests like others: with
 *   `{ channel, params }`, and for `auth` with id 0 and `{ token }`. It has no sessions.
 */
export function jsonRpc(): Wire {
  /** Of the server, by number: each takes an answer, and gives all of them for the last. */
  const batches = new Map<unknown, (answer: string) => string>()
  let number = 0

  const decodeBatch = (messages: readonly unknown[]): unknown[] => {
    const frames: Fields[] = messages.flatMap((message, index) => readMessage(message, number, index)).map(Object)
    const answers: string[] = []
    const due = frames.filter(({ method }) => method !== undefined).length
    batches.set(number, (answer) => (answers.push(answer) < due ? '' : `[${answers.splice(0)}]`))
    batches.delete(number++ - MAX_BATCHES)

    /** To batches of ours, by their ids: what is answered to the calls of one is together its result. */
    const results = new Map<number, Fields[]>()
    const others = frames.filter((frame) => {
      const part = PART.exec(`${frame.id}`)
      if (!part) return true
      const id = Number(part[1])
      const result = results.get(id) ?? []
      result[Number(part[2])] = frame
      results.set(id, result)
      return false
    })
    return [...others, ...Array.from(results, ([id, result]) => ({ id, result }))]
  }

  return {
    encode(frame) {
      if ('channel' in frame && frame.channel !== CHANNEL) throw new InvalidOption('channel', CHANNEL)
      if ('cancel' in frame) return ''
      if (!('result' in frame || 'error' in frame)) return writeCall(frame)
      const [answer, batch] = writeAnswer(frame)
      return batches.get(batch)?.(answer) ?? answer
    },
    decode(data) {
      if (typeof data !== 'string') return undefined
      let message: unknown
      try {
        message = JSON.parse(data)
      } catch {
        // Then there is none.
      }
      return Array.isArray(message) && message.length ? decodeBatch(message) : readMessage(message)
    },
  }
}
