import { DeliveryUnknown, MessageDropped, QueueFull } from '../../src/index.js'

/** What became of something that was numbered and sent. */
type Fate = 'pending' | 'done' | 'refused' | 'unknown' | 'failed'

const fateOf = (error: unknown): Fate => {
  if (error instanceof MessageDropped || error instanceof QueueFull) return 'refused'
  return error instanceof DeliveryUnknown ? 'unknown' : 'failed'
}

/** A message as a server saw it. */
interface Arrival {
  readonly number: number
  /** Servers are counted, in the order in which they come. */
  readonly server: number
  /** Whether its server cannot know that the page has gone on to the next one. */
  readonly isUnaware: boolean
}

/** Messages of one kind from the page: what was said of each, and what the servers saw. */
export class UpLane {
  readonly fates: Fate[] = []
  readonly received: Arrival[] = []

  constructor(readonly name: string) {}

  /** Numbers one message and sends it; a throw is its fate. */
  send(send: (number: number) => Promise<unknown> | undefined): void {
    const number = this.fates.push('pending') - 1
    try {
      void send(number)?.then(
        () => this.settle(number, 'done'),
        (error: unknown) => this.settle(number, fateOf(error)),
      )
    } catch (error) {
      this.settle(number, fateOf(error))
    }
  }

  settle(number: number, fate: Fate): void {
    this.fates[number] = fate
  }

  /** Every broken promise, in words. `isAnswered`: each has a promise that must have settled. */
  violations(isAnswered: boolean, mayRepeat: ReadonlySet<number> = new Set()): string[] {
    const found: string[] = []
    const times = new Map<number, number>()
    this.received.forEach((arrival, at) => {
      const { number } = arrival
      const before = times.get(number) ?? 0
      times.set(number, before + 1)
      if (before > 0 && !mayRepeat.has(number)) found.push(`${this.name} ${number} arrived twice`)
      if (before > 0 || isAnswered) return
      const higher = this.received.slice(0, at).find((other) => other.number > number && !this.#mayPass(other, arrival))
      if (higher) found.push(`${this.name} ${number} arrived after ${higher.number}`)
    })
    this.fates.forEach((fate, number) => {
      const arrived = times.has(number)
      if (fate === 'refused' && arrived) found.push(`${this.name} ${number} was refused, and arrived`)
      if (fate === 'done' && !arrived) found.push(`${this.name} ${number} was done, and never arrived`)
      if (fate === 'pending' && (isAnswered || !arrived)) found.push(`${this.name} ${number} was lost in silence`)
    })
    return found
  }

  /** One case has no order: a server that goes is at what the page has called unknown, the page at the next one (P13.1). */
  #mayPass(other: Arrival, { number, server, isUnaware }: Arrival): boolean {
    return isUnaware && other.server > server && this.fates[number] === 'unknown'
  }
}

/** What the page heard of one kind from the server: numbers, and gaps where it was told of one. */
export class DownLane {
  sent = 0
  readonly heard: (number | 'gap')[] = []

  constructor(readonly name: string) {}

  /** Numbers one message. */
  next(): number {
    this.sent += 1
    return this.sent
  }

  violations(): string[] {
    const found: string[] = []
    let last = 0
    let isGap = false
    for (const number of [...this.heard, this.sent + 1]) {
      if (number === 'gap') {
        isGap = true
        continue
      }
      if (number <= last) found.push(`${this.name} ${number} came after ${last}`)
      else if (number > last + 1 && !isGap) found.push(`${this.name} ${last + 1} to ${number - 1} are missing, unsaid`)
      last = Math.max(last, number)
      isGap = false
    }
    return found
  }
}
