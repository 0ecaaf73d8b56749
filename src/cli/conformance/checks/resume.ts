/** Life of a session, and its races: sections 11 and 15 of PROTOCOL.md. */
import { type Check, must } from '../check.js'
import { Failure } from '../failure.js'
import { show } from '../peer.js'
import type { SessionPeer } from '../session-peer.js'
import type { Stage } from '../stage.js'

const FENCED = 4001
const MESSAGES = 6

/** Hears the messages of the server from one number to another. */
async function hear(
  page: SessionPeer,
  from: number,
  to: number,
  payloadOf: (n: number) => string | object,
): Promise<void> {
  for (let n = from; n <= to; n++) {
    const { number } = await page.expect(payloadOf(n))
    if (number !== n) throw new Failure(`the number ${n}`, show(number))
  }
}

/** Goes on from `position`, on another socket. */
async function resume(stage: Stage, page: SessionPeer, position = page.received): Promise<SessionPeer> {
  const back = await stage.knock({ ...page.held, received: position })
  await back.expectOk({ resumed: true, session: page.ok.session })
  return back
}

/** Says that this is a session like before. */
async function talks(page: SessionPeer, text: string): Promise<void> {
  page.say(text)
  await page.expect(text)
}

const itemOf = (n: number): object => (n <= MESSAGES ? { id: 1, item: n } : { id: 1 })

const positions: readonly Check[] = [
  must('P11.3 P10.6 what the server said is said again, from any position', async (stage) => {
    for (let position = 0; position <= MESSAGES + 1; position++) {
      const page = await stage.greet()
      page.say({ id: 1, method: 'count', params: MESSAGES })
      await hear(page, 1, MESSAGES + 1, itemOf)
      await page.cut()
      const back = await resume(stage, page, position)
      if (back.ok.sent !== MESSAGES + 1) throw new Failure(`sent: ${MESSAGES + 1}`, show(back.ok))
      await hear(back, position + 1, MESSAGES + 1, itemOf)
      await talks(back, 'new')
      back.leave()
    }
  }),
  must('P11.3 what the page said is handled once, wherever the cut was', async (stage) => {
    const lineOf = (n: number): string => `line ${n}`
    for (let heard = 0; heard <= MESSAGES; heard++) {
      const page = await stage.greet()
      for (let n = 1; n <= MESSAGES; n++) page.say(lineOf(n))
      await hear(page, 1, heard, lineOf)
      await page.cut()
      const back = await resume(stage, page)
      if (back.ok.received < heard) throw new Failure(`a position of ${heard} or more`, show(back.ok))
      for (let n = back.ok.received + 1; n <= MESSAGES; n++) back.say(lineOf(n))
      await hear(back, page.received + 1, MESSAGES, lineOf)
      await talks(back, 'new')
      back.leave()
    }
  }),
  must(
    'P11.1 P11.6 P12.1 a cut that the server has not noticed can be resumed, and fences the old socket',
    async (stage) => {
      const page = await stage.greet()
      await talks(page, 'before')
      const back = await resume(stage, page)
      await page.peer.expectClose([FENCED])
      await talks(back, 'after')
    },
  ),
  must('P11.6 P15.1 what arrives late on a fenced socket is not heard', async (stage) => {
    const page = await stage.greet()
    await talks(page, 'before')
    // It does not see the close, and goes on.
    page.peer.socket.pause()
    const back = await resume(stage, page)
    page.say('late')
    await stage.greet()
    back.say('instead')
    await back.expect('instead')
    page.peer.socket.resume()
  }),
  must('P11.6 P15.1 what arrives at the same time counts before the answer, or not at all', async (stage) => {
    for (let i = 0; i < 10; i++) {
      const page = await stage.greet()
      const back = await stage.knock(page.held)
      page.say('race')
      await back.expectOk({ resumed: true })
      const { received } = back.ok
      if (received === 0) back.say('race')
      await back.expect('race')
      await talks(back, 'after')
      back.leave()
    }
  }),
  must('P11.12 it has its channels, requests and streams in both directions', async (stage) => {
    const other = await stage.enter()
    await other.ask(1, 'join', { channel: 'chat' })
    const page = await stage.greet()
    page.say({ id: 1, method: 'join', params: { channel: 'chat' } })
    await page.expect({ id: 1 })
    page.say({ id: 2, method: 'slow', params: 400 })
    page.say({ id: 3, method: 'ask', params: 'Sure?' })
    const { payload } = await page.expect({ method: 'confirm' })
    await page.cut()
    other.send({ channel: 'chat', event: 'message', data: { text: 'meanwhile' } })
    await other.expect({ channel: 'chat', data: { text: 'meanwhile' } })
    const back = await resume(stage, page)
    await back.expect({ channel: 'chat', event: 'message', data: { text: 'meanwhile' } })
    back.say({ id: JSON.parse(String(payload)).id, result: 'yes' })
    await back.expect({ id: 3, result: 'yes' })
    await back.expect({ id: 2, result: null })
    back.say({ id: 4, method: 'count', params: 1_000_000 })
    await back.expect({ id: 4, item: 1 })
    await back.cut()
    const again = await resume(stage, back)
    again.say({ id: 4, cancel: true })
    await again.settle()
    await again.peer.quiet(100, 'no more items of a stream that was cancelled')
  }),
]

const keys: readonly Check[] = [
  must('P11.4 P11.9 a wrong key gives another session, and takes nothing from the first', async (stage) => {
    const page = await stage.greet()
    const other = await stage.knock({ ...page.held, key: 'not the key' })
    const { session } = await other.expectOk({ resumed: false, why: 'unknown', received: 0, sent: 0 })
    if (session === page.ok.session) throw new Failure('another session', session)
    await talks(page, 'still here')
  }),
  must('P11.9 a session that there is not gives another', async (stage) => {
    const other = await stage.knock({ session: 'nobody knows it', key: 'any', received: 3 })
    await other.expectOk({ resumed: false, why: 'unknown', received: 0, sent: 0 })
    await talks(other, 'hello')
  }),
  must('P11.4 P11.9 an impossible position gives another session', async (stage) => {
    const page = await stage.greet()
    await talks(page, 'first')
    await talks(page, 'second')
    page.sayAck(1)
    await page.settle()
    for (const received of [0, 3]) {
      const other = await stage.knock({ ...page.held, received })
      await other.expectOk({ resumed: false, why: 'position' })
    }
  }),
  must('P11.7 each ok has a new key', async (stage) => {
    const page = await stage.greet()
    await page.cut()
    const back = await resume(stage, page)
    if (back.ok.key === page.ok.key) throw new Failure('a new key', 'the old one')
  }),
  must('P11.7 P11.8 P15.2 after a lost ok the old key is good for another try', async (stage) => {
    const page = await stage.greet()
    await talks(page, 'before')
    for (let i = 0; i < 3; i++) {
      // Its ok counts as lost: the page says nothing on that socket, and shows what it had.
      await page.cut()
      const lost = await resume(stage, page)
      await lost.cut()
    }
    await talks(await resume(stage, page), 'after')
  }),
  must('P11.7 P15.8 the old key is void once the page has spoken', async (stage) => {
    const page = await stage.greet()
    await page.cut()
    const back = await resume(stage, page)
    await talks(back, 'spoken')
    await (await stage.knock(page.held)).expectOk({ resumed: false, why: 'unknown' })
    await talks(back, 'still here')
  }),
  must('P11.11 after bye the session is forgotten', async (stage) => {
    const page = await stage.greet()
    await talks(page, 'before')
    page.leave()
    page.peer.socket.close(1000)
    await page.peer.expectClose()
    await (await stage.knock(page.held)).expectOk({ resumed: false, why: 'unknown' })
  }),
  must('P11.13 a hi that comes late is closed with 4001, and takes nothing from the later one', async (stage) => {
    const page = await stage.greet({ attempt: 1 })
    const late = { ...page.held, attempt: 2 }
    const back = await stage.knock({ ...page.held, attempt: 3 })
    await back.expectOk({ resumed: true })
    await (await stage.knock(late)).peer.expectClose([FENCED])
    await talks(back, 'still here')
  }),
  must('P15.6 P15.3 of two that resume at once one is left, and has it all', async (stage) => {
    const page = await stage.greet()
    await talks(page, 'before')
    const both = await Promise.all([stage.knock(page.held), stage.knock(page.held)])
    for (const one of both) await one.expectOk({ resumed: true, received: 1 })
    const [first, second] = both
    await first.peer.wait(() => !!first.peer.closed || !!second.peer.closed, 'a close of one of the two')
    const left = first.peer.closed ? second : first
    await talks(left, 'after')
  }),
]

export const resumes: readonly Check[] = [...positions, ...keys]
