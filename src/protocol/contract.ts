/** What both ends agree on, as a value: `defineContract` of `holdfast/contract` makes one. */
import type { Split } from './app.js'
import type { InputOf, OutputOf, Schema } from './schema.js'

/**
 * Which values an end checks. `'in'`: what it receives. `'both'`: what it sends, too. `'none'`: none; types and defaults
 * of the contract stay.
 */
export type Validate = 'in' | 'both' | 'none'

/** A method that the page asks. */
export interface RequestRules {
  /** Left out: none. */
  readonly params?: Schema
  /** Of a stream: what it returns in the end. Left out: nothing is checked, and nobody is told of it. */
  readonly result?: Schema
  /** Makes it a stream. */
  readonly item?: Schema
  /** The option `idempotent` of its requests, if they do not say otherwise. */
  readonly idempotent?: boolean
  /** The option `timeoutMs` of its requests, in ms, if they do not say otherwise. Not of a stream, which has none. */
  readonly timeoutMs?: number
}

/** A method that the server asks. */
export type ServerRequestRules = Pick<RequestRules, 'params' | 'result' | 'timeoutMs'>

/** `'up'`: pages send it. `'down'`: the server does. Default `'both'`. */
export type Direction = 'up' | 'down' | 'both'

/** An event with all that can be said of it, or its schema alone. */
export type EventRules = Schema | { readonly data: Schema; readonly direction?: Direction }

/** What `defineContract` takes. */
export interface ContractShape {
  readonly requests?: { readonly [method: string]: RequestRules }
  readonly serverRequests?: { readonly [method: string]: ServerRequestRules }
  readonly channels?: { readonly [channel: string]: { readonly [event: string]: EventRules } }
}

/** A contract of which nothing is known but how a page, or a server, sees it. These members are types: none has a value. */
export interface PageContract<App> extends ContractShape {
  readonly '~page'?: readonly [App]
}
export interface ServerContract<App> extends ContractShape {
  readonly '~server'?: readonly [App]
}

/** What `defineContract` gives: what it was given, and the types that are in it. */
export type Contract<Shape extends ContractShape> = Shape & {
  readonly '~page'?: readonly [PageApp<Shape>]
  readonly '~server'?: readonly [ServerApp<Shape>]
}

/** The `App` of a page with this contract, for `Client<PageApp<typeof contract>>`. */
export interface PageApp<Shape> {
  requests: { [M in keyof Section<Shape, 'requests'>]: Asked<Section<Shape, 'requests'>[M]> }
  serverRequests: { [M in keyof Section<Shape, 'serverRequests'>]: Answered<Section<Shape, 'serverRequests'>[M]> }
  channels: Events<Section<Shape, 'channels'>, 'up', 'down'>
}

/** The `App` of a server with this contract, for `ServerOptions<ServerApp<typeof contract>>`. */
export interface ServerApp<Shape> {
  requests: { [M in keyof Section<Shape, 'requests'>]: Answered<Section<Shape, 'requests'>[M]> }
  serverRequests: { [M in keyof Section<Shape, 'serverRequests'>]: Asked<Section<Shape, 'serverRequests'>[M]> }
  channels: Events<Section<Shape, 'channels'>, 'down', 'up'>
}

type Section<Shape, Key extends keyof ContractShape> = Shape extends { readonly [K in Key]: infer Found } ? Found : {}

type Parts<Rules> = keyof Rules & ('params' | 'result' | 'item')
/** A method, for the end that asks, and for the one that answers. */
type Asked<Rules> = { [P in Parts<Rules>]: P extends 'params' ? InputOf<Rules[P]> : OutputOf<Rules[P]> }
type Answered<Rules> = { [P in Parts<Rules>]: P extends 'params' ? OutputOf<Rules[P]> : InputOf<Rules[P]> }

/** Events for an end whose way out is `Out`. */
type Events<Channels, Out extends Direction, In extends Direction> = {
  [C in keyof Channels]: {
    [E in keyof Channels[C]]: Split<
      DirectionOf<Channels[C][E]> extends In ? never : InputOf<DataOf<Channels[C][E]>>,
      DirectionOf<Channels[C][E]> extends Out ? never : OutputOf<DataOf<Channels[C][E]>>
    >
  }
}
type DataOf<Rules> = Rules extends { readonly data: infer Data } ? Data : Rules
type DirectionOf<Rules> = Rules extends { readonly direction: infer Found extends Direction } ? Found : 'both'
