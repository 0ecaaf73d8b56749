import type { Peer } from './peer.js'
import type { ServerContext } from './public.js'

/** What a handler is told beside the data. */
export class Context implements ServerContext {
  declare readonly signal: AbortSignal
  readonly client: Peer
  subject: unknown
  readonly key: string | undefined
  readonly #source: { readonly signal: AbortSignal }

  /** On the context itself and not on its class, so that a copy (`{ ...context }`) has it too. */
  static readonly #signal: PropertyDescriptor & ThisType<Context> = {
    enumerable: true,
    get() {
      return this.#source.signal
    },
  }

  /** The signal is that of `source`, which makes it when it is asked. */
  constructor(client: Peer, subject: unknown, source: { readonly signal: AbortSignal }, key?: string) {
    this.client = client
    this.subject = subject
    this.key = key
    this.#source = source
    Object.defineProperty(this, 'signal', Context.#signal)
  }
}
