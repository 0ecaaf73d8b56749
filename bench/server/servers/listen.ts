import { once } from 'node:events'
import type { Server } from 'node:http'

/** Clients that may wait to be accepted: they come by the thousand. */
const BACKLOG = 4_096

/** Listens on any free port of loopback; resolves with the port. */
export async function listen(http: Server): Promise<number> {
  http.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG })
  await once(http, 'listening')
  const address = http.address()
  if (typeof address !== 'object' || address === null) throw new Error('It does not listen.')
  return address.port
}
