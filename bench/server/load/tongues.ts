/** What a client of each library says, as text. */
import { CHANNEL, EVENT, METHOD, numbered } from '../messages.js'

export interface Tongue {
  readonly path: string
  /** What it says until it is in the channel: `texts[0]` when it is open, each next one after an answer. */
  readonly greeting: readonly string[]
  /** How many texts, heartbeats apart, the server says until then. */
  readonly answers: number
  /** Whether messages have numbers and are acknowledged (PROTOCOL.md, section 10). */
  readonly hasNumbers: boolean
  /** What stands before the number of a broadcast message. */
  readonly prefix: string
  message(n: number): string
  request(id: number, n: number): string
  answer(id: number, n: number): string
}

const json = (value: object): string => JSON.stringify(value)

const JOIN = json({ id: 1, method: 'join', params: { channel: CHANNEL } })

const HAND_WRITTEN: Tongue = {
  path: '/',
  greeting: [],
  answers: 0,
  hasNumbers: false,
  prefix: `{"channel":"${CHANNEL}","event":"${EVENT}","data":{"n":`,
  message: (n) => json(numbered(n)),
  request: (id, n) => json({ id, method: METHOD, params: n }),
  answer: (id, n) => json({ id, result: n + 1 }),
}

const HOLDFAST: Tongue = { ...HAND_WRITTEN, greeting: [JOIN], answers: 1 }

const SOCKET_IO: Tongue = {
  path: '/socket.io/?EIO=4&transport=websocket',
  greeting: ['40'],
  answers: 2,
  hasNumbers: false,
  prefix: `42["${EVENT}",{"n":`,
  message: (n) => `42${json(['message', numbered(n)])}`,
  request: (id, n) => `42${id}${json([METHOD, n])}`,
  answer: (id, n) => `43${id}${json([n + 1])}`,
}

export const TONGUES: Readonly<Record<string, Tongue>> = {
  ws: HAND_WRITTEN,
  'ws, framed once': HAND_WRITTEN,
  'socket.io': SOCKET_IO,
  'socket.io, recovery': SOCKET_IO,
  holdfast: HOLDFAST,
  'holdfast, sessions': {
    ...HOLDFAST,
    greeting: [json({ hi: { version: 1, client: 'a-client-of-the-benchmark' } }), JOIN],
    answers: 2,
    hasNumbers: true,
  },
}
