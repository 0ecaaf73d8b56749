/** What is for the time after a session: sections 12 and 13 of PROTOCOL.md. And the limits of a session: section 14. */
import { type Check, must } from '../check.js'
import { Failure, Skipped } from '../failure.js'
import { fits, parse, show } from '../peer.js'
import type { SessionPeer } from '../session-peer.js'
import { flood } from './limits.js'

/** Largest message that the suite sends on purpose, in bytes. */
const MAX_SENT = 16 * 2 ** 20

interface Position {
  readonly epoch: string
  readonly offset: number
  readonly recovered: boolean
}

const isPosition = (value: unknown): value is Position =>
  typeof value === 'object' &&
  value !== null &&
  'epoch' in value &&
  typeof value.epoch === 'string' &&
  'offset' in value &&
  Number.isSafeInteger(value.offset) &&
  'recovered' in value &&
  typeof value.recovered === 'boolean'

/** Joins the channel, and gives its position. */
async function join(page: SessionPeer, since?: object): Promise<Position> {
  page.say({ id: 'join', method: 'join', params: { channel: 'chat', since } })
  const { payload } = await page.expect({ id: 'join' })
  const answer = parse(payload)
  const position = typeof answer === 'object' && answer !== null && 'position' in answer ? answer.position : undefined
  if (position === undefined) throw new Skipped('the channel chat keeps no history')
  if (!isPosition(position)) throw new Failure('a position: epoch, offset and recovered', show(payload))
  return position
}

/** Says something on the channel, and hears it. */
async function speak(page: SessionPeer, text: string): Promise<number> {
  page.say({ channel: 'chat', event: 'message', data: { text } })
  return hear(page, text)
}

/** Hears an event of the channel; gives its offset. */
async function hear(page: SessionPeer, text: string): Promise<number> {
  const { payload } = await page.expect({ channel: 'chat', event: 'message', data: { text } })
  const event = parse(payload)
  const offset = typeof event === 'object' && event !== null && 'offset' in event ? event.offset : undefined
  if (typeof offset !== 'number') throw new Failure('an event with an offset', show(payload))
  return offset
}

const history: readonly Check[] = [
  must('P13.4 events of a channel with history are counted', async (stage) => {
    const page = await stage.greet()
    const { offset } = await join(page)
    for (let n = 1; n <= 3; n++) {
      const heard = await speak(page, `event ${n}`)
      if (heard !== offset + n) throw new Failure(`the offset ${offset + n}`, show(heard))
    }
  }),
  must('P13.5 who was there before gets all that it has missed, and then what is new', async (stage) => {
    const [ada, bob] = [await stage.greet(), await stage.greet()]
    const { epoch } = await join(ada)
    const offset = await speak(ada, 'seen')
    for (const text of ['missed 1', 'missed 2']) await speak(ada, text)
    const position = await join(bob, { epoch, offset })
    if (!fits(position, { epoch, offset: offset + 2, recovered: true })) {
      throw new Failure(show({ epoch, offset: offset + 2, recovered: true }), show(position))
    }
    for (const text of ['missed 1', 'missed 2']) await hear(bob, text)
    await speak(ada, 'new')
    await hear(bob, 'new')
  }),
  must('P13.6 who was elsewhere gets nothing from before', async (stage) => {
    const page = await stage.greet()
    const { epoch, offset } = await join(page)
    await speak(page, 'before')
    for (const since of [{ epoch: 'another', offset: 0 }, { epoch, offset: offset + 1_000 }, undefined]) {
      const other = await stage.greet()
      const { recovered } = await join(other, since)
      if (recovered) throw new Failure('recovered: false', 'recovered: true')
      const events = (await other.settle()).filter(({ payload }) => fits(parse(payload), { event: 'message' }))
      if (events.length > 0) throw new Failure('no event from before', show(events[0]?.payload))
      other.leave()
    }
  }),
]

const ticketOf = async (page: SessionPeer, id: number, key?: string): Promise<unknown> => {
  page.say({ id, method: 'ticket', ...(key !== undefined && { key }) })
  const { payload } = await page.expect({ id })
  const answer = parse(payload)
  if (typeof answer === 'object' && answer !== null && 'result' in answer) return answer.result
  throw new Failure('a ticket', show(payload))
}

const idempotent = must('P13.3 a request with a key is run once, and answered from memory', async (stage) => {
  const page = await stage.greet()
  const key = `${page.hi.client}:1`
  const first = await ticketOf(page, 1, key)
  await page.cut()
  const other = await stage.greet({ client: page.hi.client })
  const [again, another, none] = [
    await ticketOf(other, 1, key),
    await ticketOf(other, 2, `${page.hi.client}:2`),
    await ticketOf(other, 3),
  ]
  if (again !== first) throw new Failure(`the ticket ${show(first)} for the same key`, show(again))
  if (new Set([first, another, none]).size < 3)
    throw new Failure('other tickets for others', show([first, another, none]))
})

const restart = must(
  'P12.3 P12.4 a server that goes says bye, finishes what was begun, and has the last word',
  async (stage) => {
    const page = await stage.greet()
    page.say({ id: 1, method: 'depart' })
    const first = await page.peer.next('bye')
    if (/-32601/.test(String(first))) throw new Skipped('the test app has no method depart')
    let bye = parse(first)
    // The answer may come before it.
    for (let i = 0; i < 2 && !fits(bye, { bye: {} }); i++) bye = parse(await page.peer.next('bye'))
    if (!fits(bye, { bye: { window: {} } }) || !/"resume":\s?(true|false)/.test(show(bye))) {
      throw new Failure('bye with window and resume', show(bye))
    }
    page.say({ id: 2, method: 'slow', params: 100 })
    page.peer.send({ bye: {} })
    let answered = false
    for (;;) {
      const message = await page.peer.next('the last word')
      if (fits(parse(message), { bye: { done: true } })) break
      answered ||= /"id":\s?2\b/.test(String(message))
    }
    if (!answered) throw new Failure('the answer to what was asked before, and then the last word', 'the last word')
    await page.peer.quiet(50, 'nothing after the last word').catch((error) => {
      // It may close.
      if (!page.peer.closed) throw error
    })
  },
)

const bounds: readonly Check[] = [
  must('P9.6 P14.3 a message as long as maxPayload is taken, and a longer one is not', async (stage) => {
    const page = await stage.greet()
    const { maxPayload } = page.ok
    if (maxPayload > MAX_SENT) throw new Skipped(`maxPayload is ${maxPayload} bytes`)
    page.say('x'.repeat(maxPayload - '1 0 '.length))
    await page.next('the message, which comes back', 4 * page.peer.timeoutMs)
    page.say('x'.repeat(maxPayload - '2 0 '.length + 1))
    await page.peer.expectClose([1009, 1006])
    await (await stage.knock(page.held)).expectOk({ resumed: true, received: 1 })
  }),
  must(
    'P14.1 P12.1 a page that acknowledges nothing loses its session by 4002, and is told overflow',
    async (stage) => {
      const [idle, speaker] = [await stage.greet(), await stage.enter()]
      idle.say({ id: 1, method: 'join', params: { channel: 'chat' } })
      await idle.expect({ id: 1 })
      await speaker.ask(1, 'join', { channel: 'chat' })
      await flood(speaker, () => idle.peer.closed !== undefined)
      await idle.peer.expectClose([4002])
      await (await stage.knock(idle.held)).expectOk({ resumed: false, why: 'overflow' })
      await speaker.ask(2, 'echo')
    },
  ),
]

export const losses: readonly Check[] = [
  idempotent,
  must('P13.9 after its timeoutMs a request is stopped, and not answered', async (stage) => {
    const page = await stage.greet()
    page.say({ id: 1, method: 'slow', params: 300, timeoutMs: 100 })
    page.say({ id: 2, method: 'slow', params: 500 })
    await page.expect({ id: 2, result: null })
  }),
  ...history,
  ...bounds,
]

/** The last of all: with it the server goes. */
export const departure: readonly Check[] = [restart]
