/** Authentication, channels and closing: sections 5 to 7 of PROTOCOL.md. */
import { type Check, must, should } from '../check.js'
import { Failure, Skipped } from '../failure.js'
import { fits, type Message, type Peer, parse, show } from '../peer.js'
import type { Stage } from '../stage.js'

/** Close codes of a refusal: P5.2. */
const REFUSED = [4401, 4403]

/** What must not be let in. */
export function wrongToken({ target: { token } }: Stage): string {
  if (token === undefined) throw new Skipped('no --token is given: the server is taken to want no credentials')
  return `not ${token}`
}

const say = (peer: Peer, text: string): void => peer.send({ channel: 'chat', event: 'message', data: { text } })

const heard = (text: string) => ({ channel: 'chat', event: 'message', data: { text } })

/** Joins, and gives the socket. */
async function member(stage: Stage): Promise<Peer> {
  const peer = await stage.enter()
  await peer.ask(1, 'join', { channel: 'chat' })
  return peer
}

const isEvent = (message: Message): boolean => fits(parse(message), { channel: 'chat' })

const authentication: readonly Check[] = [
  must('P5.1 P5.2 a token that is not valid is answered with an error', async (stage) => {
    const token = wrongToken(stage)
    const peer = await stage.open()
    peer.send({ id: 0, method: 'auth', params: { token } })
    await peer.expectError(0)
  }),
  should('P5.2 P1.3 and then closes with 4401 or 4403', async (stage) => {
    const token = wrongToken(stage)
    const peer = await stage.open()
    peer.send({ id: 0, method: 'auth', params: { token } })
    await peer.expectClose(REFUSED)
  }),
  must('P5.1 P5.2 a token of any JSON does no harm', async (stage) => {
    wrongToken(stage)
    for (const token of [null, 7, {}, [['a']], { toString: 'x' }]) {
      const peer = await stage.open()
      peer.send({ id: 0, method: 'auth', params: { token } })
      await peer.expectError(0)
    }
  }),
  must('P5.3 nothing is done for a client that is not in', async (stage) => {
    wrongToken(stage)
    for (const first of ['hello', '{"id":1,"method":"echo"}', '{"id":1,"method":"join","params":{"channel":"chat"}}']) {
      const peer = await stage.open()
      peer.send(first)
      peer.send(first)
      await peer.wait(() => peer.closed !== undefined, 'a close', 300).catch(() => {})
      const answers = peer
        .take()
        .filter((message) => fits(parse(message), { id: 1 }) && !/"error"/.test(String(message)))
      const [answer] = [...answers, ...peer.take()]
      if (answer !== undefined) throw new Failure(`no answer to ${first}`, show(answer))
    }
  }),
  should('P5.3 it is closed with 4401', async (stage) => {
    wrongToken(stage)
    for (const first of ['hello', '{"id":1,"method":"echo"}']) {
      const peer = await stage.open()
      peer.send(first)
      await peer.expectClose([4401])
    }
  }),
]

const channels: readonly Check[] = [
  must('P6.1 events reach all who are in the channel', async (stage) => {
    const [ada, bob] = [await member(stage), await member(stage)]
    say(ada, 'to all')
    await ada.expect(heard('to all'))
    await bob.expect(heard('to all'))
    say(bob, 'back')
    await ada.expect(heard('back'))
  }),
  must('P6.1 P6.4 events do not reach who is not in the channel', async (stage) => {
    const [ada, bob] = [await member(stage), await stage.enter()]
    say(ada, 'to members')
    await ada.expect(heard('to members'))
    const [early] = (await bob.settle()).filter(isEvent)
    if (early !== undefined) throw new Failure('no event of a channel that it is not in', show(early))
  }),
  must('P6.2 a join that is refused is answered with an error', async (stage) => {
    const peer = await stage.enter()
    for (const [id, channel] of ['elsewhere', '__proto__', 'constructor', 7].entries()) {
      peer.send({ id: id + 1, method: 'join', params: { channel } })
      await peer.expectError(id + 1)
    }
  }),
  must('P6.2 who has left hears nothing more', async (stage) => {
    const [ada, bob] = [await member(stage), await member(stage)]
    await bob.ask(2, 'leave', { channel: 'chat' })
    say(ada, 'without bob')
    await ada.expect(heard('without bob'))
    const [late] = (await bob.settle()).filter(isEvent)
    if (late !== undefined) throw new Failure('no event after the answer to leave', show(late))
  }),
  must('P6.4 events right behind a join are handled after its answer', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 1, method: 'join', params: { channel: 'chat' } })
    say(peer, 'at once')
    await peer.expectResult(1)
    await peer.expect(heard('at once'))
  }),
  must('P6.4 events of who is not in the channel are ignored', async (stage) => {
    const [ada, bob] = [await member(stage), await stage.enter()]
    say(bob, 'from outside')
    await bob.settle()
    say(ada, 'from inside')
    await ada.expect(heard('from inside'))
    const [answer] = await bob.settle()
    if (answer !== undefined) throw new Failure('no answer to an event', show(answer))
  }),
  must('P6.4 events that it does not know are ignored', async (stage) => {
    const peer = await member(stage)
    for (const [channel, event] of [
      ['chat', 'unheard-of'],
      ['elsewhere', 'message'],
      ['chat', '__proto__'],
    ]) {
      peer.send({ channel, event, data: { text: 'nobody hears' } })
    }
    const [answer] = await peer.settle()
    if (answer !== undefined) throw new Failure('nothing', show(answer))
  }),
  must('P6.5 auth is no method of the app', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 1, method: 'auth', params: { token: 'not the right one' } })
    peer.send({ id: 2, method: 'echo', params: 'still here' })
    // It may refuse to hear that twice, or let it pass; it is answered once, and nobody is locked out.
    const answers = [parse(await peer.next('an answer to auth')), parse(await peer.next('an answer to echo'))]
    for (const id of [1, 2]) {
      if (!answers.some((answer) => fits(answer, { id }))) throw new Failure(`an answer to ${id}`, show(answers))
    }
  }),
]

const closing: readonly Check[] = [
  must('P7.1 P1.3 a close carries its code and its reason', async (stage) => {
    for (const [code, reason] of [
      [4000, 'enough'],
      [1012, 'restart retry=0-30000'],
    ] as const) {
      const peer = await stage.enter()
      peer.send({ id: 1, method: 'disconnect', params: { code, reason } })
      const closed = await peer.expectClose([code])
      if (closed.reason !== reason) throw new Failure(`the reason ${reason}`, show(closed.reason))
    }
  }),
]

export const entry: readonly Check[] = [...authentication, ...channels, ...closing]
