import type { Duplex } from 'node:stream'

/** What happens to the bytes that travel in one direction. */
export interface Flow {
  /**
   * `'pass'`: they arrive. `'hold'`: they wait, in order, and arrive once it is `'pass'` again, as TCP has it after a
   * tunnel. `'drop'`: they are lost; a direction that has lost bytes stays dead for the rest of its connection. What is
   * true of bytes is true of the end of the connection.
   */
  gate: 'pass' | 'hold' | 'drop'
  /** Time under way, in ms. */
  delayMs: number
}

/** Bytes that may be under way before the sender has to wait, as with a full TCP window: 1 MiB. */
const WINDOW_BYTES = 1_048_576

/** `end`: no more bytes will come. `gone`: the sender broke off. */
type Cargo = Buffer | 'end' | 'gone'

/** One direction of a connection: takes from one socket, gives to the other, as its flow says. */
export class Lane {
  private readonly underWay: { cargo: Cargo; due: number }[] = []
  private bytesUnderWay = 0
  private receiverIsFull = false
  private isDead = false
  private sawEnd = false
  private timer: NodeJS.Timeout | undefined

  constructor(
    private readonly from: Duplex,
    private readonly to: Duplex,
    private readonly flow: Readonly<Flow>,
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

  /** Moves on what may move; to be called when the flow has changed. */
  move(): void {
    clearTimeout(this.timer)
    for (let next = this.underWay[0]; next && this.mayMove(); next = this.underWay[0]) {
      const waitMs = next.due - performance.now()
      if (waitMs > 0) {
        this.timer = setTimeout(() => this.move(), waitMs)
        break
      }
      this.underWay.shift()
      this.bytesUnderWay -= sizeOf(next.cargo)
      this.deliver(next.cargo)
    }
    if (this.bytesUnderWay > WINDOW_BYTES) this.from.pause()
    else if (this.from.isPaused()) this.from.resume()
  }

  /** Forgets what is under way. */
  stop(): void {
    clearTimeout(this.timer)
    this.underWay.length = 0
  }

  private mayMove(): boolean {
    return this.flow.gate !== 'hold' && !this.receiverIsFull
  }

  private becomeReady(): void {
    this.receiverIsFull = false
    this.move()
  }

  private deliver(cargo: Cargo): void {
    if (this.flow.gate === 'drop') this.isDead = true
    if (this.isDead) return
    if (cargo === 'gone') this.to.destroy()
    else if (!this.to.writable) return
    else if (cargo === 'end') this.to.end()
    else this.receiverIsFull = !this.to.write(cargo)
  }
}

const sizeOf = (cargo: Cargo): number => (typeof cargo === 'string' ? 0 : cargo.length)
