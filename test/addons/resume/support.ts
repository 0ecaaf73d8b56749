/** A client with `resumable()` in the fake world, and the server's side of its session by hand. */
import { resumable } from '../../../src/addons/resume/index.js'
import type { ClientEvents } from '../../../src/core/client/public.js'
import { type Setup, sentBy, serverSays, start, type World } from '../../core/support.js'

export const OK = {
  session: 'session-1',
  key: 'key-1',
  epoch: 'epoch-1',
  resumed: false,
  received: 0,
  sent: 0,
  ttlMs: 300_000,
  pingMs: 15_000,
  maxPayload: 1_000_000,
}

type Answer = Partial<typeof OK> & { why?: string; window?: object }

/** A client in a session that has its socket being opened. */
export const begin = (setup: Setup = {}): Promise<World> => start({ session: resumable(), ...setup })

/** Opens the newest socket and answers its `hi`. */
export async function greet({ socket, environment }: World, ok: Answer = {}): Promise<void> {
  socket.accept()
  socket.serverSend(JSON.stringify({ ok: { ...OK, ...ok } }))
  await environment.settle()
}

/** A client in a session that is open. */
export async function openSession(setup?: Setup): Promise<World> {
  const world = await begin(setup)
  await greet(world)
  return world
}

/** Cuts the connection and lets the client dial again, up to the newest socket being opened. */
export async function cutAndDial({ socket, client, environment }: World): Promise<void> {
  if (socket.readyState < 3) socket.cut()
  client.reconnect()
  await environment.settle()
}

/** What the page said in its `hi` on the newest socket. */
export function hiOf({ socket }: World): {
  client?: string
  session?: string
  key?: string
  received?: number
  [member: string]: unknown
} {
  return JSON.parse(String(socket.sent[0])).hi
}

/** Texts that the page sent on the newest socket after `hi`. */
export const said = ({ socket }: World): unknown[] => sentBy(socket).slice(1)

/** The server sends a message with a number, and an ack. */
export const serverData = ({ socket }: World, number: number, payload: unknown, ack = 0): void =>
  socket.serverSend(`${number} ${ack} ${typeof payload === 'string' ? payload : JSON.stringify(payload)}`)

/** Cuts the connection, and resumes the session as the server has it. */
export async function resume(world: World, ok: Answer = {}): Promise<void> {
  await cutAndDial(world)
  await greet(world, { resumed: true, ...ok })
}

/** Cuts the connection, and comes back to a server that has forgotten the session. */
export async function loseSession(world: World, why = 'unknown'): Promise<void> {
  await cutAndDial(world)
  await greet(world, { session: 'session-2', key: 'key-2', why })
}

/** What the client tells, in order, by name. */
export function eventsOf({ client }: World, ...names: (keyof ClientEvents)[]): [name: string, event: unknown][] {
  const events: [string, unknown][] = []
  for (const name of names) client.on(name, (event) => events.push([name, event]))
  return events
}

/** The server says that it will go; the moment comes, and the page opens a second socket. Gives the first. */
export async function sayBye(world: World, bye: object = { resume: true }): Promise<World['socket']> {
  const { socket, environment } = world
  serverSays(socket, { bye: { window: { minMs: 0, maxMs: 0 }, ...bye } })
  await environment.advance(1)
  return socket
}

/** The payload of a data frame, as an object where it is one, without the key that it may have. */
export function withoutKey(frame: unknown): unknown {
  const [, json] = /^\d+ \d+ (\{.*)$/.exec(String(frame)) ?? []
  return json ? { ...JSON.parse(json), key: undefined } : frame
}
