import type { Position } from '../protocol/frames.js'
import type { Wire } from '../protocol/wire.js'
import type { Histories } from './histories.js'
import { encodeFrame, type Message } from './message.js'

/** How often a state is asked for, when the history is too short to bridge the time that it takes. */
const MAX_STATES = 3

/** Where a client enters, and what is sent to it after the answer. */
export interface Entry {
  readonly position: Position & { readonly recovered: boolean }
  readonly messages: readonly Message[]
}

/** A client at the door of a channel with history. */
export interface Visitor {
  readonly channel: string
  /** Where it says that it was. */
  readonly since: Position | undefined
  readonly page: string | undefined
  /** What the app has to say of the channel as it is now. */
  readonly getState: (() => unknown) | undefined
  /** Lets it in. Called in the moment for which the entry is true: an event is either in it or comes later. */
  enter(entry: Entry): void
}

/** Works out what a client has missed (P13.5 to P13.7). Throws what `getState` throws. */
export async function catchUp(histories: Histories, wire: Wire, visitor: Visitor): Promise<void> {
  const { channel, since, page, getState, enter } = visitor
  const recovered = since && histories.since(channel, since, page)
  if (recovered) return enter({ position: { ...histories.position(channel), recovered: true }, messages: recovered })
  for (let states = 0; states < MAX_STATES; states++) {
    const position = { ...histories.position(channel), recovered: false }
    if (!getState) return enter({ position, messages: [] })
    const state = encodeFrame(wire, { channel, event: 'state', data: await getState() })
    const missed = histories.since(channel, position, page)
    if (missed) return enter({ position, messages: [state, ...missed] })
  }
  throw new Error(`${channel}.getState takes longer than the history of the channel reaches back`)
}
