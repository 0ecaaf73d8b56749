import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, beforeEach, expect, vi } from 'vitest'
import { WebSocket } from 'ws'
import { type Hi, isOk, type Ok, readAck, readControl, readData } from '../../src/protocol/session-frames.js'
import { Hub } from '../../src/server/hub.js'
import { createServer } from '../../src/server/index.js'
import { normalize } from '../../src/server/options.js'
import type { Peer } from '../../src/server/peer.js'
import type { Server, ServerOptions } from '../../src/server/public.js'
import type { ServerSocket, ServerSocketHandlers } from '../../src/server/socket.js'
import type { Logger } from '../../src/shared/logger.js'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Runs after the test, last come first. */
export const onEnd = (cleanup: () => unknown): void => void cleanups.push(cleanup)

/** Hubs that a test began. */
const hubs = new Set<Hub>()

/** Closes them. Nothing may be left: neither a session, nor a byte, nor a request. */
async function closeHubs(): Promise<void> {
  const closing = [...hubs]
  hubs.clear()
  for (const hub of closing) {
    const closed = hub.close({ windowMs: 0, graceMs: 0, reason: 'the test is over' })
    if (vi.isFakeTimers()) await pass(100)
    await closed
    const { connections, sessions, sessionBytes, openRequests, channels } = hub.metrics()
    expect({ connections, sessions, sessionBytes, openRequests, channels }).toEqual({
      connections: 0,
      sessions: 0,
      sessionBytes: 0,
      openRequests: 0,
      channels: 0,
    })
  }
}

afterEach(closeHubs)

/** Timers and clocks stand still in these tests until they are moved. In the end none may be left. */
export function virtualTime(): void {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    await closeHubs()
    const left = vi.getTimerCount()
    vi.useRealTimers()
    expect(left).toBe(0)
  })
}

/** Lets promises settle and time pass. */
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** A logger that keeps what it is told. */
export class Log implements Logger {
  readonly warnings: string[] = []
  readonly errors: [message: string, error: unknown][] = []

  debug(): void {}

  warn(message: string): void {
    this.warnings.push(message)
  }

  error(message: string, error: unknown): void {
    this.errors.push([message, error])
  }
}

export interface Running {
  server: Server
  url: string
  log: Log
}

/** A server on a free port, closed after the test. */
export async function start(options: ServerOptions = {}): Promise<Running> {
  const log = new Log()
  const server = createServer({ port: 0, host: '127.0.0.1', logger: log, ...options })
  onEnd(() => server.close({ windowMs: 0, graceMs: 0 }))
  return { server, url: `ws://127.0.0.1:${await server.listening()}`, log }
}

interface Closed {
  code: number
  reason: string
}

/** A page in the raw: one frame after another, as they came, without pings. */
export class Page {
  readonly closed: Promise<Closed>
  readonly pings: string[] = []
  readonly #ws: WebSocket
  readonly #arrived: unknown[] = []
  readonly #waiting: ((message: unknown) => void)[] = []

  constructor(ws: WebSocket) {
    this.#ws = ws
    ws.on('message', (data, isBinary) => this.#take(isBinary ? data : data.toString()))
    this.closed = new Promise((resolve) => {
      ws.on('close', (code, reason) => resolve({ code, reason: reason.toString() }))
    })
  }

  /** Sends a frame, a text or bytes. */
  send(message: object | string | Uint8Array): void {
    this.#ws.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message))
  }

  /** The next message: parsed if it is JSON. */
  next(): Promise<unknown> {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift())
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Sends a frame and gives the next message. */
  ask(message: object | string): Promise<unknown> {
    this.send(message)
    return this.next()
  }

  /** Reads nothing, as a page on a stalled network. */
  stall(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  close(): Promise<Closed> {
    this.#ws.close()
    return this.closed
  }

  /** Everything sent before has been handled. */
  async settle(): Promise<void> {
    if ((await this.ask('ping')) !== 'pong') throw new Error('something else arrived first')
  }

  #take(message: unknown): void {
    if (typeof message === 'string' && message.startsWith('ping')) {
      this.pings.push(message)
      return
    }
    const parsed: unknown = typeof message === 'string' && message.startsWith('{') ? JSON.parse(message) : message
    const waiting = this.#waiting.shift()
    if (waiting) waiting(parsed)
    else this.#arrived.push(parsed)
  }
}

/** A page whose socket is open. */
export async function open(url: string, headers: Record<string, string> = {}): Promise<Page> {
  const ws = new WebSocket(url, { headers })
  onEnd(() => ws.terminate())
  const page = new Page(ws)
  await new Promise((resolve, reject) => ws.on('open', resolve).on('error', reject))
  return page
}

/** A socket of five methods in memory, whose reader can be slow and whose peer can be deaf. */
export class FakeSocket implements ServerSocket {
  readonly sent: { bytes: Uint8Array; binary: boolean }[] = []
  buffered = 0
  closed: Closed | undefined
  terminated = false
  #handlers: ServerSocketHandlers | undefined

  send(bytes: Uint8Array, binary: boolean): void {
    this.sent.push({ bytes, binary })
  }

  close(code: number, reason: string): void {
    this.closed = { code, reason }
  }

  terminate(): void {
    this.terminated = true
  }

  bufferedAmount(): number {
    return this.buffered
  }

  listen(handlers: ServerSocketHandlers): void {
    this.#handlers = handlers
  }

  /** Something arrives from the page. */
  receive(message: object | string | ArrayBuffer): void {
    const data = typeof message === 'string' || message instanceof ArrayBuffer ? message : JSON.stringify(message)
    this.#handlers?.onMessage(data)
  }

  fail(error: Error): void {
    this.#handlers?.onError(error)
  }

  /** The socket has closed. */
  end(code = 1006, reason = ''): void {
    this.#handlers?.onClose(code, reason)
  }

  /** Texts sent to the page, pings left out. */
  get texts(): string[] {
    return this.sent.map(({ bytes }) => Buffer.from(bytes).toString()).filter((text) => !text.startsWith('ping'))
  }

  get pings(): string[] {
    return this.sent.map(({ bytes }) => Buffer.from(bytes).toString()).filter((text) => text.startsWith('ping'))
  }

  /** Frames sent to the page. */
  get frames(): unknown[] {
    return this.texts.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text))
  }
}

export const upgrade = (headers: Record<string, string> = {}): IncomingMessage =>
  Object.assign(new IncomingMessage(new Socket()), { headers })

/** What pages say. */
export const joining = (id: number, channel = 'chat', since?: object) => ({
  id,
  method: 'join',
  params: { channel, since },
})
export const event = (data: unknown, name = 'message', channel = 'chat') => ({ channel, event: name, data })

export interface FakeHouse {
  hub: Hub
  log: Log
  /** A new client, as its page and as the server see it. */
  join(): { socket: FakeSocket; client: Peer | undefined }
}

/** The kit without a network. */
export function house(options: ServerOptions = {}): FakeHouse {
  const log = new Log()
  const hub = new Hub(normalize({ port: 0, logger: log, ...options }))
  hubs.add(hub)
  const join: FakeHouse['join'] = () => {
    const socket = new FakeSocket()
    hub.accept(socket, upgrade())
    // Until a page has said something, the server does not know which wire it speaks.
    if (!options.auth && options.sessions !== false) socket.receive('pong')
    return { socket, client: [...hub.clients].at(-1) }
  }
  return { hub, log, join }
}

/** A promise to be settled by the test. */
export function deferred<Value = void>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => {}
  const promise = new Promise<Value>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** A data frame as it arrived at a page. */
export interface Heard {
  number: number
  ack: number
  payload: unknown
}

/** What of a session a page must know to go on with it. */
export type Held = Required<Pick<Hi, 'session' | 'key' | 'received'>>

const PAGE = 'a page that nobody can guess'

/** A page in the raw that speaks sessions on a socket in memory: it numbers what it sends, and acks by hand. */
export class SessionPage {
  readonly socket = new FakeSocket()
  /** The number that it gave last. */
  sent = 0
  #resumedFrom = 0

  constructor(hub: Hub, headers: Record<string, string> = {}) {
    hub.accept(this.socket, upgrade(headers))
  }

  hi(held: Partial<Hi> = {}): void {
    this.#resumedFrom = held.received ?? 0
    this.socket.receive({ hi: { version: 1, client: PAGE, ...held } })
  }

  /** Sends the next message, or that of a number. */
  say(payload: object | string, number = ++this.sent, ack = this.received): void {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    this.socket.receive(`${number} ${ack} ${text}`)
  }

  ack(number = this.received): void {
    this.socket.receive(`ack ${number}`)
  }

  /** The members of the control frames that came, one after another. */
  controls(kind: 'ok' | 'no' | 'bye'): unknown[] {
    return this.socket.texts.flatMap((text) => readControl(text)[kind] ?? [])
  }

  get ok(): Ok {
    const ok = this.controls('ok').at(-1)
    if (!isOk(ok)) throw new Error(`no ok, but ${this.socket.texts}`)
    return ok
  }

  /** The data frames that came. */
  get heard(): Heard[] {
    return this.socket.texts.flatMap((text) => {
      const heard: Heard[] = []
      readData(text, (number, ack, payload) => {
        const isJson = typeof payload === 'string' && payload.startsWith('{')
        heard.push({ number, ack, payload: isJson ? JSON.parse(payload) : payload })
      })
      return heard
    })
  }

  get payloads(): unknown[] {
    return this.heard.map(({ payload }) => payload)
  }

  /** The lone acks that came. */
  get acks(): number[] {
    return this.socket.texts.flatMap((text) => readAck(text) ?? [])
  }

  /** The number up to which it has received. */
  get received(): number {
    const [ok] = this.controls('ok')
    const from = isOk(ok) && ok.resumed ? this.#resumedFrom : 0
    return Math.max(from, ...this.heard.map(({ number }) => number))
  }

  /** What it would resume with. */
  get held(): Held {
    const { session, key } = this.ok
    return { session, key, received: this.received }
  }
}

/** A page whose `hi` has been answered. */
export async function meet(hub: Hub, hi: Partial<Hi> = {}): Promise<SessionPage> {
  const page = new SessionPage(hub)
  page.hi(hi)
  await pass(0)
  return page
}
