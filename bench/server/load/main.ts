/** A process with the clients of one server: `main.js LIBRARY PORT`. */
import { setTimeout as wait } from 'node:timers/promises'
import { ACK_MS } from '../../../src/protocol/session-frames.js'
import { FIRST } from '../messages.js'
import { now } from '../now.js'
import { serve } from '../rpc.js'
import { Client, type Crowd } from './client.js'
import { TONGUES } from './tongues.js'

/** Connections that are begun and not yet in. */
const OPENING = 256
/** Messages that are written as one piece. */
const PIECE = 64

const [, , library = '', portText = ''] = process.argv
const tongue = TONGUES[library]
if (!tongue) throw new Error(`Nobody speaks ${library}.`)
const port = Number(portText)

const clients: Client[] = []
/** Those that owe an ack, in the order in which they came to. */
const debtors: { readonly client: Client; readonly since: number }[] = []
let ready = 0
let counted = 0
let toCount = 0
let onReady = (): void => {}
let onCounted = (): void => {}
let nextMessage = FIRST

const crowd: Crowd = {
  tongue,
  ready() {
    ready++
    onReady()
  },
  counted() {
    counted++
    if (counted === toCount) onCounted()
  },
  owes: (client) => void debtors.push({ client, since: performance.now() }),
}

/** Acks are said as late as they may be. */
function payDebts(): void {
  const before = performance.now() - ACK_MS
  let paid = 0
  while (debtors[paid] && (debtors[paid]?.since ?? 0) <= before) debtors[paid++]?.client.settle()
  debtors.splice(0, paid)
}
if (tongue.hasNumbers) setInterval(payDebts, 10)

/** Opens clients until there are so many. */
async function open(count: number): Promise<void> {
  await new Promise<void>((resolve) => {
    onReady = () => {
      while (clients.length < count && clients.length - ready < OPENING) clients.push(new Client(port, crowd))
      if (ready === count) resolve()
    }
    onReady()
  })
}

/** Has one client ask so many requests, with so many open at a time. */
function ask(client: Client, count: number, inFlight: number): Promise<void> {
  return new Promise((resolve) => {
    let asked = 0
    let answered = 0
    const next = (): void => {
      asked++
      client.say(tongue?.request(asked + OPENING, asked) ?? '')
    }
    client.onAnswer = (text) => {
      answered++
      const expected = tongue?.answer(answered + OPENING, answered)
      if (text !== expected) throw new Error(`Expected ${expected}, got ${text}.`)
      if (asked < count) next()
      else if (answered === count) {
        client.onAnswer = undefined
        resolve()
      }
    }
    for (let i = 0; i < Math.min(inFlight, count); i++) next()
  })
}

const REQUESTERS = 100
const IN_FLIGHT = 16

serve({
  async open(count) {
    await open(count)
    return {}
  },
  /** Resolves when every client has had so many broadcast messages more, with the moment in which the last came. */
  async count(messages) {
    toCount += messages * clients.length
    if (counted < toCount) {
      await new Promise<void>((resolve) => {
        onCounted = resolve
      })
    }
    return { at: now() }
  },
  /** Resolves when all acks are out. */
  async settle() {
    while (debtors.length > 0) await wait(5)
    return {}
  },
  /** Has many clients ask, with several requests of each open; so many requests in all. */
  async ask(requests) {
    const begun = performance.now()
    const asking = clients.slice(0, REQUESTERS)
    await Promise.all(asking.map((client) => ask(client, requests / REQUESTERS, IN_FLIGHT)))
    return { ms: performance.now() - begun }
  },
  /** Has one client send so many messages as fast as the server takes them. */
  async send(messages) {
    const [client] = clients
    const end = nextMessage + messages
    while (client && nextMessage < end) {
      const piece: Buffer[] = []
      while (piece.length < PIECE && nextMessage < end) piece.push(client.frame(tongue.message(nextMessage++)))
      const hasRoom = client.write(Buffer.concat(piece))
      if (!hasRoom) await new Promise<void>((resolve) => client.onceDrained(resolve))
    }
    return { sent: nextMessage - FIRST }
  },
})
