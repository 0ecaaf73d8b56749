import type { ReactElement, ReactNode } from 'react'
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

/** The hooks of `holdfast/react`, with the types of an app. */
export interface Hooks<App = UntypedApp> {
  /**
   * Gives a client to all that is inside. `client` is a function that makes one with `autoConnect: false`: it is called
   * once, starts to connect when the provider is mounted, and is closed when the provider is gone. Or it is a client that
   * you start and close yourself. Throws `InvalidOption` if the function gives a client that has started.
   */
  ClientProvider(props: { client: Client<App> | (() => Client<App>); children?: ReactNode }): ReactElement
  /** The client of the provider. Throws `InvalidOption` if there is none. */
  useClient(): Client<App>
  /** Why the client is where it is: what `explain()` gives, again at each change. */
  useStatus(): Explanation
  /**
   * Hears the events of a channel until the component is gone; each event reaches its listener, as it is in the latest
   * render. With `join` the component is in the channel as well, and what the server answers to that is the outcome.
   */
  useChannel<Name extends ChannelName<App>>(
    name: Name,
    listeners?: Listeners<Received<ChannelEvents<App, Name>>>,
    options?: ChannelOptions,
  ): Outcome<unknown> & { readonly channel: Channel<ChannelEvents<App, Name>> }
  /**
   * Asks the server, and again when method or params change, compared as JSON. What is no longer wanted is aborted, on
   * the server too. Asks again after a cut, too, so it is for what may run twice. `refetch` asks anew.
   */
  useRequest<M extends MethodName<Requests<App>>>(
    method: M,
    ...rest: CallArguments<Requests<App>[M], { timeoutMs?: number }>
  ): Outcome<ResultOf<Requests<App>[M]> | undefined> & { refetch(): void }
  /**
   * Reads a stream, and another when method or params change. `reduce` is given each item, once and in order, and makes
   * `data` of it, beginning with `initial`. `refetch` reads it anew.
   */
  useStream<M extends StreamName<Requests<App>>, Data>(
    method: M,
    params: ParamsOf<Requests<App>[M]>,
    reduce: (data: Data, item: ItemOf<Requests<App>[M]>) => Data,
    initial: Data,
  ): Outcome<Data> & { refetch(): void }
}
