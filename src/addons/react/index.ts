/**
 * `holdfast/react`: a client and what comes of it, as hooks. What each does is said in `public.ts`.
 *
 * ```tsx
 * import * as hooks from 'holdfast/react'
 *
 * // The same hooks, with the types of the app.
 * export const { ClientProvider, useClient, useStatus, useChannel, useRequest, useStream }: Hooks<App> = hooks
 * ```
 */
import * as React from 'react'
import { attend } from '../../bindings/attend.js'
import { follow, makeIdle, type Outcome, pending, read, type Work } from '../../bindings/follow.js'
import { type Client, type Explanation, InvalidOption } from '../../index.js'
import type { Hooks } from './public.js'

export type { ChannelOptions, Listeners } from '../../bindings/attend.js'
export type { Outcome } from '../../bindings/follow.js'
export type * from './public.js'

/** What a server that renders shows, and so the first thing that a page shows. */
const NOT_STARTED: Explanation = { status: 'idle', why: 'Not started', attempts: 0 }

const Context = React.createContext<Client | undefined>(undefined)

export const useClient: Hooks['useClient'] = () => {
  const client = React.useContext(Context)
  if (!client) throw new InvalidOption('client', 'a ClientProvider')
  return client
}

export const ClientProvider: Hooks['ClientProvider'] = ({ client: given, children }) => {
  const make = () => (typeof given === 'function' ? makeIdle(given) : undefined)
  const [made, setMade] = React.useState(make)
  const mounts = React.useRef(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another function makes no other client
  React.useEffect(() => {
    if (!made) return
    // It was hidden, by <Activity> say, and is shown again.
    if (made.status === 'closed') setMade(make)
    else made.reconnect()
    const mount = ++mounts.current
    // StrictMode mounts again in the same turn.
    return () => queueMicrotask(() => mount === mounts.current && made.close())
  }, [made])
  return React.createElement(Context.Provider, { value: typeof given === 'function' ? made : given }, children)
}

export const useStatus: Hooks['useStatus'] = () => {
  const { subscribe, getSnapshot } = useClient()
  return React.useSyncExternalStore(subscribe, getSnapshot, () => NOT_STARTED)
}

export const useChannel: Hooks['useChannel'] = (name, listeners = {}, { join } = {}) => {
  const channel = useClient().channel(name)
  const work = attend(channel, useLatest(listeners), join)
  const outcome = useOutcome<unknown>([channel, Object.keys(listeners), join], undefined, work)
  return { ...outcome, channel }
}

export const useRequest: Hooks['useRequest'] = (method, params, options) => {
  const client = useClient()
  return useOutcome<unknown>([client, method, params], undefined, (signal) =>
    client.request(method, params, { ...options, idempotent: true, signal }),
  )
}

export const useStream: Hooks['useStream'] = (method, params, reduce, initial) => {
  const client = useClient()
  return useOutcome([client, method, params], initial, read(client, method, params, useLatest(reduce), initial))
}

/** The value of the last render that is on the page, for what is called later. */
function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = React.useRef(value)
  React.useInsertionEffect(() => {
    latest.current = value
  })
  return latest
}

/** What comes of the work on something with these params; while it is done anew, what is known is kept. */
function useOutcome<Data>(
  [on, ...params]: readonly [on: object, ...params: unknown[]],
  initial: Data,
  work: Work<Data>,
): Outcome<Data> & { refetch(): void } {
  const [round, setRound] = React.useState({})
  // biome-ignore lint/correctness/useExhaustiveDependencies: another object for each of these
  const about = React.useMemo(() => ({}), [on, JSON.stringify(params)])
  const [told, tell] = React.useState({ about, outcome: pending(initial) })
  const outcome = told.about === about ? told.outcome : pending(initial)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the work is about this, and no more
  React.useEffect(() => follow(outcome.data, (outcome) => tell({ about, outcome }), work), [about, round])
  return { ...outcome, refetch: () => setRound({}) }
}
