/** Sockets, frames and the heartbeat: sections 1 to 3 of PROTOCOL.md. */
import { type Check, must, should } from '../check.js'
import { Failure, Skipped } from '../failure.js'
import { type Peer, show } from '../peer.js'
import type { Stage } from '../stage.js'

/** Longest interval of pings that the suite waits for, in ms. */
const MAX_INTERVAL_MS = 3_000

const OWN_MESSAGES = [
  'hello',
  '{"colour":"red"}',
  '{ not JSON',
  '[1,2]',
  '42',
  '',
  '{"__proto__":{"id":1}}',
  '💬 grüß dich',
]

/** Each has the members of a frame, and the wrong types in them. */
const MALFORMED = [
  '{"id":{},"method":"echo"}',
  '{"id":1.5,"method":"echo"}',
  '{"id":null,"method":"echo"}',
  '{"id":true,"method":"echo"}',
  '{"id":91,"method":7}',
  '{"id":92,"error":"oops"}',
  '{"id":93,"error":{"code":{},"message":"oops"}}',
  '{"id":94,"cancel":"yes"}',
  '{"id":[],"result":1}',
  '{"channel":7,"event":"message"}',
  '{"channel":"chat","event":["message"]}',
  // Answers that nobody asked for.
  '{"id":95,"result":1}',
  '{"id":"96","error":{"code":1,"message":"oops"}}',
  '{"id":97,"item":1}',
]

/** The interval that the server says. */
async function intervalOf(peer: Peer): Promise<number> {
  await peer.wait(() => peer.pings.length > 0, 'ping with an interval, such as ping 15000', 3 * peer.timeoutMs)
  const [intervalMs = 0] = peer.pings
  if (intervalMs <= 0) throw new Failure('a ping that says its interval, such as ping 15000', 'ping')
  return intervalMs
}

/** The same, if it is short enough to wait for. */
async function shortIntervalOf(peer: Peer): Promise<number> {
  const intervalMs = await intervalOf(peer)
  if (intervalMs <= MAX_INTERVAL_MS) return intervalMs
  throw new Skipped(`pings come every ${intervalMs} ms: start the server with ${MAX_INTERVAL_MS} ms or less`)
}

const fragments = must('P1.1 P1.2 a message in fragments is one message', async (stage) => {
  const peer = await stage.enter()
  const { socket } = peer
  const echoed = new Promise((resolve) => socket.once('pong', resolve))
  socket.send('one mes', { fin: false })
  // RFC 6455, 5.4: control frames may come between the fragments of a message.
  socket.ping('between')
  socket.send('sage ', { fin: false })
  socket.send('in three', { fin: true })
  await peer.expect('one message in three')
  await Promise.race([
    echoed,
    peer.quiet(peer.timeoutMs).then(() => Promise.reject(new Failure('a pong frame', 'none'))),
  ])
})

const refusesFrame = async (stage: Stage, send: (peer: Peer) => void, code: number): Promise<void> => {
  const peer = await stage.enter()
  send(peer)
  // 1006: it may cut whoever breaks WebSocket itself.
  await peer.expectClose([code, 1006])
}

const order = must('P2.5 messages are handled in the order in which they arrive', async (stage) => {
  const peer = await stage.enter()
  const texts = Array.from({ length: 300 }, (_, i) => `text ${i} ${'x'.repeat(i % 50)}`)
  for (const text of texts) peer.send(text)
  for (const text of texts) await peer.expect(text)
})

export const frames: readonly Check[] = [
  fragments,
  must('P1.1 a close is answered with a close', async (stage) => {
    const peer = await stage.enter()
    peer.socket.close(4321, 'enough')
    await peer.expectClose([4321])
  }),
  must('P1.1 a frame without a mask ends the connection (RFC 6455, 5.1)', (stage) =>
    refusesFrame(stage, ({ socket }) => socket.send('bare', { mask: false }), 1002),
  ),
  must('P1.1 a text that is no UTF-8 ends the connection (RFC 6455, 8.1)', (stage) =>
    refusesFrame(stage, ({ socket }) => socket.send(Buffer.from([0x61, 0xff, 0x62]), { binary: false }), 1007),
  ),
  must('P1.1 a new socket starts afresh: ids, channels and credentials', async (stage) => {
    const old = await stage.enter()
    await old.ask(1, 'join', { channel: 'chat' })
    await old.cut()
    const peer = await stage.enter()
    await peer.ask(1, 'echo', 'again')
    const other = await stage.enter()
    await other.ask(1, 'join', { channel: 'chat' })
    other.send({ channel: 'chat', event: 'message', data: { text: 'afresh' } })
    await other.expect({ channel: 'chat', event: 'message' })
    const [early] = await peer.settle()
    if (early !== undefined) throw new Failure('nothing of a channel that only an older socket had joined', show(early))
  }),
  must('P1.2 P2.3 binary messages are the app’s own, and come back as they were', async (stage) => {
    const peer = await stage.enter()
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 251))
    for (const message of [bytes, Buffer.alloc(0), Buffer.from('{"id":1,"method":"echo"}')]) {
      peer.send(message)
      await peer.expect(message)
    }
  }),
  must('P2.1 ids are whole numbers or strings, and come back as they were', async (stage) => {
    const peer = await stage.enter()
    for (const id of [7, 'seven', '7', -1, Number.MAX_SAFE_INTEGER, '💬']) await peer.ask(id, 'echo')
  }),
  must('P2.1 params and results are any JSON', async (stage) => {
    const peer = await stage.enter()
    const values = [
      null,
      0,
      -1.5,
      1e21,
      '',
      '"\\\u2028💬',
      false,
      [],
      [[1], {}],
      { a: { b: [null] } },
      9007199254740991,
    ]
    for (const [id, value] of values.entries()) {
      const result = await peer.ask(id + 1, 'echo', value)
      if (JSON.stringify(result) !== JSON.stringify(value)) throw new Failure(show(value), show(result))
    }
  }),
  must('P2.2 members that it does not know are ignored, "jsonrpc" among them', async (stage) => {
    const peer = await stage.enter()
    peer.send({ jsonrpc: '2.0', id: 1, method: 'echo', params: 'a', colour: 'red', toString: 1 })
    await peer.expect({ id: 1, result: 'a' })
  }),
  must('P2.3 a text that is no frame is the app’s own, and comes back as it was', async (stage) => {
    const peer = await stage.enter()
    for (const text of OWN_MESSAGES) {
      peer.send(text)
      await peer.expect(text)
    }
  }),
  must('P2.4 a frame with wrong types in it is ignored', async (stage) => {
    const peer = await stage.enter()
    for (const text of MALFORMED) {
      peer.send(text)
      const [answer] = await peer.settle()
      if (answer !== undefined) throw new Failure(`no answer to ${text}`, show(answer))
    }
    await peer.ask(1, 'echo')
  }),
  must('P2.4 no message breaks the server', async (stage) => {
    const peer = await stage.enter()
    for (const open of ['[', '{"a":']) peer.send(`{"id":1,"method":"echo","params":${open.repeat(50_000)}`)
    peer.send(`{"id":2,"method":"echo","params":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)
    peer.send('{"id":3,"method":"count","params":{"__proto__":null}}')
    peer.send('{"id":4,"method":"join","params":7}')
    peer.send('{"id":5,"method":"slow","params":"long"}')
    // It may do with that one what it likes. The others are served.
    await (await stage.enter()).ask(1, 'echo')
  }),
  order,
  must('P3.1 ping is answered with pong, at any time', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 1, method: 'slow', params: 60_000 })
    peer.send('ping')
    await peer.expect('pong')
    peer.send('ping 15000')
    await peer.expect('pong')
  }),
  must('P3.1 ping is answered before a page is in, too', async (stage) => {
    const peer = await stage.open()
    peer.send('ping')
    await peer.expect('pong')
  }),
  should('P3.2 it pings, and says how often', async (stage) => {
    await intervalOf(await stage.enter())
  }),
  should('P3.2 it pings as often as it says', async (stage) => {
    const peer = await stage.enter()
    const intervalMs = await shortIntervalOf(peer)
    await peer.wait(() => peer.pings.length > 2, 'two more pings', 3 * intervalMs + peer.timeoutMs)
    if (new Set(peer.pings).size > 1) throw new Failure('the same interval in each ping', peer.pings.join(', '))
  }),
  should('P3.5 a client that it has not heard for two intervals is given up', async (stage) => {
    const peer = await stage.enter()
    const intervalMs = await shortIntervalOf(peer)
    peer.isSilent = true
    await peer.expectClose([4408, 1006], 3 * intervalMs + peer.timeoutMs)
  }),
]
