/** Puts the state into words. */
import type { CloseInfo } from '../connection/close-codes.js'
import type { State } from '../connection/state.js'
import type { Explanation } from './public.js'

const WHY: { readonly [key: string]: string } = {
  start: 'Not started: call reconnect(), or pass environment.WebSocket if there is none.',
  address: 'Waiting for address and token.',
  socket: 'Waiting for the socket.',
  auth: 'Waiting for the handshake.',
  open: 'Connected.',
  retry: 'Waiting to try again.',
  'server-window': 'The server asked to wait.',
  page: 'The page is hidden or frozen.',
  closed: 'Closed.',
}

/** The state, one sentence for people, and how the last connection or attempt ended, where it did. */
export function explain(state: State, lastClose: CloseInfo | undefined): Explanation {
  const why = WHY['waitingFor' in state ? state.waitingFor : state.status]
  if (!lastClose) return { ...state, why: `${why}` }
  const { code, reason } = lastClose
  const last = state.status === 'open' ? '' : ` Last close: ${code} ${reason || (code === 1006 ? '(network)' : '')}`
  return { ...state, why: `${why}${last.trimEnd()}`, lastClose }
}
