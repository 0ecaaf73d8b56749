/**
 * A server of sessions that is as small as can be: it keeps numbers, acknowledges when it is told to, and writes down
 * what it has handled. It reads a socket only as far as it is told to, so that what is cut off is lost. What the page
 * may not do is in `offences`.
 */
import { type Hi, readData } from '../../../src/protocol/session-frames.js'
import type { FakeEnvironment } from '../../../src/testing/fake-environment.js'
import type { FakeWebSocket } from '../../../src/testing/fake-web-socket.js'
import { OK } from './support.js'

interface ServerSession {
  readonly id: string
  /** The newest, and those before it until a frame of the page proves that it has that (P11.7). */
  keys: string[]
  attempt: number
  received: number
  acked: number
  sent: number
  readonly kept: { readonly number: number; readonly payload: string }[]
  /** Requests without their answer. */
  readonly open: Map<number, string>
  readonly members: Set<string>
  socket: FakeWebSocket | undefined
}

interface Reading {
  read: number
  session: ServerSession | undefined
  said: 'nothing' | 'hi' | 'bye'
}

export class HonestServer {
  /** Raw messages and events of the page, in the order in which they were handled. */
  readonly handled: string[] = []
  /** How often each request was run, by method. */
  readonly runs = new Map<string, number>()
  readonly offences: string[] = []
  private readonly sessions = new Map<string, ServerSession>()
  private readonly readings = new Map<FakeWebSocket, Reading>()
  private readonly answers = new Map<string, unknown>()
  private made = 0
  private messages = 0

  constructor(private readonly environment: FakeEnvironment) {}

  /** The session whose socket is open. */
  get present(): ServerSession | undefined {
    return [...this.sessions.values()].find(({ socket }) => socket?.readyState === 1)
  }

  /** Handles up to so many frames of what the page has sent on each socket that it still hears. */
  read(most: number): void {
    for (const socket of this.environment.sockets) {
      const reading = this.readings.get(socket) ?? { read: 0, session: undefined, said: 'nothing' }
      this.readings.set(socket, reading)
      for (let i = 0; i < most && reading.read < socket.sent.length; i++) {
        const isFenced = reading.session && reading.session.socket !== socket
        const frame = String(socket.sent[reading.read++])
        if (!isFenced && socket.readyState < 3) this.take(socket, reading, frame)
      }
    }
  }

  /** Sends a message of its own, if there is a session; without a socket it is kept. */
  send(session = [...this.sessions.values()].at(-1)): void {
    if (session) this.write(session, `from server ${++this.messages}`)
  }

  acknowledge(): void {
    const { present } = this
    if (present) this.text(present.socket, `ack ${present.received}`)
  }

  /** Answers one open request. */
  answer(session = this.present): void {
    for (const [id, method] of [...(session?.open ?? [])].slice(0, 1)) {
      session?.open.delete(id)
      if (session) this.write(session, JSON.stringify({ id, result: `done: ${method}` }))
    }
  }

  /** The server dies, and all that it knew but the answers to idempotent requests. */
  forget(): void {
    this.sessions.clear()
    for (const [socket, { session }] of this.readings) {
      if (session) session.socket = undefined
      if (socket.readyState === 1) socket.cut()
    }
  }

  /** A planned restart is announced. */
  sayBye(resume: boolean): void {
    this.text(this.present?.socket, JSON.stringify({ bye: { resume, window: { minMs: 0, maxMs: 100 } } }))
    const { present } = this
    if (present) this.farewell.set(present, resume)
  }
  private readonly farewell = new Map<ServerSession, boolean>()

  private take(socket: FakeWebSocket, reading: Reading, frame: string): void {
    if (frame === 'pong') return
    if (frame === 'ping') return this.text(socket, 'pong')
    if (reading.said === 'nothing') return this.greet(socket, reading, JSON.parse(frame).hi)
    const { session } = reading
    if (!session) return
    session.keys = session.keys.slice(-1)
    if (frame.startsWith('ack ')) return this.takeAck(session, Number(frame.slice(4)))
    if (frame === '{"bye":{}}') return this.takeBye(socket, reading, session)
    if (reading.said === 'bye') this.offences.push(`after bye: ${frame}`)
    const isData = readData(frame, (number, ack, payload) => {
      this.takeAck(session, ack)
      if (!number) return
      if (number !== session.received + 1) this.offences.push(`${number} after ${session.received}: ${payload}`)
      session.received = number
      this.handle(session, String(payload))
    })
    if (!isData) this.offences.push(`no frame: ${frame}`)
  }

  private greet(socket: FakeWebSocket, reading: Reading, hi: Partial<Hi> | undefined): void {
    if (!hi) return void this.offences.push('something before hi')
    const known = this.sessions.get(hi.session ?? '')
    const { received = 0 } = hi
    if (known && (hi.attempt ?? 0) <= known.attempt) return socket.serverClose(4001)
    const isResumed = !!known && known.keys.includes(hi.key ?? '') && received >= known.acked && received <= known.sent
    if (known && !isResumed) this.offences.push(`hi from ${received}, acked ${known.acked}, sent ${known.sent}`)
    const session = isResumed ? known : this.makeSession()
    session.keys.push(`key-${++this.made}`)
    session.attempt = hi.attempt ?? 0
    session.socket = socket
    Object.assign(reading, { session, said: 'hi' })
    const { id, keys, sent } = session
    this.text(
      socket,
      JSON.stringify({
        ok: {
          ...OK,
          session: id,
          key: keys.at(-1),
          resumed: isResumed,
          received: session.received,
          sent,
          why: 'unknown',
        },
      }),
    )
    if (isResumed)
      for (const { number, payload } of session.kept)
        if (number > received) this.text(socket, `${number} ${session.received} ${payload}`)
  }

  private makeSession(): ServerSession {
    const id = `session-${++this.made}`
    const session: ServerSession = {
      id,
      keys: [],
      attempt: 0,
      received: 0,
      acked: 0,
      sent: 0,
      kept: [],
      open: new Map(),
      members: new Set(),
      socket: undefined,
    }
    this.sessions.set(id, session)
    return session
  }

  private takeAck(session: ServerSession, ack: number): void {
    if (ack > session.sent) this.offences.push(`ack ${ack} of ${session.sent}`)
    session.acked = Math.max(session.acked, ack)
    while ((session.kept[0]?.number ?? ack + 1) <= ack) session.kept.shift()
  }

  private takeBye(socket: FakeWebSocket, reading: Reading, session: ServerSession): void {
    const resume = this.farewell.get(session)
    if (resume === undefined || reading.said === 'bye') return void this.sessions.delete(session.id)
    reading.said = 'bye'
    while (session.open.size) this.answer(session)
    this.text(socket, `ack ${session.received}`)
    this.text(socket, '{"bye":{"done":true}}')
    if (!resume) this.sessions.delete(session.id)
  }

  private handle(session: ServerSession, payload: string): void {
    if (!payload.startsWith('{')) return void this.handled.push(payload)
    const { id, method, params, key, cancel, event } = JSON.parse(payload)
    if (event) this.handled.push(payload)
    else if (cancel) session.open.delete(id)
    else if (method === 'join' || method === 'leave') {
      if (method === 'join') session.members.add(params.channel)
      else session.members.delete(params.channel)
      this.write(session, JSON.stringify({ id, result: method }))
    } else if (key && this.answers.has(key)) this.write(session, JSON.stringify({ id, result: this.answers.get(key) }))
    else {
      if (session.open.has(id)) this.offences.push(`request ${id} twice`)
      this.runs.set(method, (this.runs.get(method) ?? 0) + 1)
      if (key) this.answers.set(key, `done: ${method}`)
      session.open.set(id, method)
    }
  }

  private write(session: ServerSession, payload: string): void {
    session.kept.push({ number: ++session.sent, payload })
    this.text(session.socket, `${session.sent} ${session.received} ${payload}`)
  }

  private text(socket: FakeWebSocket | undefined, text: string): void {
    if (socket?.readyState === 1) socket.serverSend(text)
  }
}
