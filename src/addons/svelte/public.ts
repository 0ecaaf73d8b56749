import type { Readable } from 'svelte/store'
import type { ChannelOptions, Listeners } from '../../bindings/attend.js'
import type { Outcome } from '../../bindings/follow.js'
import type {
  CallArguments,
  Channel,
  ChannelEvents,
  ChannelName,
  Client,
  Explanation,
  ItemOf,
  MethodName,
  ParamsOf,
  Received,
  Requests,
  ResultOf,
  StreamName,
  UntypedApp,
} from '../../index.js'

/** A value, or a store of it where it changes: of runes by `toStore(() => value)`. */
export type MaybeStore<Value> = Value | Readable<Value>

type Given<Arguments extends unknown[]> = { [Index in keyof Arguments]: MaybeStore<Arguments[Index]> }

/** The functions of `holdfast/svelte`, with the types of an app. Each is called while a component is made. */
export interface Stores<App = UntypedApp> {
  /**
   * Gives a client to the component and all that is inside. `client` is a function that makes one with
   * `autoConnect: false`: it starts to connect when the component is mounted, and is closed when the component is gone.
   * Or it is a client that you start and close yourself. Throws `InvalidOption` if the function gives a client that has
   * started. Gives the client.
   */
  provideClient(client: Client<App> | (() => Client<App>)): Client<App>
  /** The client that was provided. Throws `InvalidOption` if there is none. */
  useClient(): Client<App>
  /** Why the client is where it is: what `explain()` gives, again at each change. */
  useStatus(): Readable<Explanation>
  /**
   * Hears the events of a channel until the component is gone; each event reaches its listener. With `join` the component
   * is in the channel as well, and what the server answers to that is the outcome.
   */
  useChannel<Name extends ChannelName<App>>(
    name: MaybeStore<Name>,
    listeners?: Listeners<Received<ChannelEvents<App, Name>>>,
    options?: MaybeStore<ChannelOptions>,
  ): Readable<Outcome<unknown> & { readonly channel: Channel<ChannelEvents<App, Name>> }>
  /**
   * Asks the server, and again when method or params change, compared as JSON. What is no longer wanted is aborted, on
   * the server too. Asks again after a cut, too, so it is for what may run twice. `refetch` asks anew.
   */
  useRequest<M extends MethodName<Requests<App>>>(
    method: MaybeStore<M>,
    ...rest: Given<CallArguments<Requests<App>[M], { timeoutMs?: number }>>
  ): Readable<Outcome<ResultOf<Requests<App>[M]> | undefined>> & { refetch(): void }
  /**
   * Reads a stream, and another when method or params change. `reduce` is given each item, once and in order, and makes
   * `data` of it, beginning with `initial`. `refetch` reads it anew.
   */
  useStream<M extends StreamName<Requests<App>>, Data>(
    method: MaybeStore<M>,
    params: MaybeStore<ParamsOf<Requests<App>[M]>>,
    reduce: (data: Data, item: ItemOf<Requests<App>[M]>) => Data,
    initial: Data,
  ): Readable<Outcome<Data>> & { refetch(): void }
}
