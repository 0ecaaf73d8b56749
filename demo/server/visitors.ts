import { randomUUID } from 'node:crypto'
import type { Person } from '../app.js'
import { LIMITS } from '../app.js'
import { refusal, textOf } from './input.js'

/** Tokens kept; the oldest goes first, and its page fetches another. */
const MAX_TOKENS = 1_000

/** A person with a token: the subject of a connection. */
export class Visitor implements Person {
  readUpTo = 0

  constructor(
    readonly id: string,
    public name: string,
  ) {}
}

/** Gives tokens to whoever asks, under the name they say: this is a demo, and no one's secrets are in it. */
export class Visitors {
  private readonly byToken = new Map<string, Visitor>()

  /** A token for a person. Throws a refusal if the id or the name makes no sense. */
  issue(id: unknown, name: unknown): string {
    const token = randomUUID()
    this.byToken.set(token, new Visitor(textOf(id, LIMITS.name, 'person'), textOf(name, LIMITS.name, 'name')))
    const oldest = this.byToken.keys().next()
    if (this.byToken.size > MAX_TOKENS && !oldest.done) this.byToken.delete(oldest.value)
    return token
  }

  /** Whose token it is. Throws a refusal for a token that is unknown or has expired. */
  check(token: unknown): Visitor {
    const visitor = typeof token === 'string' ? this.byToken.get(token) : undefined
    if (!visitor) throw refusal('token_expired', 'This token is not valid any more: fetch a new one from /token.')
    return visitor
  }

  expireAll(): void {
    this.byToken.clear()
  }
}

/** The person behind a connection. */
export function visitorOf(context: { readonly subject: unknown }): Visitor {
  if (context.subject instanceof Visitor) return context.subject
  throw refusal('no_token', 'Authenticate first.')
}
