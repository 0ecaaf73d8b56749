import type { Duplex } from 'node:stream'

/** What happens to the bytes that travel in one direction, and to the end of their connection. */
export interface Flow {
  /**
   * `'pass'`: they arrive. `'hold'`: they wait, in order, and arrive once it is `'pass'` again, as TCP has it after a
   * tunnel. `'drop'`: they are lost; a direction that has lost something stays dead for the rest of its connection.
   */
  readonly gate: 'pass' | 'hold' | 'drop'
  /** Time under way, in ms. */
  readonly delayMs: number
  /** Most bytes that arrive in a second. */
  readonly bytesPerSecond: number
}

/** Strongest first. */
const GATES = ['drop', 'hold'] as const

/** All at once: delays add, the lowest rate counts, and a drop wins over a hold. */
export function combine(flows: readonly Partial<Flow>[]): Flow {
  return {
    gate: GATES.find((gate) => flows.some((flow) => flow.gate === gate)) ?? 'pass',
    delayMs: flows.reduce((sum, { delayMs = 0 }) => sum + delayMs, 0),
    bytesPerSecond: Math.min(...flows.map(({ bytesPerSecond = Number.POSITIVE_INFINITY }) => bytesPerSecond)),
  }
}

/** Bytes that may be under way before the sender has to wait, as with a full TCP window: 1 MiB. */
const WINDOW_BYTES = 1_048_576

/** A limited rate is kept in pieces of this time, in ms, or of one byte. */
const PIECE_MS = 20

/** `end`: no more bytes will come. `gone`: the sender broke off. */
type Cargo = Buffer | 'end' | 'gone'

/** One direction of a connection: takes from one socket, gives to the other, as its flow says. */
export class Lane {
  private readonly underWay: { cargo: Cargo; due: number }[] = []
  private bytesUnderWay = 0
  private receiverIsFull = false
  private isDead = false
  private sawEnd = false
  /** When the next piece may go at a limited rate. */
  private nextPieceAt = 0
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly from: Duplex,
    private readonly to: Duplex,
    private flow: Flow,
  ) {
    from.on('data', (bytes: Buffer) => this.take(bytes))
    from.on('end', () => {
      this.sawEnd = true
      this.take('end')
    })
    from.on('close', () => {
      // After a clean end the receiver closes by itself, once it has read everything.
      if (!this.sawEnd) this.take('gone')
    })
    to.on('drain', () => this.becomeReady())
    to.on('close', () => this.becomeReady())
  }

  /** Puts bytes on their way. */
  take(cargo: Cargo): void {
    this.underWay.push({ cargo, due: performance.now() + this.flow.delayMs })
    this.bytesUnderWay += sizeOf(cargo)
    this.move()
  }

  /** What is under way keeps its delay. */
  setFlow(flow: Flow): void {
    this.flow = flow
    this.move()
  }

  /** Forgets what is under way. */
  stop(): void {
    clearTimeout(this.timer)
    this.underWay.length = 0
    this.bytesUnderWay = 0
  }

  /** Moves on what may move. */
  private move(): void {
    clearTimeout(this.timer)
    if (this.flow.gate === 'drop' && this.underWay.length > 0) this.isDead = true
    if (this.isDead) this.stop()
    for (let next = this.underWay[0]; next && this.mayMove(); next = this.underWay[0]) {
      const waitMs = Math.max(next.due, this.isLimited() ? this.nextPieceAt : 0) - performance.now()
      if (waitMs > 0) {
        this.timer = setTimeout(() => this.move(), waitMs)
        break
      }
      this.deliver(this.takePiece(next))
    }
    if (this.bytesUnderWay > WINDOW_BYTES) this.from.pause()
    else if (this.from.isPaused()) this.from.resume()
  }

  private mayMove(): boolean {
    return this.flow.gate === 'pass' && !this.receiverIsFull
  }

  private isLimited(): boolean {
    return this.flow.bytesPerSecond < Number.POSITIVE_INFINITY
  }

  private becomeReady(): void {
    this.receiverIsFull = false
    this.move()
  }

  /** As much of the first cargo as may go now. */
  private takePiece(first: { cargo: Cargo }): Cargo {
    const { cargo } = first
    const { bytesPerSecond } = this.flow
    const most = Math.max(1, Math.floor((bytesPerSecond * PIECE_MS) / 1000))
    const piece = typeof cargo === 'string' ? cargo : cargo.subarray(0, most)
    if (typeof cargo !== 'string' && cargo.length > most) first.cargo = cargo.subarray(most)
    else this.underWay.shift()
    this.bytesUnderWay -= sizeOf(piece)
    this.nextPieceAt = performance.now() + (sizeOf(piece) / bytesPerSecond) * 1000
    return piece
  }

  private deliver(cargo: Cargo): void {
    if (cargo === 'gone') this.to.destroy()
    else if (!this.to.writable) return
    else if (cargo === 'end') this.to.end()
    else this.receiverIsFull = !this.to.write(cargo)
  }
}

const sizeOf = (cargo: Cargo): number => (typeof cargo === 'string' ? 0 : cargo.length)
