/**
 * `holdfast/vue`: a client and what comes of it, as composables. What each does is said in `public.ts`.
 *
 * ```ts
 * import * as composables from 'holdfast/vue'
 *
 * // The same composables, with the types of the app.
 * export const { provideClient, useClient, useStatus, useChannel, useRequest, useStream }: Composables<App> = composables
 * ```
 */
import * as Vue from 'vue'
import { attend } from '../../bindings/attend.js'
import { follow, makeIdle, type Outcome, pending, read, type Work } from '../../bindings/follow.js'
import { type Client, InvalidOption } from '../../index.js'
import type { Composables, OutcomeRefs } from './public.js'

export type { ChannelOptions, Listeners } from '../../bindings/attend.js'
export type { Outcome } from '../../bindings/follow.js'
export type * from './public.js'

const key: Vue.InjectionKey<Client> = Symbol('holdfast')

/** What a component provides, it cannot inject itself. */
const own = new WeakMap<object, Client>()

export const useClient: Composables['useClient'] = () => {
  const client = own.get(Object(Vue.getCurrentInstance())) ?? Vue.inject(key, undefined)
  if (!client) throw new InvalidOption('client', 'provideClient()')
  return client
}

export const install: Composables['install'] = (app, client) => app.provide(key, client)

export const provideClient: Composables['provideClient'] = (given) => {
  const client = typeof given === 'function' ? makeIdle(given) : given
  Vue.provide(key, client)
  own.set(Object(Vue.getCurrentInstance()), client)
  if (client !== given) {
    Vue.onMounted(client.reconnect)
    Vue.onUnmounted(() => client.close())
  }
  return client
}

export const useStatus: Composables['useStatus'] = () => {
  const { getSnapshot, subscribe } = useClient()
  const status = Vue.shallowRef(getSnapshot())
  const update = (): void => {
    status.value = getSnapshot()
  }
  // Not on a server that renders, where nothing is mounted.
  Vue.onMounted(() => {
    update()
    Vue.onScopeDispose(subscribe(update))
  })
  return status
}

export const useChannel: Composables['useChannel'] = (name, listeners = {}, options = {}) => {
  const client = useClient()
  const channel = Vue.computed(() => client.channel(Vue.toValue(name)))
  const outcome = useOutcome<unknown>(
    name,
    () => Vue.toValue(options).join,
    undefined,
    (_name, join) => attend(channel.value, { current: listeners }, join),
  )
  return { ...outcome, channel }
}

export const useRequest: Composables['useRequest'] = (method, params, options) => {
  const client = useClient()
  return useOutcome<unknown>(
    method,
    params,
    undefined,
    (method, params) => (signal) =>
      client.request(method, params, { ...Vue.toValue(options), idempotent: true, signal }),
  )
}

export const useStream: Composables['useStream'] = (method, params, reduce, initial) => {
  const client = useClient()
  return useOutcome(method, params, initial, (method, params) =>
    read(client, method, params, { current: reduce }, initial),
  )
}

/** What comes of the work with these values; while it is done anew, what is known is kept. */
function useOutcome<Data>(
  about: Vue.MaybeRefOrGetter<string>,
  params: Vue.MaybeRefOrGetter<unknown>,
  initial: Data,
  work: (about: string, params: unknown) => Work<Data>,
): OutcomeRefs<Data> & { refetch(): void } {
  const values = () => [Vue.toValue(about), Vue.toValue(params)] as const
  const round = Vue.ref(0)
  const outcome = Vue.shallowReactive(pending(initial))
  const set = (news: Outcome<Data>) => Object.assign(outcome, news)
  // Not on a server that renders, where nothing is mounted.
  Vue.onMounted(() =>
    Vue.watch(
      [() => JSON.stringify(values()), round],
      ([key], [lastKey], onCleanup) => {
        onCleanup(follow(key === lastKey ? outcome.data : initial, set, work(...values())))
      },
      { immediate: true },
    ),
  )
  return { ...Vue.toRefs(outcome), refetch: () => round.value++ }
}
