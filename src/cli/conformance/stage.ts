import type { WebSocket } from 'ws'
import type { Hi } from '../../protocol/session-frames.js'
import { Failure } from './failure.js'
import { Peer } from './peer.js'
import { SessionPeer } from './session-peer.js'

/** The server under test. */
export interface Target {
  readonly url: string
  /** Credentials that let in; `undefined`: the server wants none. */
  readonly token: string | undefined
  /** How long the suite waits for what must come, in ms. */
  readonly timeoutMs: number
  /** The class of the package `ws`. */
  readonly WebSocket: typeof WebSocket
}

/** How long the sockets of a check may take to close, in ms. */
const CLOSE_MS = 500

const within = (ms: number, work: Promise<unknown>): Promise<unknown> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** Where one check takes place. What it opens ends with it. */
export class Stage {
  readonly peers: Peer[] = []
  readonly #sessions: SessionPeer[] = []
  #hasEnded = false

  constructor(readonly target: Target) {}

  /** A socket on which nothing has been said. */
  async open(): Promise<Peer> {
    const { url, timeoutMs, WebSocket } = this.target
    const socket = new WebSocket(url, { perMessageDeflate: false, handshakeTimeout: timeoutMs, maxPayload: 0 })
    const peer = new Peer(socket, timeoutMs)
    this.peers.push(peer)
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve)
      socket.once('error', (error) => reject(new Failure(`a WebSocket at ${url}`, error.message)))
    })
    if (this.#hasEnded) socket.terminate()
    return peer
  }

  /** A socket that is in on the plain wire. */
  async enter(): Promise<Peer> {
    const peer = await this.open()
    if (this.target.token !== undefined) {
      peer.send({ id: 0, method: 'auth', params: { token: this.target.token } })
      await peer.expectResult(0)
    }
    return peer
  }

  /** A socket whose `hi` has been answered with `ok`. */
  async greet(hi: Partial<Hi> = {}): Promise<SessionPeer> {
    const peer = await this.knock(hi)
    await peer.expectOk()
    return peer
  }

  /** A socket on which `hi` was said, and nothing yet has been answered. */
  async knock(hi: Partial<Hi> = {}): Promise<SessionPeer> {
    const peer = new SessionPeer(await this.open(), hi, this.target.token)
    this.#sessions.push(peer)
    peer.sayHi()
    return peer
  }

  /** A socket for a session on which this was said first. */
  async say(first: object): Promise<SessionPeer> {
    const peer = await this.open()
    peer.send(first)
    return new SessionPeer(peer, {}, undefined)
  }

  /** Ends its sessions and sockets. */
  async end(): Promise<void> {
    this.#hasEnded = true
    for (const session of this.#sessions) session.leave()
    const closing = this.peers.map(({ socket }) => {
      if (socket.readyState === socket.CLOSED) return undefined
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.close(1000)
      return closed
    })
    await within(CLOSE_MS, Promise.all(closing))
    for (const { socket } of this.peers) socket.terminate()
  }
}
