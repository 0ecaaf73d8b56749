/** Windows that a server names, and which to name. */
import type { ReconnectWindow } from '../../src/protocol/window.js'
import type { Outage } from './server.js'

export interface Windows {
  /** In its last word, before it goes. */
  readonly goodbye?: ReconnectWindow
  /** To whom it refuses, once it is back. */
  readonly refusal?: ReconnectWindow
}

/** A quarter more than the crowd takes at best: chance puts more into one second than into another. */
const ROOM = 1.25

/** In how many ms a crowd should come. */
export const spreadMs = ({ clients, perSecond }: Outage): number => Math.ceil((ROOM * clients * 1000) / perSecond)

/** Of a server that knows how long it will be away. */
export function windowsOf(outage: Outage): Windows {
  const refusal = { minMs: 0, maxMs: spreadMs(outage) }
  return { goodbye: { minMs: outage.awayMs, maxMs: outage.awayMs + refusal.maxMs }, refusal }
}

/** Of one that fell, and has said nothing before. */
export const refusalOnly = (outage: Outage): Windows => ({ refusal: { minMs: 0, maxMs: spreadMs(outage) } })
