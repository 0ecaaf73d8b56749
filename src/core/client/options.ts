/** Turns the options that people give, all optional, into those that the core wants, all there: or says what is wrong. */
import { wireOf } from '../../protocol/wire.js'
import { InvalidOption } from '../../shared/errors.js'
import type { Logger } from '../../shared/logger.js'
import type { Backoff } from '../connection/backoff.js'
import { AUTO_HEARTBEAT } from '../connection/heartbeat.js'
import type { MessengerOptions } from '../messaging/messenger.js'
import { NEVER } from '../platform/alarm.js'
import type { Environment } from '../platform/environment.js'
import type { KeeperFactory } from '../session/plugin.js'
import type { QueueLimits } from '../session/send-queue.js'
import type { BackoffOptions, ConnectOptions, HeartbeatOptions, QueueOptions, Url } from './public.js'

export interface NormalOptions extends MessengerOptions {
  autoConnect: boolean
  logger: Logger
}

const nothing = (): undefined => {}

const BACKOFF: Backoff = {
  initialMs: 1000,
  factor: 2,
  maxMs: 30_000,
  firstWindowMs: 1000,
  maxAttempts: NEVER,
  stableAfterMs: 5000,
}

const QUEUE: QueueLimits = {
  maxMessages: 10_000,
  maxBytes: 16 * 1024 * 1024,
  ttlMs: NEVER,
  overflow: 'reject',
}

const OVERFLOWS: readonly string[] = ['reject', 'drop-oldest', 'drop-newest']

export function normalise(
  url: Url | (() => Url | Promise<Url>),
  given: ConnectOptions,
  environment: Environment,
): NormalOptions {
  const dynamic = typeof url === 'function'
  // A client that waits may be made where there is no page for the address to be relative to.
  if (!dynamic && given.autoConnect !== false) checkUrl(String(url), environment)
  const options = fill<ConnectOptions>('', given, {
    protocols: [],
    backoff: {},
    openTimeoutMs: 10_000,
    heartbeat: 'auto',
    queue: {},
    requestTimeoutMs: 30_000,
    shouldReconnect: nothing,
    session: false,
    wire: 'json',
    auth: nothing,
    autoConnect: true,
    environment,
    logger: environment.logger,
  })
  const { heartbeat, session, wire } = options
  const queue = fill<QueueOptions>('queue.', options.queue, QUEUE)
  check(OVERFLOWS.includes(queue.overflow), 'queue.overflow', OVERFLOWS.join(' or '))
  const codec = wireOf(wire)
  check(!!codec?.encode && !!codec.decode, 'wire', 'encode and decode')
  check(isSession(session), 'session', 'resumable()')
  const { debug, warn, error } = options.logger
  check(!!debug && !!warn && !!error, 'logger', 'debug, warn and error')
  return {
    ...options,
    url: dynamic ? url : () => url,
    canRefresh: dynamic || options.auth !== nothing,
    protocols: [options.protocols].flat(),
    backoff: fill<BackoffOptions>('backoff.', options.backoff, BACKOFF),
    queue,
    session,
    heartbeat:
      heartbeat &&
      fill<HeartbeatOptions>(
        'heartbeat.',
        heartbeat === 'auto' ? {} : { ...AUTO_HEARTBEAT, ...heartbeat },
        AUTO_HEARTBEAT,
      ),
    wire: codec,
  }
}

type Filled<Options> = { [Key in keyof Options]-?: Exclude<Options[Key], undefined> }

/** Of these, less than one makes no sense. */
const FROM_ONE = /factor|Attempts|interval|timeout/i
/** These come in more than one kind, and are checked where they are used. */
const OF_MANY_KINDS = /^(protocols|heartbeat|session|wire)$/

/** What is given, else the default. The defaults say which names there are, and of which kind each is. */
export function fill<Options extends object>(
  prefix: string,
  given: Partial<Options>,
  defaults: Filled<Options>,
): Filled<Options> {
  const filled = { ...defaults }
  for (const key in given) {
    const value = given[key]
    if (value === undefined) continue
    const kind = typeof defaults[key]
    const least = FROM_ONE.test(key) ? 1 : 0
    check(kind !== 'undefined', prefix + key, 'a known name')
    check(OF_MANY_KINDS.test(key) || (typeof value === kind && value !== null), prefix + key, `a ${kind}`)
    check(kind !== 'number' || Number(value) >= least, prefix + key, `a number from ${least}`)
    Object.assign(filled, { [key]: value })
  }
  return filled
}

/** What more there is in it, only the addon knows. */
const isSession = (value: unknown): value is KeeperFactory | false => value === false || typeof value === 'function'

export function check(holds: boolean, field: string, expected: string): asserts holds {
  if (!holds) throw new InvalidOption(field, expected)
}

function checkUrl(url: string, environment: Environment): void {
  try {
    environment.resolveUrl(url)
  } catch (cause) {
    throw new InvalidOption('url', 'a ws(s) or http(s) address without #', cause)
  }
}
