import { connect } from 'holdfast'
import { resumable } from 'holdfast/resume'
import type { App } from '../app.js'
import { fetchToken } from './identity.js'

let token: string | undefined

// Said before the client hears of it: it keeps its session for a page that may come back, and this one does not.
addEventListener('pagehide', ({ persisted }) => persisted || client.close(), { capture: true })

export type DemoClient = typeof client

export const client = connect<App>('/ws', {
  session: resumable(),
  // The demo is impatient, so that there is something to see.
  openTimeoutMs: 5_000,
  backoff: { maxMs: 8_000 },
  auth: async (lastClose) => {
    if (token === undefined || lastClose?.code === 4401) token = await fetchToken()
    return token
  },
})
