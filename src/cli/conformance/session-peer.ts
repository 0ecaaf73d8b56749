import { randomBytes } from 'node:crypto'
import { type Hi, isOk, type Ok, readAck, readControl, readData } from '../../protocol/session-frames.js'
import { Failure } from './failure.js'
import { fits, type Message, type Peer, parse, show } from './peer.js'

/** A data frame that came. */
export interface Heard {
  readonly number: number
  readonly ack: number
  readonly payload: Message
}

/** What a page shows to go on with a session. */
export type Held = Required<Pick<Hi, 'client' | 'session' | 'key' | 'received'>>

const newClient = (): string => randomBytes(16).toString('hex')

/** A page that wants a session, on one socket. It numbers what it says; what it has had it acknowledges only if told to. */
export class SessionPeer {
  readonly hi: Hi
  /** The number that it gave last. */
  sent = 0
  /** The number up to which it has received. */
  received: number
  /** The lone acks that came, and those on data frames. */
  readonly acks: number[] = []
  #ok: Ok | undefined
  #hasLeft = false

  constructor(
    readonly peer: Peer,
    hi: Partial<Hi>,
    token: string | undefined,
  ) {
    this.hi = { version: 1, client: newClient(), ...(token !== undefined && { token }), ...hi }
    this.received = this.hi.received ?? 0
  }

  sayHi(): void {
    this.peer.send({ hi: this.hi })
  }

  /** Says `bye`, if it has a session: the server forgets it. */
  leave(): void {
    if (this.#ok && !this.#hasLeft && !this.peer.closed) this.peer.send({ bye: {} })
    this.#hasLeft = true
  }

  get ok(): Ok {
    if (!this.#ok) throw new Failure('ok', 'none yet')
    return this.#ok
  }

  /** What it would resume with. */
  get held(): Held {
    const { session, key } = this.ok
    return { client: this.hi.client, session, key, received: this.received }
  }

  /** Expects `ok` next, with these members at least. */
  async expectOk(members: Partial<Ok> = {}): Promise<Ok> {
    const expected = Object.keys(members).length > 0 ? show({ ok: members }) : 'ok'
    const message = await this.peer.next(expected)
    const { ok } = readControl(String(message))
    if (!isOk(ok) || !fits(ok, members)) throw new Failure(expected, show(message))
    this.#ok = ok
    if (ok.resumed) this.sent = ok.received
    else this.received = 0
    return ok
  }

  /** Expects `no` next, and the close that it names. */
  async expectNo(codes: readonly number[]): Promise<void> {
    const expected = `no with ${codes.join(' or ')}`
    const message = await this.peer.next(expected)
    const { no } = readControl(String(message))
    const code = codes.find((wanted) => fits(no, { code: wanted }))
    if (code === undefined) throw new Failure(expected, show(message))
    await this.peer.expectClose([code])
  }

  /** Says the next message, or one of another number. */
  say(payload: Message | object, number = ++this.sent, ack = 0): void {
    const header = `${number} ${ack} `
    if (Buffer.isBuffer(payload)) this.peer.send(Buffer.concat([Buffer.from(header), payload]))
    else this.peer.send(header + (typeof payload === 'string' ? payload : JSON.stringify(payload)))
  }

  /** Says that it has handled all that it has received. */
  sayAck(ack = this.received): void {
    this.peer.send(`ack ${ack}`)
  }

  /** The next data frame. Lone acks before it are kept. */
  async next(expected: string, timeoutMs?: number): Promise<Heard> {
    for (;;) {
      const message = await this.peer.next(expected, timeoutMs)
      const heard = this.#read(message)
      if (heard) return heard
      if (heard === undefined) throw new Failure(expected, show(message))
    }
  }

  /** Expects this payload next: text, bytes, or what a JSON text has at least. */
  async expect(expected: Message | object): Promise<Heard> {
    const heard = await this.next(show(expected))
    const value = typeof expected === 'string' ? heard.payload : parse(heard.payload)
    if (!fits(value, expected)) throw new Failure(show(expected), show(heard.payload))
    return heard
  }

  /** Waits for an ack that says at least this. */
  async expectAck(ack: number, timeoutMs?: number): Promise<void> {
    while (Math.max(0, ...this.acks) < ack) {
      const message = await this.peer.next(`ack ${ack}`, timeoutMs)
      if (this.#read(message) === undefined) throw new Failure(`ack ${ack}`, show(message))
    }
  }

  /** Expects that all before has been handled, and gives the data frames that came until then. */
  async settle(): Promise<Heard[]> {
    const messages = await this.peer.settle()
    return messages.flatMap((message) => {
      const heard = this.#read(message)
      if (heard === undefined) throw new Failure('data frames and acks', show(message))
      return heard ?? []
    })
  }

  /** Loses the socket without a word. */
  cut(): Promise<void> {
    this.#hasLeft = true
    return this.peer.cut()
  }

  /** Reads a data frame; `null` for an ack, `undefined` for anything else. */
  #read(message: Message): Heard | null | undefined {
    const text = typeof message === 'string' ? message : message.toString('latin1')
    const lone = readAck(text)
    if (lone !== undefined) {
      this.acks.push(lone)
      return null
    }
    let heard: Heard | undefined
    readData(text, (number, ack, payload) => {
      this.acks.push(ack)
      if (number > this.received) this.received = number
      heard = {
        number,
        ack,
        payload: typeof message === 'string' ? String(payload) : Buffer.from(String(payload), 'latin1'),
      }
    })
    return heard
  }
}
