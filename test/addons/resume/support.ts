/** A client with `resumable()` in the fake world, and the server's side of its session by hand. */
import { resumable } from '../../../src/addons/resume/index.js'
import { type Setup, sentBy, start, type World } from '../../core/support.js'

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

/** A client in a session that has its socket being opened. */
export const begin = (setup: Setup = {}): Promise<World> => start({ session: resumable(), ...setup })

/** Opens the newest socket and answers its `hi`. */
export async function greet({ socket, environment }: World, ok: Partial<typeof OK> & { why?: string } = {}) {
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
  session?: string
  key?: string
  received?: number
  [member: string]: unknown
} {
  return JSON.parse(String(socket.sent[0])).hi
}

/** Texts that the page sent on the newest socket after `hi`. */
export const said = ({ socket }: World): unknown[] => sentBy(socket).slice(1)
