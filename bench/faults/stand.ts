/** What each measure here is given, and the server that it starts for one library. */
import type { HostClient, RunningHost } from '../hosts/host.js'
import { HOSTS } from '../hosts/index.js'
import type { FaultArguments, FaultResult, FaultTaskName } from '../page/faults.js'
import { numbered } from '../page/numbered.js'
import type { Peer } from '../peers/peer.js'

export interface Job<Name extends FaultTaskName> {
  readonly task: Name
  readonly args: FaultArguments<Name>
  readonly url: string
  readonly limitMs: number
  readonly onMark?: (name: string) => void
}

/** Runs a task in a page of its own, with one library: a file of `bench/peers`. */
export type RunTask = <Name extends FaultTaskName>(peer: string, job: Job<Name>) => Promise<FaultResult<Name>>

/** The server of one library, in this process. */
export interface Stand {
  readonly port: number
  /** To the client that came last. */
  say(n: number): void
  close(): Promise<void>
}

export interface StandOptions {
  /** In place of the server that the library speaks with by itself. */
  host?: string
  /** For a server that decides on the heartbeat. Default: its own. */
  heartbeatMs?: number
}

/** `onHeard` is called with the number of each message that comes from the page. */
export async function openStand(
  peer: string,
  onHeard: (n: number) => void,
  { host, heartbeatMs }: StandOptions = {},
): Promise<Stand> {
  const start = HOSTS[host ?? (await hostOf(peer))]
  if (!start) throw new Error(`There is no server for ${peer}.`)
  let latest: HostClient | undefined
  const { port, close }: RunningHost = await start(
    {
      onClient(client) {
        latest = client
      },
      onMessage: ({ n }) => onHeard(n),
      onBytes() {},
    },
    heartbeatMs,
  )
  return { port, say: (n) => latest?.send(numbered(n)), close }
}

async function hostOf(peer: string): Promise<string> {
  const { default: found }: { default: Peer } = await import(`../peers/${peer}.ts`)
  return found.host
}
