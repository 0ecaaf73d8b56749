import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** A name that nobody can guess, with 128 bits of chance. `kind` tells a reader of a log what it names. */
export const randomName = (kind: string): string => kind + randomBytes(16).toString('base64url')

const hash = (key: string): Buffer => createHash('sha256').update(key).digest()

/**
 * The keys of one session (P11.7), as hashes: the newest, and the one before until the page has surely seen the newest.
 */
export class Keys {
  #newest: Buffer
  #previous: Buffer | undefined

  /** `hashes`, in base64: those of a session that another server kept. */
  constructor([newest, previous]: readonly string[] = []) {
    // Without a key yet, of something that nobody knows.
    this.#newest = newest === undefined ? randomBytes(32) : Buffer.from(newest, 'base64')
    this.#previous = previous === undefined ? undefined : Buffer.from(previous, 'base64')
  }

  get hashes(): string[] {
    const valid = this.#previous ? [this.#newest, this.#previous] : [this.#newest]
    return valid.map((key) => key.toString('base64'))
  }

  /** Whether a key is valid; takes as long for a wrong one as for a right one. */
  match(key: string): boolean {
    const shown = hash(key)
    const isNewest = timingSafeEqual(shown, this.#newest)
    const isPrevious = timingSafeEqual(shown, this.#previous ?? this.#newest)
    return isNewest || isPrevious
  }

  /** Gives a new key. The one that was shown stays valid until `confirm`: the page may never see the new one. */
  renew(shown?: string): string {
    const key = randomName('k')
    this.#previous = shown === undefined ? undefined : hash(shown)
    this.#newest = hash(key)
    return key
  }

  /** The page has spoken in the session: it has the newest key. */
  confirm(): void {
    this.#previous = undefined
  }
}
