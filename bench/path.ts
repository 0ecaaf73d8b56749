/**
 * The path of a message through the library alone: in Node, with a socket that does nothing. It shows what a change of
 * the library costs or saves, which a browser's own 10 to 20 microseconds a message would hide.
 */
import { resumable } from '../src/addons/resume/index.js'
import { type Client, connect } from '../src/index.js'
import type { App } from './hosts/session.js'
import { numbered, numberedBytes } from './page/numbered.js'
import { type Spread, spreadOf } from './report/ratios.js'
import { type Report, showSpread } from './report/tables.js'

const MESSAGES = 20_000
const ROUNDS = 9
/** The other end acknowledges as the server kit does. */
const ACK_EVERY = 32

/** A socket whose other end is this file. */
class StillSocket {
  static last: StillSocket | undefined
  readyState = 0
  bufferedAmount = 0
  binaryType = 'arraybuffer'
  onopen: ((event: unknown) => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: unknown) => void) | null = null
  onerror: ((event: unknown) => void) | null = null
  onSent: (data: unknown) => void = () => {}

  constructor() {
    StillSocket.last = this
  }

  open(): void {
    this.readyState = 1
    this.onopen?.({})
  }

  send(data: unknown): void {
    this.onSent(data)
  }

  say(data: unknown): void {
    this.onmessage?.({ data })
  }

  close(): void {
    this.readyState = 3
  }
}

interface Stand {
  readonly client: Client<App>
  readonly socket: StillSocket
  /** What the other end puts before a message. */
  header(): string
}

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A client that is connected, in a session or not. */
async function open(inSession: boolean): Promise<Stand> {
  const client = connect<App>('ws://localhost', {
    environment: { WebSocket: StillSocket },
    ...(inSession && { session: resumable() }),
  })
  while (!StillSocket.last) await tick()
  const socket = StillSocket.last
  StillSocket.last = undefined
  let down = 0
  let up = 0
  socket.open()
  if (!inSession) return { client, socket, header: () => '' }
  const ok = {
    session: 's',
    key: 'k',
    epoch: 'e',
    resumed: false,
    received: 0,
    sent: 0,
    ttlMs: 300_000,
    pingMs: 15_000,
  }
  socket.say(JSON.stringify({ ok: { ...ok, maxPayload: 1_048_576 } }))
  socket.onSent = (data) => {
    if (typeof data === 'string' && data.startsWith('ack')) return
    if (++up % ACK_EVERY === 0) socket.say(`ack ${up}`)
  }
  return { client, socket, header: () => `${++down} ${up} ` }
}

type Run = (stand: Stand) => Promise<void> | void

const RUNS: { readonly [name: string]: Run } = {
  'send, 100 bytes of JSON'({ client }) {
    for (let n = 1; n <= MESSAGES; n++) client.send(JSON.stringify(numbered(n)))
  },
  'send, 1 KiB of bytes'({ client }) {
    const bytes = numberedBytes(1)
    for (let n = 1; n <= MESSAGES; n++) client.send(bytes)
  },
  'receive, 100 bytes of JSON'({ client, socket, header }) {
    const off = client.on('message', (data) => JSON.parse(String(data)))
    for (let n = 1; n <= MESSAGES; n++) socket.say(header() + JSON.stringify(numbered(n)))
    off()
  },
  async request({ client, socket, header }) {
    const { onSent } = socket
    socket.onSent = (data) => {
      onSent(data)
      const { id, params } = JSON.parse(String(data).replace(/^\d+ \d+ /, ''))
      queueMicrotask(() => socket.say(`${header()}{"id":${id},"result":${params.n + 1}}`))
    }
    for (let n = 1; n <= MESSAGES / 4; n++) await client.request('next', { n })
    socket.onSent = onSent
  },
}

export async function measurePath(): Promise<Report> {
  const stands = [await open(false), await open(true)] as const
  const rows: { name: string; plain: Spread; resumable: Spread }[] = []
  for (const [name, run] of Object.entries(RUNS)) {
    const times: [number[], number[]] = [[], []]
    for (let round = -1; round < ROUNDS; round++) {
      for (const kind of [0, 1] as const) {
        const before = process.cpuUsage()
        await run(stands[kind])
        const { user, system } = process.cpuUsage(before)
        // The first round compiles.
        if (round >= 0) times[kind].push((user + system) / (name === 'request' ? MESSAGES / 4 : MESSAGES))
      }
    }
    rows.push({ name, plain: spreadOf(times[0]), resumable: spreadOf(times[1]) })
  }
  for (const { client } of stands) client.close()
  return {
    results: rows,
    tables: [
      {
        title: 'The path of a message in the library',
        note: 'Microseconds of processor time in Node, with a socket that does nothing; writing and reading the JSON is in it.',
        head: ['what', 'plain', 'resumable'],
        rows: rows.map(({ name, plain, resumable }) => [name, showSpread(plain), showSpread(resumable)]),
      },
    ],
  }
}
