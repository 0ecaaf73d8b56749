import type {
  ChannelEvents,
  ChannelName,
  Client,
  HoldfastError,
  MethodName,
  ParamsOf,
  RequestOptions,
  Requests,
  ResultOf,
  Sent,
} from '../../index.js'
import type { ErrorFrame, ResultFrame } from '../../protocol/frames.js'
import { DeliveryUnknown, RemoteError } from '../../shared/errors.js'
import { BATCH, CHANNEL } from './messages.js'

type Notifications<App> = Sent<ChannelEvents<App, ChannelName<App> & typeof CHANNEL>>

/** So that literals fit, whose types `const` below keeps: `[1, 2]` is read-only then. */
type Fixed<Value> = Value extends object ? { readonly [Member in keyof Value]: Fixed<Value[Member]> } : Value

type WithParams<Params> = undefined extends Params
  ? { readonly params?: Fixed<Params> }
  : { readonly params: Fixed<Params> }
type WithData<Data> = undefined extends Data ? { readonly data?: Fixed<Data> } : { readonly data: Fixed<Data> }

/** One call of a batch: a request, or a notification as an event of the channel `notifications`. */
export type BatchCall<App> =
  | {
      [M in MethodName<Requests<App>>]: { readonly method: M } & WithParams<ParamsOf<Requests<App>[M]>>
    }[MethodName<Requests<App>>]
  | {
      [E in keyof Notifications<App>]: { readonly event: E } & WithData<Notifications<App>[E]>
    }[keyof Notifications<App>]

/** How one call ended: with its result, or with an error, the server's (`RemoteError`) or `DeliveryUnknown`. */
export type Settled<Result> =
  | { readonly result: Result; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: HoldfastError }

/** One for each call, in the order of the calls; `undefined` for a notification. */
export type BatchResults<App, Calls extends readonly unknown[]> = {
  -readonly [Index in keyof Calls]: Calls[Index] extends { method: infer M extends MethodName<Requests<App>> }
    ? Settled<ResultOf<Requests<App>[M]>>
    : undefined
}

/**
 * Sends calls as one batch, which the server may run in any order. Resolves when it has answered, with each call settled
 * by itself; one that the server has left out, with `DeliveryUnknown`. Notifications have no answer: a batch of nothing
 * else resolves at once. Rejects like `client.request`, whose `options` are for the batch as a whole.
 */
export function batch<App, const Calls extends readonly BatchCall<App>[]>(
  client: Client<App>,
  calls: Calls,
  options?: RequestOptions,
): Promise<BatchResults<App, Calls>>
export async function batch(
  client: Client,
  calls: readonly { readonly method?: string }[],
  options?: RequestOptions,
): Promise<unknown[]> {
  const asks = calls.some(({ method }) => method !== undefined)
  const answers = asks && Object(await client.request(BATCH, calls, options))
  if (!asks && calls.length) client.channel(CHANNEL).send(BATCH, calls)
  return calls.map(({ method }, index) => {
    if (method === undefined) return undefined
    const { result, error }: Partial<ResultFrame & ErrorFrame> = Object(answers[index])
    if (error) return { error: new RemoteError(error) }
    return result === undefined ? { error: new DeliveryUnknown(method) } : { result }
  })
}
