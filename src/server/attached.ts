import { isBye, readAck, readControl, readData } from '../protocol/session-frames.js'
import type { WireData } from '../protocol/wire.js'
import type { Link, Phase } from './line.js'
import type { Session } from './session.js'

/** A connection that a session uses. When the session leaves it, it is closed, and heard no more. */
export class Attached implements Phase {
  readonly #session: Session
  readonly #link: Link

  readonly departs = true

  constructor(session: Session, link: Link) {
    this.#session = session
    this.#link = link
  }

  hear(data: WireData, bytes: number): void {
    const isData = readData(data, (number, ack, payload) => {
      this.#session.keys.confirm()
      this.#session.receive(number, ack, payload, bytes)
    })
    if (!isData) this.#control(data)
  }

  beforeBeat(): void {
    this.#session.settle()
  }

  end(code: number, reason: string): void {
    this.#session.lost(this.#link, code, reason)
  }

  #control(data: WireData): void {
    const text = typeof data === 'string' ? data : ''
    const ack = readAck(text)
    const hasBye = ack === undefined && isBye(readControl(text).bye)
    if (ack === undefined && !hasBye) return this.#link.protocolError('a malformed frame of a session')
    this.#session.keys.confirm()
    if (hasBye) this.#session.farewell()
    else if (ack !== undefined) this.#session.acknowledge(ack)
  }
}
