/**
 * What the bindings of React, Vue and Svelte share, over what the client offers to everybody. Channels are in
 * `attend.ts`.
 */
import { type Client, InvalidOption } from '../index.js'

export type Stop = () => void

/** What has become of a request, a stream or a join so far. */
export interface Outcome<Data> {
  /** The answer of the server; of a stream: what its items have come to so far. */
  readonly data: Data
  /** Why it failed: a `RemoteError`, a `RequestTimeout`, or another error of the client. */
  readonly error: Error | undefined
  /** Whether it is under way. */
  readonly isPending: boolean
}

/** Does something until the signal aborts, and tells what it has come to on the way. */
export type Work<Data> = (signal: AbortSignal, tell: (data: Data) => void) => Promise<Data>

export const pending = <Data>(data: Data): Outcome<Data> => ({ data, error: undefined, isPending: true })

/** Makes a client that has not begun to connect: a server that renders must not, and a page only when it is mounted. */
export function makeIdle(make: () => Client): Client {
  const client = make()
  if (client.status !== 'idle') {
    // In the same turn, so that it has not opened a socket.
    client.close()
    throw new InvalidOption('client', 'autoConnect: false')
  }
  return client
}

/** Reads a stream; each item goes through `reduce`, once and in order. */
export const read =
  <Data>(
    client: Client,
    method: string,
    params: unknown,
    reduce: { readonly current: (data: Data, item: unknown) => Data },
    data: Data,
  ): Work<Data> =>
  async (signal, tell) => {
    for await (const item of client.stream(method, params, { signal })) {
      data = reduce.current(data, item)
      tell(data)
    }
    return data
  }

/** Does some work, and sets what has come of it until it is stopped. */
export function follow<Data>(data: Data, set: (outcome: Outcome<Data>) => void, work: Work<Data>): Stop {
  const ending = new AbortController()
  const { signal } = ending
  const tell = (now: Data, isPending = false, error?: Error): void => {
    data = now
    if (!signal.aborted) set({ data, error, isPending })
  }
  tell(data, true)
  work(signal, (now) => tell(now, true)).then(tell, (error) => tell(data, false, error))
  return () => ending.abort()
}
