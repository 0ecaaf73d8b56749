// signals.ts
import { DestroyRef, inject, type Signal, signal } from '@angular/core'
import { connect, type Explanation } from 'holdfast'
import type { App } from '../app.js'

/** Begins with the page, not with this module: a server that renders imports it too. */
export const client = connect<App>('/ws', { autoConnect: false })

/** What `client.explain()` says, as a signal. */
export function injectStatus(): Signal<Explanation> {
  const status = signal(client.getSnapshot())
  inject(DestroyRef).onDestroy(client.subscribe(() => status.set(client.getSnapshot())))
  return status.asReadonly()
}

/** Joins the lobby for as long as the component is there; all that is said in it, each message once. */
export function injectLobby(): Signal<readonly string[]> {
  const messages = signal<readonly string[]>([])
  const lobby = client.channel('lobby', { join: true })
  const off = lobby.on('message', ({ text }) => messages.update((before) => [...before, text]))
  inject(DestroyRef).onDestroy(() => {
    off()
    lobby.leave().catch(() => {}) // without a connection there is nothing to leave
  })
  return messages.asReadonly()
}
