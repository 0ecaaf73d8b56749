import type { ChatMessage, Person } from '../app.js'

/** A message as the page shows it. `fate` is for one's own. */
export interface Entry extends ChatMessage {
  fate: 'queued' | 'sent' | 'failed'
}

/** What has been said, as this page knows it. Messages are the same if their ids are, so nothing is in it twice. */
export class Conversation {
  private readonly entries = new Map<string, Entry>()
  private readonly readUpTo = new Map<string, number>()

  /** The server has this message: it was sent, or has come. */
  confirm(message: ChatMessage): void {
    this.entries.set(message.id, { ...message, fate: 'sent' })
  }

  /** A message of one's own that the server does not have yet. */
  queue(message: ChatMessage): void {
    this.entries.set(message.id, { ...message, fate: 'queued' })
  }

  /** It could not be sent. Nothing changes if the server turns out to have it. */
  fail(id: string): void {
    const entry = this.entries.get(id)
    if (entry?.fate === 'queued') entry.fate = 'failed'
  }

  /** Remembers how far people have read, also after they have left. */
  noteReaders(people: readonly Person[]): void {
    for (const { id, readUpTo } of people) {
      this.readUpTo.set(id, Math.max(readUpTo, this.readUpTo.get(id) ?? 0))
    }
  }

  /** How many others have read a message. */
  readersOf(message: ChatMessage): number {
    return [...this.readUpTo].filter(([id, upTo]) => id !== message.author && upTo >= message.at).length
  }

  /** In the order of the server; what it does not have yet comes last. */
  inOrder(): Entry[] {
    return [...this.entries.values()].sort(
      (a, b) => Number(a.fate !== 'sent') - Number(b.fate !== 'sent') || a.at - b.at,
    )
  }

  /** Time of the newest message that the server has; 0 without any. */
  newest(): number {
    return Math.max(0, ...[...this.entries.values()].filter(({ fate }) => fate === 'sent').map(({ at }) => at))
  }
}
