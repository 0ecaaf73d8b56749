import type { IncomingMessage } from 'node:http'
import type { WireData } from '../protocol/wire.js'
import { Client } from './client.js'
import { Greeting } from './greeting.js'
import type { House } from './house.js'
import type { Link, Phase } from './line.js'

/** A client that is in on the plain wire: it lives as long as its connection. */
class Plain implements Phase {
  readonly #link: Link
  readonly #client: Client

  constructor(link: Link, client: Client) {
    this.#link = link
    this.#client = client
  }

  hear(data: WireData, bytes: number): void {
    if (this.#client.conversation.admits(bytes)) void this.#client.hear(data, bytes)
    else this.#link.flooded('too many messages waiting')
  }

  end(code: number, reason: string): void {
    this.#client.end(code, reason)
  }
}

/** Speaks the plain wire from now on, with `auth` first where there is one. */
export function speakPlain(link: Link, request: IncomingMessage, house: House): Phase {
  const enter = (subject: unknown): Phase => {
    const client = new Client(link.id, { page: undefined, subject, asked: 0 }, link, house)
    const plain = link.admit(new Plain(link, client))
    client.enter()
    return plain
  }
  return house.settings.auth ? link.become(new Greeting(link, request, house.settings, enter)) : enter(undefined)
}
