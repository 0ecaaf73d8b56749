/**
 * The page's half of a run, in Node as in a browser: it says its numbers, hears the server's, and keeps a diary.
 * Everything in the diary is JSON, since it may have to leave a browser.
 */
import {
  type Client,
  ClientClosed,
  type ConnectOptions,
  connect,
  DeliveryUnknown,
  MessageDropped,
  type QueueOptions,
  RemoteError,
} from '../../src/index.js'
import { type App, type DownLane, LAST_WORDS, numbered, pace, rawOf, readRaw, readSent, upWayOf } from './workload.js'

export interface PagePlan {
  readonly url: string
  readonly messages: number
  readonly overMs: number
  /** Whether requests may be sent twice, since the server remembers them. */
  readonly idempotent: boolean
  readonly queue?: QueueOptions | undefined
}

/** A number that arrived, or word that some are missing: `size` of them, if that was said. */
export type Entry = number | { readonly gap: true; readonly size?: number }

/** A message, and when its sender was told of its fate, as a time of `Date.now()`. */
export type Told = readonly [n: number, at: number]

export interface Diary {
  /** Whether the server has let the page into its channels: nothing is said before that. */
  joined: boolean
  /** The highest number said. */
  said: number
  /** By lane, in the order of arrival. */
  readonly heard: { readonly [Lane in DownLane]: Entry[] }
  /** Told to be of unknown fate. */
  readonly unknown: Told[]
  /** Told to be never sent. */
  readonly refused: Told[]
  /** What `sessionlost` said: why, and how many messages and requests of unknown fate. */
  readonly losses: { readonly why: string; readonly unknown: number }[]
  /** Streams that broke. */
  brokenStreams: number
  resumes: number
  reconnects: number
  duplicates: number
  protocolErrors: number
  /** Promises that have not settled, and messages that the server has not handled. */
  open: number
  /** What should not have happened. */
  readonly surprises: string[]
}

export interface Page {
  /** Begins to speak. */
  start(): void
  diary(): Diary
  /** Says a last word in each way: for when all is well again. */
  sayLastWords(): void
  close(): void
}

/** A client that finds out within a fraction of a second that its connection is dead, and is back as soon. */
const QUICK: ConnectOptions = {
  heartbeat: { intervalMs: 150, timeoutMs: 350 },
  backoff: { firstWindowMs: 30, initialMs: 30, maxMs: 150, stableAfterMs: 100 },
  openTimeoutMs: 1_000,
  requestTimeoutMs: 600_000,
}

export function startPage(plan: PagePlan, options: ConnectOptions): Page {
  const ending = new AbortController()
  const client = connect<App>(plan.url, { ...QUICK, ...(plan.queue && { queue: plan.queue }), ...options })
  const diary: Diary = {
    joined: false,
    said: 0,
    heard: { history: [], direct: [], items: [] },
    unknown: [],
    refused: [],
    losses: [],
    brokenStreams: 0,
    resumes: 0,
    reconnects: 0,
    duplicates: 0,
    protocolErrors: 0,
    open: 0,
    surprises: [],
  }
  keep(diary, client)
  void readItems(diary, client, ending.signal)
  const say = (n: number): void => {
    diary.said = n
    speak(n, plan, diary, client)
  }
  return {
    start: () => void pace(1, plan.messages, plan.overMs, ending.signal, say),
    diary() {
      const { queuedMessages, unacknowledged, reconnects, duplicates, protocolErrors } = client.stats
      return { ...diary, reconnects, duplicates, protocolErrors, open: diary.open + queuedMessages + unacknowledged }
    },
    sayLastWords() {
      for (let i = 1; i <= LAST_WORDS; i++) say(plan.messages + i)
    },
    close() {
      ending.abort()
      client.close()
    },
  }
}

/** Writes down what the server says, and what is said of messages. */
function keep(diary: Diary, client: Client<App>): void {
  const { heard, losses, refused, unknown, surprises } = diary
  client.channel('history').on('line', ({ n }) => heard.history.push(n))
  client.channel('direct').on('line', ({ n }) => heard.direct.push(n))
  // Not before it is open: an impatient page would drop what waits for that.
  const join = async (): Promise<void> => {
    await client.opened()
    await Promise.all((['up', 'history', 'direct'] as const).map((name) => client.channel(name).join()))
    diary.joined = true
  }
  join().catch((error) => surprises.push(`could not join: ${describe(error)}`))
  client.on('message', (data) => heard.direct.push(readRaw(String(data))))
  client.on('resumed', () => diary.resumes++)
  client.on('gap', ({ channel, from, to }) => {
    const lane = channel === 'history' ? heard.history : heard.direct
    lane.push({ gap: true, ...(to !== undefined && { size: to - from + 1 }) })
  })
  client.on('sessionlost', (lost) => {
    losses.push({ why: lost.why, unknown: lost.unknown })
    for (const { data } of lost.messages) unknown.push([readSent(String(data)), Date.now()])
  })
  client.on('drop', ({ data }) => refused.push([readSent(String(data)), Date.now()]))
  client.on('end', ({ message }) => surprises.push(`the client ended: ${message}`))
  client.on('error', ({ code, message, cause }) => {
    // A failed attempt is what these runs are about.
    if (code !== 'CONNECT_FAILED') surprises.push(`${code}: ${message} ${describe(cause)}`)
  })
}

/** Says a number in its way. */
function speak(n: number, { idempotent }: PagePlan, diary: Diary, client: Client<App>): void {
  const settle = (promise: Promise<unknown>): void => {
    diary.open++
    promise
      .catch((error: unknown) => {
        if (error instanceof DeliveryUnknown) diary.unknown.push([n, Date.now()])
        else if (error instanceof MessageDropped) diary.refused.push([n, Date.now()])
        else if (!(error instanceof ClientClosed)) diary.surprises.push(`${n} failed: ${describe(error)}`)
      })
      .finally(() => diary.open--)
  }
  const up = client.channel('up')
  switch (upWayOf(n)) {
    case 'event':
      return up.send('line', numbered(n))
    case 'deliver':
      return settle(up.deliver('line', numbered(n)))
    case 'raw':
      return client.send(rawOf(n))
    case 'request':
      return settle(client.request('effect', numbered(n), { idempotent }))
  }
}

/** Reads one stream to the end of the run; when a lost session or a restart breaks it, goes on from where it was. */
async function readItems(diary: Diary, client: Client<App>, signal: AbortSignal): Promise<void> {
  const { items } = diary.heard
  while (!signal.aborted && client.status !== 'closed') {
    try {
      for await (const { n } of client.stream('items', { from: items.length }, { signal })) items.push(n)
    } catch (error) {
      if (error instanceof DeliveryUnknown) diary.brokenStreams++
      else if (
        !signal.aborted &&
        !(error instanceof MessageDropped) &&
        !(error instanceof RemoteError && error.code === 'RESTARTED')
      )
        diary.surprises.push(`the stream failed: ${describe(error)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : JSON.stringify(error))
