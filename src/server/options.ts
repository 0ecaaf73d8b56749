import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { ContractShape, Validate } from '../protocol/contract.js'
import { checkContract, isStandard } from '../protocol/examine.js'
import { Reserved } from '../protocol/frames.js'
import { type Wire, wireOf } from '../protocol/wire.js'
import { InvalidOption } from '../shared/errors.js'
import type { Logger } from '../shared/logger.js'
import { check, checkFunction, checkStore, checkTime, checkWhole } from './check.js'
import type { AnyChannel, CloseOptions, ServerLimits, ServerOptions, SessionOptions } from './public.js'
import type { HistoryLimits, SessionStore } from './stores.js'

type Defaulted =
  | 'requests'
  | 'channels'
  | 'validate'
  | 'authTimeoutMs'
  | 'address'
  | 'pingIntervalMs'
  | 'requestTimeoutMs'
  | 'logger'

type Optional = {
  readonly [Key in
    | 'host'
    | 'path'
    | 'contract'
    | 'auth'
    | 'origins'
    | 'onMessage'
    | 'onConnect'
    | 'onDisconnect'
    | 'dedupe'
    | 'history']: ServerOptions[Key] | undefined
}

/** The options, checked and complete. */
export interface Settings extends Readonly<Required<Pick<ServerOptions, Defaulted>>>, Optional {
  /** The app's HTTP server, or the port for one of our own. */
  readonly listenOn: HttpServer | HttpsServer | number
  readonly limits: Readonly<Required<ServerLimits>>
  /** The channels with history. */
  readonly histories: ReadonlyMap<string, Required<HistoryLimits>>
  /** `undefined`: none. */
  readonly sessions: SessionSettings | undefined
  readonly wire: Wire
}

export interface SessionSettings extends Readonly<Required<Omit<SessionOptions, 'windowMs' | 'store'>>> {
  readonly windowMs: number | undefined
  readonly store: SessionStore | undefined
}

const DEFAULT_LIMITS: Required<ServerLimits> = {
  maxPayload: 2 ** 20,
  maxConnections: 10_000,
  maxConnectionsPerAddress: 100,
  messagesPerSecond: 1_000,
  maxOpenRequests: 256,
  maxBufferedBytes: 4 * 2 ** 20,
  maxChannels: 256,
}

const DEFAULT_SESSIONS: SessionSettings = {
  ttlMs: 300_000,
  maxSessions: 20_000,
  maxMessages: 10_000,
  maxBytes: 4 * 2 ** 20,
  maxTotalBytes: 256 * 2 ** 20,
  windowMs: undefined,
  store: undefined,
}

const HOOKS = ['auth', 'address', 'onMessage', 'onConnect', 'onDisconnect'] as const

const CHANNEL_HOOKS = ['authorize', 'join', 'getState', 'leave'] as const

const ORIGIN = /^(null|[a-z][a-z0-9+.-]*:\/\/[^/]+)$/

const consoleLogger: Logger = {
  debug() {},
  warn: (...message) => console.warn(...message),
  error: (...message) => console.error(...message),
}

/** The options of `close`, checked and complete. */
export interface Goodbye extends Required<Omit<CloseOptions, 'url'>>, Pick<CloseOptions, 'url'> {}

export function normalizeClose(options: CloseOptions): Goodbye {
  return {
    windowMs: checkTime('windowMs', options.windowMs ?? 5_000, 0),
    graceMs: checkTime('graceMs', options.graceMs ?? 2_000, 0),
    reason: options.reason ?? 'restart',
    ...(options.url !== undefined && { url: options.url }),
  }
}

/** Throws `InvalidOption`, which names the field. */
export function normalize(options: ServerOptions): Settings {
  const { host, path, requests = {}, channels = {}, origins, wire = 'json' } = options
  if (path !== undefined) check('path', path.startsWith('/'), 'a path that begins with /')
  for (const hook of HOOKS) checkFunction(hook, options[hook])
  checkRequests(requests)
  checkOrigins(origins)
  checkStore('dedupe', options.dedupe, 'claim', 'set', 'release')
  checkStore('history', options.history, 'position', 'append', 'since')
  return {
    listenOn: listenOn(options),
    host,
    path,
    requests,
    channels,
    contract: checkRules(options.contract, options.validate),
    validate: options.validate ?? 'in',
    histories: checkChannels(channels),
    dedupe: options.dedupe,
    history: options.history,
    auth: options.auth,
    authTimeoutMs: checkTime('authTimeoutMs', options.authTimeoutMs ?? 10_000),
    origins,
    address: options.address ?? addressOfSocket,
    onMessage: options.onMessage,
    onConnect: options.onConnect,
    onDisconnect: options.onDisconnect,
    pingIntervalMs: checkTime('pingIntervalMs', options.pingIntervalMs ?? 15_000),
    requestTimeoutMs: checkTime('requestTimeoutMs', options.requestTimeoutMs ?? 30_000),
    limits: checkLimits('limits', { ...DEFAULT_LIMITS, ...options.limits }),
    sessions: options.sessions === false ? undefined : sessionsOf(options.sessions),
    wire: checkWire(wireOf(wire)),
    logger: options.logger ?? consoleLogger,
  }
}

const addressOfSocket = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? ''

const DIRECTIONS: readonly unknown[] = ['up', 'down', 'both', undefined]

function checkRules(contract: ContractShape | undefined, validate: Validate = 'in'): ContractShape | undefined {
  checkContract(contract === undefined ? {} : contract, validate)
  for (const method of Object.values(Reserved)) {
    const isFree = !Object.hasOwn(contract?.requests ?? {}, method)
    check(`contract.requests.${method}`, isFree, 'another name: this one is reserved')
  }
  for (const [channel, events] of Object.entries(contract?.channels ?? {})) {
    for (const [event, rules] of Object.entries(events)) {
      const isKnown = isStandard(rules) || !('direction' in rules) || DIRECTIONS.includes(rules.direction)
      check(`contract.channels.${channel}.${event}.direction`, isKnown, `'up', 'down' or 'both'`)
    }
  }
  return contract
}

function checkWire(wire: Wire): Wire {
  check('wire', typeof wire === 'object' && wire !== null, "'json', 'jsonrpc' or an object with encode and decode")
  checkFunction('wire.encode', wire.encode)
  checkFunction('wire.decode', wire.decode)
  return wire
}

function listenOn({ port, server }: ServerOptions): Settings['listenOn'] {
  check('port', (port === undefined) !== (server === undefined), 'either it or server')
  if (server) return server
  const isPort = port !== undefined && Number.isInteger(port) && port >= 0 && port <= 65_535
  if (!isPort) throw new InvalidOption('port', '0 to 65535')
  return port
}

function checkRequests(requests: Settings['requests']): void {
  for (const [method, handler] of Object.entries(requests)) checkFunction(`requests.${method}`, handler)
  for (const method of Object.values(Reserved)) {
    check(`requests.${method}`, !Object.hasOwn(requests, method), 'another name: this one is reserved')
  }
}

/** Gives the limits of those with history. */
function checkChannels(channels: Settings['channels']): Settings['histories'] {
  const histories = new Map<string, Required<HistoryLimits>>()
  for (const [name, channel] of Object.entries<AnyChannel | undefined>(channels)) {
    const field = `channels.${name}`
    if (typeof channel !== 'object' || channel === null) throw new InvalidOption(field, 'an object')
    for (const hook of CHANNEL_HOOKS) checkFunction(`${field}.${hook}`, channel[hook])
    for (const [event, handler] of Object.entries(channel.on ?? {})) checkFunction(`${field}.on.${event}`, handler)
    check(`${field}.getState`, !channel.getState || !!channel.history, 'a channel with history')
    if (channel.history) histories.set(name, historyOf(`${field}.history`, channel.history))
  }
  return histories
}

function historyOf(field: string, history: true | HistoryLimits): Required<HistoryLimits> {
  check(field, history === true || typeof history === 'object', 'true or an object')
  const { maxMessages = 1_000, maxAgeMs = 300_000 } = history === true ? {} : history
  return {
    maxMessages: checkWhole(`${field}.maxMessages`, maxMessages),
    maxAgeMs: checkTime(`${field}.maxAgeMs`, maxAgeMs),
  }
}

function checkOrigins(origins: ServerOptions['origins']): void {
  if (origins === undefined || origins === '*' || typeof origins === 'function') return
  if (!Array.isArray(origins)) throw new InvalidOption('origins', "'*', a list or a function")
  origins.forEach((origin, at) => {
    check(`origins[${at}]`, ORIGIN.test(origin), 'an origin such as https://example.com')
  })
}

function checkLimits<Limits extends object>(field: string, limits: Limits): Limits {
  for (const [name, limit] of Object.entries(limits)) checkWhole(`${field}.${name}`, limit)
  return limits
}

function sessionsOf(options: SessionOptions = {}): SessionSettings {
  check('sessions', typeof options === 'object' && options !== null, 'false or an object')
  const { ttlMs, windowMs, store, ...limits } = { ...DEFAULT_SESSIONS, ...options }
  checkStore('sessions.store', store, 'save', 'take')
  return {
    ...checkLimits('sessions', limits),
    store,
    ttlMs: checkTime('sessions.ttlMs', ttlMs),
    windowMs: windowMs === undefined ? undefined : checkTime('sessions.windowMs', windowMs, 0),
  }
}
