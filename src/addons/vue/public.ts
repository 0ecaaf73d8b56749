import type { ComputedRef, MaybeRefOrGetter, Ref } from 'vue'
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

/** An `Outcome`, each part as a ref. */
export type OutcomeRefs<Data> = { readonly [Part in keyof Outcome<Data>]: Readonly<Ref<Outcome<Data>[Part]>> }

type Given<Arguments extends unknown[]> = { [Index in keyof Arguments]: MaybeRefOrGetter<Arguments[Index]> }

/** The composables of `holdfast/vue`, with the types of an app. All but `install` are called in `setup`. */
export interface Composables<App = UntypedApp> {
  /** As a plugin, `app.use({ install }, client)`: gives a client that you start and close yourself to the whole app. */
  install(app: { provide(key: symbol, client: unknown): unknown }, client: Client<App>): void
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
  useStatus(): Readonly<Ref<Explanation>>
  /**
   * Hears the events of a channel until the component is gone; each event reaches its listener. With `join` the component
   * is in the channel as well, and what the server answers to that is the outcome.
   */
  useChannel<Name extends ChannelName<App>>(
    name: MaybeRefOrGetter<Name>,
    listeners?: Listeners<Received<ChannelEvents<App, Name>>>,
    options?: MaybeRefOrGetter<ChannelOptions>,
  ): OutcomeRefs<unknown> & { readonly channel: ComputedRef<Channel<ChannelEvents<App, Name>>> }
  /**
   * Asks the server, and again when method or params change, compared as JSON. What is no longer wanted is aborted, on
   * the server too. Asks again after a cut, too, so it is for what may run twice. `refetch` asks anew.
   */
  useRequest<M extends MethodName<Requests<App>>>(
    method: MaybeRefOrGetter<M>,
    ...rest: Given<CallArguments<Requests<App>[M], { timeoutMs?: number }>>
  ): OutcomeRefs<ResultOf<Requests<App>[M]> | undefined> & { refetch(): void }
  /**
   * Reads a stream, and another when method or params change. `reduce` is given each item, once and in order, and makes
   * `data` of it, beginning with `initial`. `refetch` reads it anew.
   */
  useStream<M extends StreamName<Requests<App>>, Data>(
    method: MaybeRefOrGetter<M>,
    params: MaybeRefOrGetter<ParamsOf<Requests<App>[M]>>,
    reduce: (data: Data, item: ItemOf<Requests<App>[M]>) => Data,
    initial: Data,
  ): OutcomeRefs<Data> & { refetch(): void }
}
