import type { Peer } from './peer.js'

const NOBODY: ReadonlySet<Peer> = new Set()

/** Who is in which channel. A channel is there as long as it has a member. */
export class ChannelBook {
  readonly #members = new Map<string, Set<Peer>>()

  /** Channels with a member. */
  get size(): number {
    return this.#members.size
  }

  members(channel: string): ReadonlySet<Peer> {
    return this.#members.get(channel) ?? NOBODY
  }

  enter(channel: string, peer: Peer): void {
    const members = this.#members.get(channel) ?? new Set()
    this.#members.set(channel, members.add(peer))
    peer.channels.add(channel)
  }

  exit(channel: string, peer: Peer): void {
    peer.channels.delete(channel)
    const members = this.#members.get(channel)
    members?.delete(peer)
    if (members?.size === 0) this.#members.delete(channel)
  }
}
