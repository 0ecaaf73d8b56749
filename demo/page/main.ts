import { connect } from 'holdfast'
import type { App } from '../app.js'
import { startAnalyse } from './analyse.js'
import { startAsk } from './ask.js'
import { startChat } from './chat.js'
import { startGoingOn } from './going-on.js'
import { fetchToken } from './identity.js'
import { startTrouble } from './trouble.js'

let token: string | undefined

export type DemoClient = typeof client

const client = connect<App>('/ws', {
  // The demo is impatient, so that there is something to see.
  openTimeoutMs: 5_000,
  backoff: { maxMs: 8_000 },
  auth: async (lastClose) => {
    if (token === undefined || lastClose?.code === 4401) token = await fetchToken()
    return token
  },
})

startGoingOn(client)
startChat(client)
startAsk(client)
startAnalyse(client)
startTrouble(client)

// For the curious, in the console.
Object.assign(globalThis, { client })
