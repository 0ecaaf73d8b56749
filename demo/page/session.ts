import type { DemoClient } from './client.js'
import { byId } from './dom.js'
import { words } from './words/index.js'

/** How often the line is looked after, in ms. */
const LOOK_MS = 250

/** Shows how the session is, and says by `note` what became of it. */
export function startSession(client: DemoClient, note: (line: string) => void): void {
  let server: number | undefined
  let resumed = 0
  let awaySince: number | undefined = Date.now()

  const draw = (): void => {
    if (client.status === 'open') awaySince = undefined
    else awaySince ??= Date.now()
    show(
      'session-state',
      awaySince === undefined ? words.session.connected : words.session.away(Date.now() - awaySince),
    )
    show('session-server', server ?? '–')
    show('session-queued', client.stats.queuedMessages)
    show('session-unacknowledged', client.stats.unacknowledged)
    show('session-resumed', resumed)
    show('session-duplicates', client.stats.duplicates)
  }

  client.on('resumed', (event) => {
    resumed++
    note(words.session.resumed(event))
  })
  client.on('sessionlost', (event) => note(words.session.lost(event)))
  client.on('gap', (event) => {
    // Without a channel it belongs to a session that is lost, and has been said with it.
    if (event.channel !== undefined) note(words.session.gap(event))
  })
  client.channel('chat').on('server', (number) => {
    if (server !== undefined && server !== number) note(words.session.server(number))
    server = number
  })
  client.subscribe(draw)
  setInterval(draw, LOOK_MS)
  draw()
}

const show = (id: string, value: string | number): void => {
  byId(id, HTMLElement).textContent = String(value)
}
