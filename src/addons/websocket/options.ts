import { check, fill, normalise } from '../../core/client/options.js'
import type { BackoffOptions, CloseInfo, QueueOptions, Url } from '../../core/client/public.js'
import type { ConnectionOptions } from '../../core/connection/connection.js'
import { AUTO_HEARTBEAT, type Beat, type HeartbeatSettings } from '../../core/connection/heartbeat.js'
import type { Environment } from '../../core/platform/environment.js'
import type { QueueLimits } from '../../core/session/send-queue.js'
import type { Logger } from '../../shared/logger.js'

/** A ping that the server knows. */
export interface PingOptions {
  /** Time between two pings, in ms. */
  intervalMs: number
  /** How long after a ping anything must have arrived, in ms. Default 5,000. */
  timeoutMs?: number
  /** What is sent: a text, or bytes. */
  ping: Beat
  /**
   * What the server answers; it is not delivered as a message. Any other answer is proof of life too, and delivered. Default:
   * the same as `ping`.
   */
  pong?: Beat
}

/** Gives the URL of each attempt, told how the last connection or attempt ended. */
export type UrlProvider = (lastClose?: CloseInfo) => Url | Promise<Url>

/** The third argument of `HoldfastWebSocket`, all optional. Nonsense throws `InvalidOption`, which names the field. */
export interface HoldfastWebSocketOptions {
  /**
   * Whether it comes back after a cut. With `false` it ends at its first `close`, as the platform's does: for libraries that
   * make a new socket themselves. Default `true`.
   */
  reconnect?: boolean
  /** Waits between attempts, as for `connect`. */
  backoff?: BackoffOptions
  /** Limit for the opening of each socket, in ms; what takes longer has failed. Default 10,000. */
  openTimeoutMs?: number
  /**
   * How long after `close()` the server may take to answer, in ms; then `close` comes with code 1006. Time in which what was
   * sent before still goes out does not count. Default 2,500.
   */
  closeTimeoutMs?: number
  /**
   * How a dead connection is noticed. An object: the page pings. `'auto'`: for holdfast's own server, which pings first.
   * `false`: only as the platform does. Default `false`.
   */
  heartbeat?: PingOptions | 'auto' | false
  /** Limits of what waits for a connection, as for `connect`. Without reconnecting nothing waits. */
  queue?: QueueOptions
  /**
   * Whether to come back after a cut or a failed attempt: `true` or `false` decides, `undefined` leaves it to the close code,
   * as for `connect`. A throw is logged and counts as `undefined`.
   */
  shouldReconnect?: (close: CloseInfo) => boolean | undefined
  /** Replaces parts of the platform: the WebSocket class in Node, the clock in tests. */
  environment?: Partial<Environment>
  /** Where it goes that a message was dropped, if nobody took the event, and that a callback threw. Default `console`. */
  logger?: Logger
}

/** The same, all there. */
export interface NormalOptions extends ConnectionOptions {
  reconnect: boolean
  closeTimeoutMs: number
  queue: QueueLimits
  logger: Logger
}

/** As long as a probe waits: a round trip around the world takes less than a tenth of it. */
const CLOSE_TIMEOUT_MS = 2500

/** Throws `InvalidOption`. */
export function toOptions(
  url: string | UrlProvider,
  protocols: string[],
  given: HoldfastWebSocketOptions,
  environment: Environment,
): NormalOptions {
  const { reconnect, closeTimeoutMs, heartbeat, ...shared } = fill<HoldfastWebSocketOptions>('', given, {
    reconnect: true,
    backoff: {},
    openTimeoutMs: 10_000,
    closeTimeoutMs: CLOSE_TIMEOUT_MS,
    heartbeat: false,
    queue: {},
    shouldReconnect: () => undefined,
    environment,
    logger: environment.logger,
  })
  const pings = heartbeat !== 'auto' && heartbeat
  const options = normalise(url, { ...shared, protocols, heartbeat: heartbeat === 'auto' && 'auto' }, environment)
  return {
    ...options,
    reconnect,
    closeTimeoutMs,
    ...(pings && { heartbeat: toHeartbeat(pings) }),
    ...(!reconnect && { shouldReconnect: () => false }),
  }
}

function toHeartbeat({ ping, pong = ping, ...times }: PingOptions): HeartbeatSettings {
  const { intervalMs, timeoutMs } = AUTO_HEARTBEAT
  check(isBeat(ping), 'heartbeat.ping', 'text or bytes')
  check(isBeat(pong), 'heartbeat.pong', 'text or bytes')
  // Without one of its own the interval is refused, as 0 is.
  return { ...fill('heartbeat.', Object.assign({ intervalMs }, times), { intervalMs, timeoutMs }), ping, pong }
}

const isBeat = (value: unknown): boolean => typeof value === 'string' || value instanceof Uint8Array
