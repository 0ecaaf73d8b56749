/** Numbers and acks: section 10 of PROTOCOL.md. */
import { type Check, must } from '../check.js'
import { Failure } from '../failure.js'
import { show } from '../peer.js'
import type { SessionPeer } from '../session-peer.js'

/** An event that nobody hears: nothing answers it, and so nothing carries its ack. */
const UNHEARD = { channel: 'nowhere', event: 'noted' }

/** Below the 250 ms after which any ack has to go out. */
const EARLY_MS = 200
/** What a busy machine may take, in ms, beside the 250. */
const SLACK_MS = 1_000

/** Tries of what has to be quick, on a machine that may be busy. */
const TRIES = 3

/** Expects that an ack for all that was said comes before its time would be up anyway. */
async function expectEarlyAck(start: () => Promise<SessionPeer>, say: (page: SessionPeer) => void): Promise<void> {
  let quickest = Number.POSITIVE_INFINITY
  for (let i = 0; i < TRIES && quickest >= EARLY_MS; i++) {
    const page = await start()
    const startedAt = Date.now()
    say(page)
    await page.expectAck(page.sent)
    quickest = Math.min(quickest, Date.now() - startedAt)
  }
  if (quickest >= EARLY_MS) throw new Failure('an ack at once, not by the 250 ms', `one after ${quickest} ms`)
}

export const acks: readonly Check[] = [
  must('P10.1 what the server says is numbered from 1', async (stage) => {
    const page = await stage.greet()
    for (let n = 1; n <= 5; n++) {
      page.say(`number ${n}`)
      const { number } = await page.expect(`number ${n}`)
      if (number !== n) throw new Failure(`the number ${n}`, show(number))
    }
  }),
  must('P10.2 what has come before is dropped', async (stage) => {
    const page = await stage.greet()
    page.say('first')
    page.say('second')
    for (const number of [1, 2, 1]) page.say(`${number} again`, number)
    page.say('third')
    for (const payload of ['first', 'second', 'third']) await page.expect(payload)
    const [more] = await page.settle()
    if (more) throw new Failure('nothing for what has come before', show(more.payload))
  }),
  must('P10.2 P12.1 a gap closes with 4003, and the session goes on', async (stage) => {
    const page = await stage.greet()
    page.say('first')
    await page.expect('first')
    page.say('third', 3)
    await page.peer.expectClose([4003])
    const back = await stage.knock(page.held)
    await back.expectOk({ resumed: true, received: 1 })
    back.say('second')
    await back.expect('second')
  }),
  must('P10.3 a lower ack says nothing new', async (stage) => {
    const page = await stage.greet()
    for (const payload of ['first', 'second']) page.say(payload)
    for (const payload of ['first', 'second']) await page.expect(payload)
    for (const ack of [2, 1, 0, 2]) page.sayAck(ack)
    page.say('third', 3, 0)
    await page.expect('third')
  }),
  must('P10.4 P15.4 an ack from the future ends the session with 4400', async (stage) => {
    for (const say of [(page: SessionPeer) => page.sayAck(1), (page: SessionPeer) => page.say('hello', 1, 1)]) {
      const page = await stage.greet()
      say(page)
      await page.peer.expectClose([4400])
      await (await stage.knock(page.held)).expectOk({ resumed: false })
    }
  }),
  must('P10.5 each data frame carries an ack', async (stage) => {
    const page = await stage.greet()
    for (let i = 0; i < 3; i++) page.say(UNHEARD)
    page.say('hello')
    const { ack } = await page.expect('hello')
    if (ack < 3) throw new Failure('an ack for the 3 messages before', show(ack))
  }),
  must('P10.5 an ack goes out after 32 messages', (stage) =>
    expectEarlyAck(
      () => stage.greet(),
      (page) => {
        for (let i = 0; i < 32; i++) page.say(UNHEARD)
      },
    ),
  ),
  must('P10.5 an ack goes out after 64 KiB', (stage) =>
    expectEarlyAck(
      () => stage.greet(),
      (page) => page.say({ ...UNHEARD, data: 'x'.repeat(70_000) }),
    ),
  ),
  must('P10.5 an ack goes out 250 ms after the first that is owed', async (stage) => {
    const page = await stage.greet()
    page.say(UNHEARD)
    await page.expectAck(1, 250 + SLACK_MS)
  }),
  must('P10.5 an ack goes out before a pong', async (stage) => {
    const page = await stage.greet()
    page.say(UNHEARD)
    await page.settle()
    if (!page.acks.includes(1)) throw new Failure('ack 1, and then pong', 'pong')
  }),
  must('P10.5 an ack goes out before a polite close', async (stage) => {
    const page = await stage.greet()
    page.say(UNHEARD)
    page.say({ id: 1, method: 'disconnect', params: { code: 4000, reason: 'enough' } })
    await page.peer.expectClose([4000])
    await page.expectAck(1)
  }),
  must('P10.5 after a resume an ack is owed anew', async (stage) => {
    const page = await stage.greet()
    page.say(UNHEARD)
    await page.expectAck(1)
    await page.cut()
    const back = await stage.greet(page.held)
    await back.expectAck(1, 250 + SLACK_MS)
  }),
]
