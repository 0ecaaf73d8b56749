/** A channel for as long as a component is there. */
import { type Channel, RequestTimeout } from '../index.js'
import type { Work } from './follow.js'

/** Listeners by event. */
export type Listeners<Events> = { readonly [E in keyof Events]?: (data: Events[E]) => void }

export interface ChannelOptions {
  /**
   * Joins the channel, with these params or `true` for none, as long as one component wants it; then leaves it. Without
   * it, listens only.
   */
  join?: unknown
}

interface Membership {
  readonly key: string
  readonly answer: Promise<unknown>
  /** Components that want it: the last one leaves. */
  users: number
}

const memberships = new WeakMap<object, Membership>()

/** Hears events of a channel. With `join` it is in the channel as well, and comes to the server's answer. */
export const attend =
  (
    channel: Channel<Record<string, unknown>>,
    listeners: { readonly current: Listeners<Record<string, unknown>> },
    join: unknown,
  ): Work<unknown> =>
  async (signal) => {
    const stops = Object.keys(listeners.current).map((event) =>
      channel.on(event, (data) => listeners.current[event]?.(data)),
    )
    signal.onabort = () => stops.map((stop) => stop())
    if (!join) return undefined
    const key = JSON.stringify(join)
    const last = memberships.get(channel)
    const mine = last?.key === key ? last : { key, answer: enter(channel, join === true ? undefined : join), users: 0 }
    memberships.set(channel, mine)
    mine.users++
    stops.push(() => {
      // The connection may be gone, and the membership with it.
      if (!--mine.users && memberships.get(channel) === mine && memberships.delete(channel))
        channel.leave().catch(() => {})
    })
    return mine.answer
  }

/** A join outlives its time limit, as an app may be offline for long: it is still wanted then, and asked for again. */
const enter = (channel: Channel<unknown>, params: unknown): Promise<unknown> =>
  channel.join(params).catch((error) => {
    if (error instanceof RequestTimeout) return enter(channel, params)
    throw error
  })
