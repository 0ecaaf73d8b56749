import { HoldfastInspector } from 'holdfast/inspector'
import { startAnalyse } from './analyse.js'
import { startAsk } from './ask.js'
import { startChat } from './chat.js'
import { client } from './client.js'
import { byId } from './dom.js'
import { startGoingOn } from './going-on.js'
import { startSession } from './session.js'
import { startTrouble } from './trouble.js'
import { speak } from './words/index.js'

speak()
startGoingOn(client)
startSession(client, startChat(client))
startAsk(client)
startAnalyse(client)
startTrouble(client)
byId('inspector', HoldfastInspector).client = client

// For the curious, in the console.
Object.assign(globalThis, { client })
