/** The server of a storm: away for a while, then it takes so many a second. It counts who comes, and when. */

/** A loss that all clients notice at once. Times in ms, from that moment. */
export interface Outage {
  readonly clients: number
  readonly awayMs: number
  /** How many the server takes in each second after its return. Whoever comes then is refused. */
  readonly perSecond: number
}

/** What came of it. Times in ms, from the return of the server. */
export interface StormFigures {
  /** From the loss until all were back. */
  readonly attempts: number
  /** Those of them that came while the server was away. */
  readonly away: number
  /** Most attempts in one second after the return. */
  readonly peak: number
  readonly halfMs: number
  readonly mostMs: number
  readonly allMs: number
  /** Attempts in each second since the loss. */
  readonly curve: readonly number[]
}

export class StormServer {
  readonly #outage: Outage
  readonly #curve: number[] = []
  #attempts = 0
  #away = 0
  #peak = 0
  /** The second since the return that is being counted, how many came in it, and how many of them were taken. */
  #second = -1
  #came = 0
  #taken = 0
  #back = 0
  #halfMs = Number.NaN
  #mostMs = Number.NaN
  #allMs = Number.NaN

  constructor(outage: Outage) {
    this.#outage = outage
  }

  get isDone(): boolean {
    return this.#back === this.#outage.clients
  }

  /** Somebody comes at `atMs`, which never goes back: whether the server takes it. */
  admit(atMs: number): boolean {
    const second = Math.floor(atMs / 1000)
    this.#curve[second] = (this.#curve[second] ?? 0) + 1
    this.#attempts++
    const sinceMs = atMs - this.#outage.awayMs
    if (sinceMs >= 0) return this.#take(sinceMs)
    this.#away++
    return false
  }

  #take(sinceMs: number): boolean {
    const { clients, perSecond } = this.#outage
    const second = Math.floor(sinceMs / 1000)
    if (second !== this.#second) {
      this.#second = second
      this.#came = this.#taken = 0
    }
    this.#peak = Math.max(this.#peak, ++this.#came)
    if (this.#taken >= perSecond) return false
    this.#taken++
    this.#back++
    if (this.#back === Math.ceil(clients / 2)) this.#halfMs = sinceMs
    if (this.#back === Math.ceil(clients * 0.99)) this.#mostMs = sinceMs
    if (this.#back === clients) this.#allMs = sinceMs
    return true
  }

  get figures(): StormFigures {
    return {
      attempts: this.#attempts,
      away: this.#away,
      peak: this.#peak,
      halfMs: this.#halfMs,
      mostMs: this.#mostMs,
      allMs: this.#allMs,
      curve: Array.from(this.#curve, (count = 0) => count),
    }
  }
}
