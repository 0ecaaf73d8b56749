import type { IncomingMessage } from 'node:http'
import { readControl } from '../protocol/session-frames.js'
import type { WireData } from '../protocol/wire.js'
import { Handshake } from './handshake.js'
import type { House } from './house.js'
import type { Link, Phase } from './line.js'
import { speakPlain } from './plain.js'
import type { SessionBook } from './session-book.js'

/** A connection on which nothing has been said: its first message decides what is spoken (P9.1). */
class Opening implements Phase {
  readonly #link: Link
  readonly #request: IncomingMessage
  readonly #house: House
  readonly #sessions: SessionBook

  constructor(link: Link, request: IncomingMessage, house: House, sessions: SessionBook) {
    this.#link = link
    this.#request = request
    this.#house = house
    this.#sessions = sessions
  }

  hear(data: WireData, bytes: number): void {
    const { hi } = readControl(data)
    const next =
      hi === undefined
        ? speakPlain(this.#link, this.#request, this.#house)
        : this.#link.become(new Handshake(this.#link, this.#request, this.#house, this.#sessions))
    // An `onConnect` may have closed it.
    if (!this.#link.isGone) next.hear(data, bytes)
  }

  /** No page that wants a session answers a ping before it has said `hi`. */
  heardBeat(): void {
    speakPlain(this.#link, this.#request, this.#house)
  }

  expire(): void {
    this.#link.refuse(4401, 'authentication timed out')
  }

  /** Nobody is in yet. */
  end(): void {}
}

/** Begins a connection. A server without sessions has nothing to wait for. */
export function begin(link: Link, request: IncomingMessage, house: House, sessions: SessionBook | undefined): void {
  if (sessions) link.become(new Opening(link, request, house, sessions))
  else speakPlain(link, request, house)
}
