import { connect } from 'holdfast'
import type { App } from '../app.js'
import { fetchToken } from './identity.js'

let token: string | undefined

export type DemoClient = typeof client

export const client = connect<App>('/ws', {
  // The demo is impatient, so that there is something to see.
  openTimeoutMs: 5_000,
  backoff: { maxMs: 8_000 },
  auth: async (lastClose) => {
    if (token === undefined || lastClose?.code === 4401) token = await fetchToken()
    return token
  },
})
