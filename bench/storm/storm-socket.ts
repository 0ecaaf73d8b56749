/** A browser's WebSocket as far as reconnecting needs it. Whoever opens one knocks at the door of the present storm. */

const CONNECTING = 0
const OPEN = 1
const CLOSED = 3

let door: ((socket: StormSocket) => void) | undefined

type Listener = ((event: Event) => void) | null

export class StormSocket extends EventTarget {
  static readonly CONNECTING = CONNECTING
  static readonly OPEN = OPEN
  static readonly CLOSING = 2
  static readonly CLOSED = CLOSED
  readyState: number = CONNECTING
  readonly bufferedAmount = 0
  binaryType = 'blob'
  onopen: Listener = null
  onmessage: Listener = null
  onerror: Listener = null
  onclose: Listener = null

  constructor() {
    super()
    door?.(this)
  }

  send(): void {}

  /** The page leaves it, and is not told of the end: nobody here waits for that. */
  close(): void {
    this.readyState = CLOSED
  }

  accept(hello?: string): void {
    if (this.readyState !== CONNECTING) return
    this.readyState = OPEN
    this.#tell('open')
    if (hello !== undefined) this.#tell('message', { data: hello })
  }

  /** The end comes from the server, or from the network: that one with an error first. */
  end(code: number, reason = ''): void {
    if (this.readyState === CLOSED) return
    this.readyState = CLOSED
    const wasClean = code !== 1006
    if (!wasClean) this.#tell('error')
    this.#tell('close', { code, reason, wasClean })
  }

  #tell(type: 'open' | 'message' | 'error' | 'close', more: object = {}): void {
    const event = Object.assign(new Event(type), more)
    this[`on${type}`]?.(event)
    this.dispatchEvent(event)
  }
}

/**
 * Puts it in the place of the global until the end of `body`, and has each new one knock. Some libraries keep the class
 * that was there when they were loaded: so it is one for all storms, and they come one after the other.
 */
export async function withSockets<T>(knock: (socket: StormSocket) => void, body: () => Promise<T>): Promise<T> {
  const { WebSocket } = globalThis
  Object.assign(globalThis, { WebSocket: StormSocket })
  door = knock
  try {
    return await body()
  } finally {
    Object.assign(globalThis, { WebSocket })
    door = undefined
  }
}
