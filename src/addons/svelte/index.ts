/**
 * `holdfast/svelte`: a client and what comes of it, as stores. What each does is said in `public.ts`.
 *
 * ```ts
 * import * as stores from 'holdfast/svelte'
 *
 * // The same functions, with the types of the app.
 * export const { provideClient, useClient, useStatus, useChannel, useRequest, useStream }: Stores<App> = stores
 * ```
 */
import { getContext, onMount, setContext } from 'svelte'
import { derived, get, type Readable, writable } from 'svelte/store'
import { attend } from '../../bindings/attend.js'
import { follow, makeIdle, type Outcome, pending, read, type Work } from '../../bindings/follow.js'
import { type Client, InvalidOption } from '../../index.js'
import type { MaybeStore, Stores } from './public.js'

export type { ChannelOptions, Listeners } from '../../bindings/attend.js'
export type { Outcome } from '../../bindings/follow.js'
export type * from './public.js'

const key = Symbol('holdfast')

export const useClient: Stores['useClient'] = () => {
  const client = getContext<Client | undefined>(key)
  if (!client) throw new InvalidOption('client', 'provideClient()')
  return client
}

export const provideClient: Stores['provideClient'] = (given) => {
  const client = typeof given === 'function' ? makeIdle(given) : given
  setContext(key, client)
  if (client !== given) {
    onMount(() => {
      client.reconnect()
      return () => client.close()
    })
  }
  return client
}

export const useStatus: Stores['useStatus'] = () => {
  const { getSnapshot, subscribe } = useClient()
  const status = writable(getSnapshot())
  // Not on a server that renders, where nothing is mounted.
  onMount(() => {
    const update = (): void => status.set(getSnapshot())
    update()
    return subscribe(update)
  })
  return status
}

export const useChannel: Stores['useChannel'] = (name, listeners = {}, options = {}) => {
  const client = useClient()
  const names = storeOf(name)
  const join = derived(storeOf(options), ({ join }) => join)
  const outcome = useOutcome<unknown>(names, join, undefined, (name, join) =>
    attend(client.channel(name), { current: listeners }, join),
  )
  return derived([outcome, names], ([outcome, name]) => ({ ...outcome, channel: client.channel(name) }))
}

export const useRequest: Stores['useRequest'] = (method, params, options) => {
  const client = useClient()
  return useOutcome<unknown>(
    method,
    params,
    undefined,
    (method, params) => (signal) =>
      client.request(method, params, { ...get(storeOf(options)), idempotent: true, signal }),
  )
}

export const useStream: Stores['useStream'] = (method, params, reduce, initial) => {
  const client = useClient()
  return useOutcome(method, params, initial, (method, params) =>
    read(client, method, params, { current: reduce }, initial),
  )
}

const storeOf = <Value>(value: MaybeStore<Value>): Readable<Value> => (isStore(value) ? value : writable(value))

const isStore = <Value>(value: MaybeStore<Value>): value is Readable<Value> => 'subscribe' in Object(value)

/** What comes of the work with these values; while it is done anew, what is known is kept. */
function useOutcome<Data>(
  about: MaybeStore<string>,
  params: unknown,
  initial: Data,
  work: (about: string, params: unknown) => Work<Data>,
): Readable<Outcome<Data>> & { refetch(): void } {
  const round = writable(0)
  const outcome = writable(pending(initial))
  const given = derived([storeOf(about), storeOf(params)], (values) => values)
  // As text, since a store tells of an object that is the same, too.
  const keys = derived(given, (values) => JSON.stringify(values))
  let lastKey: string | undefined
  const news = derived([keys, round], ([key], set: (outcome: Outcome<Data>) => void) => {
    const data = key === lastKey ? get(outcome).data : initial
    lastKey = key
    return follow(data, set, work(...get(given)))
  })
  // Not on a server that renders, where nothing is mounted.
  onMount(() => news.subscribe(outcome.set))
  return { subscribe: outcome.subscribe, refetch: () => round.update((last) => last + 1) }
}
