/** Messages one way, as fast as they go. */
import { type Absent, absent, type Context, type Control, nextTask, opened, within } from './context.js'
import { count, mustBeWhole, newTally, numbered, numberedBytes, numberOf } from './numbered.js'

/** Messages before the measured ones, so that all code is compiled. */
const WARM_UP = 1_000
/** Sent in one task of the page. */
const BURST = 50
/** How far the page may be ahead of the server: more would only wait in a buffer. */
const AHEAD = 1_000
/** The server says how far it is each time that so many have come; every count of messages is a multiple of it. */
const EVERY = 100

export interface Rate {
  /** Messages a second, from the first that is sent to the last that has arrived. */
  readonly perSecond: number
  readonly messages: number
}

export interface Messages {
  messages: number
  binary: boolean
}

/** From page to server. */
export async function send(context: Context, { messages, binary }: Messages): Promise<Rate | Absent> {
  const link = await opened(context)
  const sendBytes = link.sendBytes?.bind(link)
  if (binary && !sendBytes) return absent(link)
  const control = await context.control()
  control.order({ do: 'watch', every: EVERY })
  const one = binary && sendBytes ? (n: number) => sendBytes(numberedBytes(n)) : (n: number) => link.send(numbered(n))
  await sendAll(control, one, WARM_UP)
  await context.mark('begin')
  const start = performance.now()
  await sendAll(control, one, messages)
  const ms = performance.now() - start
  await context.mark('end')
  link.close()
  control.close()
  return { perSecond: (messages / ms) * 1000, messages }
}

/** Sends the numbers from 1 to `messages`, and waits until all have come, each once and in order. */
async function sendAll(control: Control, one: (n: number) => void, messages: number): Promise<void> {
  await control.reset()
  for (let n = 1; n <= messages; ) {
    if (n > control.received + AHEAD) await control.arrived(n - AHEAD)
    for (const last = Math.min(n + BURST - 1, messages); n <= last; n++) one(n)
    await nextTask()
  }
  await control.arrived(messages)
  mustBeWhole(await control.check(), messages, 'page to server')
}

/** From server to page. */
export async function receive(context: Context, { messages, binary }: Messages): Promise<Rate | Absent> {
  let tally = newTally()
  let expected = 0
  let first = 0
  let last = 0
  let done = (): void => {}
  const hear = (n: number): void => {
    first ||= performance.now()
    count(tally, n)
    if (tally.received !== expected) return
    last = performance.now()
    done()
  }
  const link = await opened(context, {
    onMessage: ({ n }) => hear(n),
    onBytes: (bytes) => hear(numberOf(bytes)),
  })
  if (binary && !link.sendBytes) return absent(link)
  const control = await context.control()
  const push = async (amount: number): Promise<void> => {
    tally = newTally()
    expected = amount
    first = 0
    const all = new Promise<void>((resolve) => {
      done = resolve
    })
    control.order({ do: 'push', count: amount, binary })
    await within(all, `${amount} messages in the page`)
    mustBeWhole(tally, amount, 'server to page')
  }
  await push(WARM_UP)
  await context.mark('begin')
  await push(messages)
  await context.mark('end')
  link.close()
  control.close()
  return { perSecond: (messages / (last - first)) * 1000, messages }
}
