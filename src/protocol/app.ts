/**
 * `App` is one type that both ends share. It has no value and costs no bytes.
 *
 * ```ts
 * interface App {
 *   requests: {
 *     sum: { params: [number, number]; result: number }
 *     tokens: { params: string; item: string }                  // a stream
 *   }
 *   serverRequests: { confirm: { params: string; result: boolean } }   // asked by the server, answered by `handle`
 *   channels: { chat: { message: { text: string }; typing: boolean } } // two-way events
 * }
 * ```
 */
export interface AppShape {
  /** Methods that the page asks and the server answers; those with an `item` are streams. */
  requests?: object
  /** Methods that the server asks and the page answers. */
  serverRequests?: object
  /** Channels by name, each with its events and their data. */
  channels?: object
}

/** What an app without a type of its own gets: every name goes, every value is `unknown`. */
export interface UntypedApp {
  requests: { [method: string]: { params: unknown; result: unknown; item: unknown } }
  serverRequests: { [method: string]: { params: unknown; result: unknown } }
  channels: { [channel: string]: { [event: string]: unknown } }
}

type Section<App, Key extends keyof AppShape> = App extends { [K in Key]: infer Found extends object } ? Found : {}
type Member<Of, Key extends string> = Of extends { [K in Key]: infer Found } ? Found : undefined

/** The methods that the page asks. */
export type Requests<App> = Section<App, 'requests'>
/** The methods that the server asks. */
export type ServerRequests<App> = Section<App, 'serverRequests'>
/** The channels, by name. */
export type Channels<App> = Section<App, 'channels'>

/** The names of methods. */
export type MethodName<Methods> = Extract<keyof Methods, string>
/** Methods of `Methods` that answer with items. */
export type StreamName<Methods> = {
  [M in MethodName<Methods>]: Methods[M] extends { item: unknown } ? M : never
}[MethodName<Methods>]

/** What a method is asked with; `undefined` for one without params. */
export type ParamsOf<Method> = Member<Method, 'params'>
/** What a method answers; `undefined` for one without a result. */
export type ResultOf<Method> = Member<Method, 'result'>
/** What a stream gives, one after another. */
export type ItemOf<Method> = Member<Method, 'item'>

/** The names of channels. */
export type ChannelName<App> = Extract<keyof Channels<App>, string>
/** The events of a channel, with their data. */
export type ChannelEvents<App, Name extends ChannelName<App>> = Channels<App>[Name]
/** The names of events. */
export type EventName<Events> = keyof Events & string

/**
 * Stands for the data of an event that is not received as it is sent, because a schema changes it on the way in, or that
 * goes one way only: the other one is `never`. A contract makes them; an `App` of your own may have them too.
 */
export interface Split<Sent, Received> {
  readonly '~sent': Sent
  readonly '~received': Received
}
type SentData<Data> = Data extends Split<infer Sent, unknown> ? Sent : Data
type ReceivedData<Data> = Data extends Split<unknown, infer Received> ? Received : Data

/** The events that this end may send, with their data. */
export type Sent<Events> = {
  [E in keyof Events as [SentData<Events[E]>] extends [never] ? never : E]: SentData<Events[E]>
}
/** The events that this end may receive, with their data. */
export type Received<Events> = {
  [E in keyof Events as [ReceivedData<Events[E]>] extends [never] ? never : E]: ReceivedData<Events[E]>
}

/** Arguments of a call whose `params` may be left out where the method has none. */
export type CallArguments<Method, Options> =
  undefined extends ParamsOf<Method>
    ? [params?: ParamsOf<Method>, options?: Options]
    : [params: ParamsOf<Method>, options?: Options]
