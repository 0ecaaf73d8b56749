/**
 * The server's half of a run: the app behind the server. It outlives any number of servers, as a database would, and
 * notes what arrives and what it has said.
 */
import type { Server, ServerClient, ServerOptions } from '../../src/server/index.js'
import type { Told } from './page.js'
import { type App, downWayOf, LAST_WORDS, numbered, pace, rawOf, readRaw, type UpLane } from './workload.js'

/** Every so many events are handled slowly, so that what is acknowledged is not yet what is handled. */
const SLOW_EVERY = 25
const SLOW_MS = 5

/** What nobody goes on with. */
const FOREVER = new Promise<never>(() => {})

export interface Life {
  readonly isDead: boolean
}

export interface Host {
  /** What the app gives to a server. Once that is dead, its handlers do nothing any more, as those of a process that crashed. */
  appOf(life: Life): Pick<ServerOptions<App>, 'requests' | 'channels' | 'onMessage'>
  /** What arrived, by lane, in order, with the time. */
  readonly heard: { readonly [Lane in UpLane]: readonly Told[] }
  /** Raw messages without a number. */
  readonly unreadable: number
  /** The numbers that were said, in order. */
  readonly said: readonly number[]
  /** Whether a page is in the channels. */
  readonly hasPage: boolean
  /** Puts another server in the place of the one before; `undefined`: it has crashed, and there is none just now. */
  serve(server: Pick<Server<App>, 'broadcast'> | undefined): void
  /** Says the numbers from 1 to `messages`. */
  start(messages: number, overMs: number): void
  sayLastWords(): void
  stop(): void
}

export function createHost(): Host {
  const ending = new AbortController()
  const heard: { [Lane in UpLane]: Told[] } = { events: [], raw: [], requests: [] }
  const said: number[] = []
  let unreadable = 0
  const items: number[] = []
  /** Numbers whose turn it is, while there is no server, or no page that has joined. */
  const waiting: number[] = []
  /** Streams that wait for the next item. */
  const readers = new Set<() => void>()
  let server: Pick<Server<App>, 'broadcast'> | undefined
  let page: ServerClient<App> | undefined
  let last = 0

  const wake = (): void => {
    for (const resolve of readers) resolve()
    readers.clear()
  }

  /** Says a number in its way; `false` if that is not possible just now. */
  const say = (n: number): boolean => {
    const way = downWayOf(n)
    if (way === 'items') {
      items.push(n)
      wake()
    } else if (way === 'history') {
      if (!server) return false
      server.broadcast('history', 'line', numbered(n))
    } else {
      if (!server || !page || page.signal.aborted) return false
      if (way === 'direct') page.send('direct', 'line', numbered(n))
      else page.sendRaw(rawOf(n))
    }
    said.push(n)
    return true
  }

  /** What cannot be said waits, and holds up what goes the same way; the rest goes on. */
  const flush = (): void => {
    const held = new Set<string>()
    for (const n of waiting.splice(0)) {
      const way = downWayOf(n)
      const lane = way === 'direct-raw' ? 'direct' : way
      if (held.has(lane) || !say(n)) {
        held.add(lane)
        waiting.push(n)
      }
    }
  }

  const onDue = (n: number): void => {
    last = Math.max(last, n)
    waiting.push(n)
    flush()
  }

  const take = (lane: UpLane, n: number): Promise<void> | undefined => {
    heard[lane].push([n, Date.now()])
    return n % SLOW_EVERY ? undefined : new Promise((resolve) => setTimeout(resolve, SLOW_MS))
  }

  return {
    appOf: (life) => ({
      requests: {
        effect({ n }) {
          if (life.isDead) return FOREVER
          heard.requests.push([n, Date.now()])
          return n
        },
        async *items({ from }, { signal }) {
          signal.addEventListener('abort', wake, { once: true })
          for (let at = from; !signal.aborted && !ending.signal.aborted; ) {
            const n = items[at]
            if (n === undefined) await new Promise<void>((resolve) => readers.add(resolve))
            else {
              yield numbered(n)
              at++
            }
          }
        },
      },
      channels: {
        up: { on: { line: ({ n }) => (life.isDead ? FOREVER : take('events', n)) } },
        history: { history: true },
        direct: {
          join(_, { client }) {
            if (life.isDead) return
            page = client
            // Not before the page has the answer.
            setImmediate(flush)
          },
        },
      },
      onMessage(data) {
        if (life.isDead) return FOREVER
        const n = readRaw(String(data))
        if (n > 0) return take('raw', n)
        unreadable++
        return undefined
      },
    }),
    heard,
    get unreadable() {
      return unreadable
    },
    said,
    get hasPage() {
      return page !== undefined && !page.signal.aborted
    },
    serve(next) {
      server = next
      if (!next) page = undefined
      flush()
    },
    start(count, overMs) {
      void pace(1, count, overMs, ending.signal, onDue)
    },
    sayLastWords() {
      for (let i = 1; i <= LAST_WORDS; i++) onDue(last + 1)
    },
    stop() {
      ending.abort()
      wake()
    },
  }
}
