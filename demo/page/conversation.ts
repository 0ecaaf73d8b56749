import type { ChatMessage, Person } from '../app.js'

/** What became of a message of one's own. `waiting`: the server has not acknowledged it. */
export type Fate = 'waiting' | 'sent' | 'refused' | 'unknown'

/** A message as the page shows it. */
export interface Entry extends ChatMessage {
  fate: Fate
  /** Why it was refused. */
  why?: string
}

/** A line about the connection, where it stands in the conversation. */
export interface Note {
  id: string
  /** The message that it comes after, by its time. */
  at: number
  note: string
}

/** What has been said, as this page knows it. Messages are the same if their ids are, so nothing is in it twice. */
export class Conversation {
  private readonly entries = new Map<string, Entry>()
  private readonly notes: Note[] = []
  private readonly readUpTo = new Map<string, number>()

  /** The server has this message: it has come. */
  confirm(message: ChatMessage): void {
    this.entries.set(message.id, { ...message, fate: 'sent' })
  }

  /** A message of one's own is on its way. */
  queue(message: ChatMessage): void {
    this.entries.set(message.id, { ...message, fate: 'waiting' })
  }

  /** The fate of a message of one's own. Nothing changes if it is known already. */
  settle(id: string, fate: Fate, why = ''): void {
    const entry = this.entries.get(id)
    if (entry?.fate === 'waiting') Object.assign(entry, { fate, why })
  }

  /** Says something of the connection, here and now. */
  note(note: string): void {
    this.notes.push({ id: `note ${this.notes.length}`, at: this.newest(), note })
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
  inOrder(): (Entry | Note)[] {
    const isPending = (item: Entry | Note): number => Number('fate' in item && item.fate !== 'sent')
    return [...this.entries.values(), ...this.notes].sort((a, b) => isPending(a) - isPending(b) || a.at - b.at)
  }

  /** Messages of others after a time. */
  countSince(at: number, me: string): number {
    return [...this.entries.values()].filter((entry) => entry.author !== me && entry.at > at).length
  }

  /** Time of the newest message that the server has; 0 without any. */
  newest(): number {
    return Math.max(0, ...[...this.entries.values()].filter(({ fate }) => fate === 'sent').map(({ at }) => at))
  }
}
