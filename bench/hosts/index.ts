import { start as birpc } from './birpc.js'
import { start as capnweb } from './capnweb.js'
import type { HostEvents, RunningHost } from './host.js'
import { start as phoenix } from './phoenix.js'
import { start as rpcWebSockets } from './rpc-websockets.js'
import { start as session } from './session.js'
import { start as socketIo } from './socket-io.js'
import { start as text } from './text.js'

/** `heartbeatMs` is for servers that decide on the heartbeat, and means what it means for a peer. */
type Start = (events: HostEvents, heartbeatMs?: number) => Promise<RunningHost>

/** By the name that a peer gives as `host`. */
export const HOSTS: Readonly<Record<string, Start>> = {
  text,
  session,
  'socket-io': socketIo,
  'rpc-websockets': rpcWebSockets,
  birpc,
  capnweb,
  phoenix,
}
