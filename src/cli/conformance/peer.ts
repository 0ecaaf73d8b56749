import { isDeepStrictEqual } from 'node:util'
import type { RawData, WebSocket } from 'ws'
import type { ErrorBody, FrameId } from '../../protocol/frames.js'
import { PONG, readPing } from '../../protocol/heartbeat.js'
import { Failure } from './failure.js'

/** A text, or bytes. */
export type Message = string | Buffer

export interface Closed {
  readonly code: number
  readonly reason: string
}

/** Characters of a message that a report shows. */
const SHOWN = 300
/** Lines of a transcript that are kept. */
const KEPT_LINES = 12

/** A message, or what is left of it, in one line. */
export function show(message: unknown): string {
  if (Buffer.isBuffer(message)) return `${message.length} bytes: ${message.subarray(0, 40).toString('hex')}`
  const text = typeof message === 'string' ? message : JSON.stringify(message)
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}… (${text.length} characters)` : text || '(an empty text)'
}

/** The value of a JSON text; anything else as it came. */
export function parse(message: Message): unknown {
  try {
    return typeof message === 'string' ? JSON.parse(message) : message
  } catch {
    return message
  }
}

/** Whether a value has all that is expected of it. Objects may have more members: P2.2. */
export function fits(value: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null || Array.isArray(expected) || Buffer.isBuffer(expected)) {
    return isDeepStrictEqual(value, expected)
  }
  if (typeof value !== 'object' || value === null) return false
  const members = new Map<string, unknown>(Object.entries(value))
  return Object.entries(expected).every(([name, wanted]) => members.has(name) && fits(members.get(name), wanted))
}

/** The result in a frame. */
export function resultOf(frame: unknown, id: FrameId, expected: string): unknown {
  if (fits(frame, { id }) && typeof frame === 'object' && frame && 'result' in frame) return frame.result
  throw new Failure(expected, show(frame))
}

/** The error in a frame. */
export function errorOf(frame: unknown, id: FrameId, code: number | string | undefined, expected: string): ErrorBody {
  const error = fits(frame, { id }) && typeof frame === 'object' && frame && 'error' in frame ? frame.error : undefined
  if (isErrorBody(error) && (code === undefined || error.code === code)) return error
  throw new Failure(expected, show(frame))
}

const isErrorBody = (error: unknown): error is ErrorBody =>
  typeof error === 'object' &&
  error !== null &&
  'code' in error &&
  (typeof error.code === 'string' || Number.isSafeInteger(error.code)) &&
  'message' in error &&
  typeof error.message === 'string'

const isPing = (message: Message): boolean => typeof message === 'string' && readPing(message) !== undefined

const bytesOf = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.isBuffer(data) ? data : Buffer.from(data)

/** One socket to the server, in the raw: what comes is kept until it is asked for. Pings are answered, and not kept. */
export class Peer {
  /** What was said, the last lines of it. */
  readonly transcript: string[] = []
  /** The intervals that the server's pings have named, in ms. */
  readonly pings: number[] = []
  /** Where the pings of the server get no answer. */
  isSilent = false
  closed: Closed | undefined
  readonly #arrived: Message[] = []
  #wake: () => void = () => {}

  constructor(
    readonly socket: WebSocket,
    readonly timeoutMs: number,
  ) {
    socket.on('message', (data, isBinary) => this.#take(isBinary ? bytesOf(data) : bytesOf(data).toString()))
    socket.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
      this.#note(`server   closes with ${code} ${JSON.stringify(this.closed.reason)}`)
      this.#wake()
    })
    // A close follows.
    socket.on('error', (error) => this.#note(`         ${error.message}`))
  }

  /** Sends a text, bytes, or an object as JSON. */
  send(message: Message | object): void {
    const data = typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)
    this.#note(`page   → ${show(data)}`)
    // A socket that has closed says so to whoever waits for an answer.
    this.socket.send(data, () => {})
  }

  /** The next message. `expected`, in words, is for the report. */
  async next(expected: string, timeoutMs = this.timeoutMs): Promise<Message> {
    await this.#until(() => this.#arrived.length > 0 || this.closed !== undefined, timeoutMs)
    const message = this.#arrived.shift()
    if (message === undefined) throw new Failure(expected, this.#nothing(timeoutMs))
    return message
  }

  /** Expects this message next, as text, bytes, or as what a JSON text has at least. */
  async expect(expected: Message | object): Promise<unknown> {
    const message = await this.next(show(expected))
    const value = typeof expected === 'string' ? message : parse(message)
    if (!fits(value, expected)) throw new Failure(show(expected), show(message))
    return value
  }

  /** Expects the result with this id next, and gives it. */
  async expectResult(id: FrameId): Promise<unknown> {
    const expected = `a result with the id ${show(id)}`
    const message = await this.next(expected)
    return resultOf(parse(message), id, expected)
  }

  /** Asks, and gives the result, which comes next. */
  async ask(id: FrameId, method: string, params: unknown = null): Promise<unknown> {
    this.send({ id, method, params })
    return this.expectResult(id)
  }

  /** Expects an error with this id next. */
  async expectError(id: FrameId, code?: number | string): Promise<ErrorBody> {
    const expected = `an error with the id ${show(id)}${code === undefined ? '' : ` and the code ${show(code)}`}`
    const message = await this.next(expected)
    return errorOf(parse(message), id, code, expected)
  }

  /** What came since. */
  take(): Message[] {
    return this.#arrived.splice(0)
  }

  /** Expects that all before has been handled, and gives what came until then: P2.5. */
  async settle(): Promise<Message[]> {
    this.send('ping')
    const before: Message[] = []
    for (;;) {
      const message = await this.next('pong')
      if (message === PONG) return before
      before.push(message)
    }
  }

  /** Expects that nothing comes for a while. */
  async quiet(ms: number, what = 'nothing'): Promise<void> {
    await this.#until(() => this.#arrived.length > 0 || this.closed !== undefined, ms)
    const [message] = this.#arrived
    if (message !== undefined) throw new Failure(what, show(message))
    if (this.closed) throw new Failure(what, this.#nothing(ms))
  }

  /** Expects a close, with one of these codes; any if there are none. What comes before is not looked at. */
  async expectClose(codes: readonly number[] = [], timeoutMs = this.timeoutMs): Promise<Closed> {
    const expected = codes.length > 0 ? `a close with ${codes.join(' or ')}` : 'a close'
    await this.#until(() => this.closed !== undefined, timeoutMs)
    if (!this.closed) throw new Failure(expected, `none within ${timeoutMs} ms`)
    if (codes.length > 0 && !codes.includes(this.closed.code)) throw new Failure(expected, this.#nothing(0))
    return this.closed
  }

  /** Ends it as a cut does, without a word. */
  async cut(): Promise<void> {
    this.#note('page     is cut off')
    this.socket.terminate()
    await this.#until(() => this.closed !== undefined, this.timeoutMs)
  }

  /** Waits until a condition holds; looks at it again each time that something has come. */
  async wait(holds: () => boolean, expected: string, timeoutMs = this.timeoutMs): Promise<void> {
    let held = false
    await this.#until(() => {
      held ||= holds()
      return held || this.closed !== undefined
    }, timeoutMs)
    if (!held) throw new Failure(expected, this.#nothing(timeoutMs))
  }

  #nothing(timeoutMs: number): string {
    return this.closed
      ? `a close with ${this.closed.code} ${JSON.stringify(this.closed.reason)}`
      : `nothing within ${timeoutMs} ms`
  }

  async #until(holds: () => boolean, timeoutMs: number): Promise<void> {
    const end = Date.now() + timeoutMs
    while (!holds()) {
      const left = end - Date.now()
      if (left <= 0) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  #take(message: Message): void {
    this.#note(`server → ${show(message)}`)
    if (isPing(message)) {
      this.pings.push(readPing(String(message)) ?? 0)
      if (!this.isSilent) this.send(PONG)
    } else {
      this.#arrived.push(message)
    }
    this.#wake()
  }

  #note(line: string): void {
    this.transcript.push(line)
    if (this.transcript.length > KEPT_LINES) this.transcript.shift()
  }
}
