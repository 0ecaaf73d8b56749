import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { afterEach, beforeEach, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Connection } from '../../src/server/connection.js'
import { Hub } from '../../src/server/hub.js'
import { createServer } from '../../src/server/index.js'
import { normalize } from '../../src/server/options.js'
import type { Server, ServerOptions, ServerSocket, ServerSocketHandlers } from '../../src/server/public.js'
import type { Logger } from '../../src/shared/logger.js'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

/** Runs after the test, last come first. */
export const onEnd = (cleanup: () => unknown): void => void cleanups.push(cleanup)

/** Timers and clocks stand still in these tests until they are moved. */
export function virtualTime(): void {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.restoreAllMocks()
    vi.useRealTimers()
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
  onEnd(() => server.close({ graceMs: 0 }))
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

export interface FakeHouse {
  hub: Hub
  log: Log
  /** A new client, as its page and as the server see it. */
  join(): { socket: FakeSocket; client: Connection | undefined }
}

/** The kit without a network. */
export function house(options: ServerOptions = {}): FakeHouse {
  const log = new Log()
  const hub = new Hub(normalize({ port: 0, logger: log, ...options }))
  const join: FakeHouse['join'] = () => {
    const socket = new FakeSocket()
    hub.accept(socket, upgrade())
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
