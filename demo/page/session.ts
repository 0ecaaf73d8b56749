import type { ClientEvents } from 'holdfast'
import type { DemoClient } from './client.js'
import { byId } from './dom.js'

/** How often the line is looked after, in ms. */
const LOOK_MS = 250

/** Shows how the session is, and says by `note` what became of it. */
export function startSession(client: DemoClient, note: (words: string) => void): void {
  let server: number | undefined
  let resumed = 0
  let awaySince: number | undefined = Date.now()

  const draw = (): void => {
    if (client.status === 'open') awaySince = undefined
    else awaySince ??= Date.now()
    show('session-state', awaySince === undefined ? 'connected' : `away for ${seconds(Date.now() - awaySince)}`)
    show('session-server', server ?? '–')
    show('session-queued', client.stats.queuedMessages)
    show('session-unacknowledged', client.stats.unacknowledged)
    show('session-resumed', resumed)
    show('session-duplicates', client.stats.duplicates)
  }

  client.on('resumed', (event) => {
    resumed++
    note(resumedWords(event))
  })
  client.on('sessionlost', (event) => note(lostWords(event)))
  client.on('gap', (event) => {
    // Without a channel it belongs to a session that is lost, and has been said with it.
    if (event.channel !== undefined) note(gapWords(event))
  })
  client.channel('chat').on('server', (number) => {
    if (server !== undefined && server !== number) note(`Now with server ${number}.`)
    server = number
  })
  client.subscribe(draw)
  setInterval(draw, LOOK_MS)
  draw()
}

const show = (id: string, value: string | number): void => {
  byId(id, HTMLElement).textContent = String(value)
}

export const resumedWords = ({ replayed, missedMs }: ClientEvents['resumed']): string =>
  `Resumed after ${seconds(missedMs)}, ${replayed === 0 ? 'nothing to replay' : `${count(replayed, 'message')} replayed`}.`

const WHY_LOST: Readonly<Record<ClientEvents['sessionlost']['why'], string>> = {
  unknown: 'the server has forgotten it',
  expired: 'this page was away for too long',
  overflow: 'this page read too slowly',
  subject: 'it belongs to somebody else',
  position: 'the two ends did not agree on where they were',
  fenced: 'another page has taken it over',
  protocol: 'the server said something impossible',
  closed: 'the server has ended it',
}

export function lostWords({ why, unknown }: ClientEvents['sessionlost']): string {
  const mine =
    unknown === 0 ? 'Nothing from here is in doubt' : `${count(unknown, 'message')} from here may have arrived or not`
  return `Session lost: ${WHY_LOST[why]}. ${mine}; what it sent meanwhile may be missing.`
}

export function gapWords({ from, to, why }: ClientEvents['gap']): string {
  if (to !== undefined) {
    const missing = to - from + 1
    return `${count(missing, 'event')} of the chat ${missing === 1 ? 'is' : 'are'} missing: that far back the server does not reach. It has sent the last messages anew.`
  }
  const cause = why === 'epoch' ? 'the server was restarted and has forgotten' : 'the server does not say'
  return `Some of the chat may be missing: ${cause} what happened meanwhile. It has sent the last messages anew.`
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`
const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`
