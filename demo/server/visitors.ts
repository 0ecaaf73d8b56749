import { randomUUID } from 'node:crypto'
import type { Person } from '../app.js'
import { LIMITS } from '../app.js'
import { refusal, textOf } from './input.js'

/** Tokens and people remembered; the oldest goes first, and its page fetches another token. */
const MAX_REMEMBERED = 1_000

/** A person, whatever the token: the subject of a session, which goes on for the same one only. */
export class Visitor implements Person {
  name = ''
  readUpTo = 0

  constructor(readonly id: string) {}
}

/** Gives tokens to whoever asks, under the name they say: this is a demo, and no one's secrets are in it. */
export class Visitors {
  private readonly byId = new Map<string, Visitor>()
  private readonly byToken = new Map<string, Visitor>()

  /** A token for a person. Throws a refusal if the id or the name makes no sense. */
  issue(id: unknown, name: unknown): string {
    const visitor = this.find(textOf(id, LIMITS.name, 'person'))
    visitor.name = textOf(name, LIMITS.name, 'name')
    const token = randomUUID()
    remember(this.byToken, token, visitor)
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

  private find(id: string): Visitor {
    const visitor = this.byId.get(id) ?? new Visitor(id)
    this.byId.delete(id)
    remember(this.byId, id, visitor)
    return visitor
  }
}

function remember(map: Map<string, Visitor>, key: string, visitor: Visitor): void {
  map.set(key, visitor)
  const oldest = map.keys().next()
  if (map.size > MAX_REMEMBERED && !oldest.done) map.delete(oldest.value)
}

/** The person behind a connection. */
export function visitorOf(context: { readonly subject: unknown }): Visitor {
  if (context.subject instanceof Visitor) return context.subject
  throw refusal('no_token', 'Authenticate first.')
}
