/** What hundreds of reconnects leave behind in a page. */
import type { Absent } from '../page/context.js'
import type { Reconnects, ReconnectsArguments } from '../page/reconnects.js'
import { openStand, type RunTask } from './stand.js'
import { openWay } from './way.js'

const LIMIT_MS = 120_000

export interface Left extends Reconnects {
  /** The most connections that the network had at a time when one had just opened. */
  readonly connections: number
}

export async function measureReconnects(
  runTask: RunTask,
  peer: string,
  args: ReconnectsArguments,
): Promise<Left | Absent> {
  let expected = 0
  let connections = 0
  const stand = await openStand(peer, (n) => {
    if (n !== ++expected) throw new Error(`${peer}: opening ${n} came as number ${expected}`)
    connections = Math.max(connections, way.connections)
    way.cut()
  })
  const way = await openWay(stand.port)
  try {
    const result = await runTask(peer, {
      task: 'reconnects',
      args,
      url: way.url,
      limitMs: LIMIT_MS,
    })
    return result === 'absent' ? result : { ...result, connections }
  } finally {
    await way.close()
    await stand.close()
  }
}
