// live.ts
import { connect, type Explanation } from 'holdfast'
import { type Accessor, createSignal, from, onCleanup } from 'solid-js'
import type { App } from '../app.js'

/** Begins with the page, not with this module: a server that renders imports it too. */
export const client = connect<App>('/ws', { autoConnect: false })

/** What `client.explain()` says, as a signal. */
export const createStatus = (): Accessor<Explanation> =>
  from<Explanation>((set) => client.subscribe(() => set(client.getSnapshot())), client.getSnapshot())

/** Joins the lobby for as long as the component is there; all that is said in it, each message once. */
export function createLobby(): Accessor<readonly string[]> {
  const [messages, setMessages] = createSignal<readonly string[]>([])
  const lobby = client.channel('lobby', { join: true })
  const off = lobby.on('message', ({ text }) => setMessages((before) => [...before, text]))
  onCleanup(() => {
    off()
    lobby.leave().catch(() => {}) // without a connection there is nothing to leave
  })
  return messages
}
