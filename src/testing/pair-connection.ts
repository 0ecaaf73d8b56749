import type { WireData } from '../protocol/wire.js'
import type { ServerSocket, ServerSocketHandlers } from '../server/socket.js'
import type { FakeWebSocket } from './fake-web-socket.js'

/** Something under way from one end to the other. */
interface Parcel {
  /** What the test sees of it. */
  readonly label: string
  readonly bytes: number
  arrive(): void
}

/** One direction of one connection: what is sent waits here until the test lets it through. */
export class PairWay {
  #parcels: Parcel[] = []
  #bytes = 0
  #dead = false

  /** What is under way, oldest first: texts as they are, bytes as `[12 bytes]`, and `[open]`, `[opened]`, `[close 1000]`. */
  get waiting(): readonly string[] {
    return this.#parcels.map(({ label }) => label)
  }

  /** Bytes under way. */
  get bytes(): number {
    return this.#bytes
  }

  /** Lets the oldest arrive, all by default. Gives the number of those that did. */
  pass(count = Number.POSITIVE_INFINITY): number {
    let passed = 0
    while (passed < count) {
      const parcel = this.#parcels.shift()
      if (!parcel) break
      passed += 1
      this.#bytes -= parcel.bytes
      parcel.arrive()
    }
    return passed
  }

  /**
   * Loses what is under way and whatever follows on this connection, as a network does that is gone for one direction:
   * neither end is told. Gives the number of those lost now.
   */
  lose(): number {
    this.#dead = true
    this.#bytes = 0
    return this.#parcels.splice(0).length
  }

  send(label: string, bytes: number, arrive: () => void): void {
    if (this.#dead) return
    this.#parcels.push({ label, bytes, arrive })
    this.#bytes += bytes
  }
}

/** What a connection tells the world around it. */
export interface PairListener {
  /** The page's `open` has arrived at the server. */
  accept(socket: ServerSocket): void
}

/** One connection of a pair: the page's socket, the server's, and a way in each direction. */
export class PairConnection implements ServerSocket {
  /** From the page to the server. */
  readonly up = new PairWay()
  /** From the server to the page. */
  readonly down = new PairWay()
  readonly #page: FakeWebSocket
  #handlers: ServerSocketHandlers | undefined
  #isOpen = false

  constructor(page: FakeWebSocket, listener: PairListener) {
    this.#page = page
    this.up.send('[open]', 0, () => {
      this.down.send('[opened]', 0, () => this.#page.readyState === 0 && this.#page.accept())
      listener.accept(this)
    })
  }

  /** Whether either end takes it for open. */
  get isOpen(): boolean {
    return this.#isOpen || this.#page.readyState < 2
  }

  /** Ends it at once: what is under way is lost, and both ends are told, or only one of them. */
  cut(told: 'both' | 'page' | 'server' = 'both'): void {
    this.up.lose()
    this.down.lose()
    if (told !== 'page') this.#close(1006, '')
    if (told !== 'server' && this.#page.readyState < 3) this.#page.cut()
  }

  /** The page sends. */
  fromPage(data: WireData): void {
    const bytes = typeof data === 'string' ? data.length : data.byteLength
    const label = typeof data === 'string' ? data : `[${bytes} bytes]`
    this.up.send(label, bytes, () => {
      if (this.#isOpen) this.#handlers?.onMessage(data)
    })
  }

  /** The page closes. */
  pageCloses(code: number, reason: string): void {
    this.up.send(`[close ${code}]`, 0, () => {
      this.#close(code, reason)
      this.down.send('[closed]', 0, () => this.#page.readyState === 2 && this.#page.serverClose(code, reason))
    })
  }

  send(bytes: Uint8Array, binary: boolean): void {
    const copy = Uint8Array.from(bytes)
    const data = binary ? copy.buffer : new TextDecoder().decode(copy)
    this.down.send(typeof data === 'string' ? data : `[${bytes.length} bytes]`, bytes.length, () => {
      if (this.#page.readyState === 1) this.#page.serverSend(data)
    })
  }

  close(code: number, reason: string): void {
    this.down.send(`[close ${code}]`, 0, () => {
      if (this.#page.readyState === 1 || this.#page.readyState === 2) this.#page.serverClose(code, reason)
      this.up.send('[closed]', 0, () => this.#close(code, reason))
    })
  }

  terminate(): void {
    this.down.send('[cut]', 0, () => this.#page.readyState < 3 && this.#page.cut())
    this.#isOpen = false
  }

  bufferedAmount(): number {
    return this.down.bytes
  }

  listen(handlers: ServerSocketHandlers): void {
    this.#handlers = handlers
    this.#isOpen = true
  }

  #close(code: number, reason: string): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#handlers?.onClose(code, reason)
  }
}
