/** Requests and streams: section 4 of PROTOCOL.md. */
import { type Check, must } from '../check.js'
import { Failure } from '../failure.js'
import { type Peer, parse, show } from '../peer.js'

/** What a stack looks like in the languages that servers are written in. */
const STACK = /\bat .+:\d+|Traceback|goroutine \d|#0 |"stack"/

/** How long nothing may come, in ms, after which it is taken that nothing will. */
const QUIET_MS = 200

/** Waits until the server answers so many requests, and no more. */
async function untilRunning(peer: Peer, wanted: number): Promise<void> {
  const end = Date.now() + peer.timeoutMs
  for (let id = 1000; ; id++) {
    const running = await peer.ask(id, 'running')
    if (running === wanted) return
    if (Date.now() > end) throw new Failure(`${wanted} requests that run`, show(running))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** The number and the texts that no method has, names of the language among them. */
const UNKNOWN = ['unheard-of', '', '__proto__', 'constructor', 'toString', '__init__', '__construct', 'ECHO']

async function expectQuestion(peer: Peer, params: unknown): Promise<number | string> {
  const expected = show({ id: '…', method: 'confirm', params })
  const message = await peer.next(expected)
  const frame = parse(message)
  const isFrame = typeof frame === 'object' && frame !== null && 'method' in frame && 'id' in frame && 'params' in frame
  if (!isFrame || frame.method !== 'confirm' || JSON.stringify(frame.params) !== JSON.stringify(params)) {
    throw new Failure(expected, show(message))
  }
  const { id } = frame
  if (typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id))) return id
  throw new Failure('an id that is a whole number or a string', show(message))
}

export const requests: readonly Check[] = [
  must('P4.1 the server asks the page, by ids of its own', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 1, method: 'ask', params: 'Sure?' })
    const first = await expectQuestion(peer, 'Sure?')
    peer.send({ id: 'other', method: 'ask', params: { really: [1] } })
    const second = await expectQuestion(peer, { really: [1] })
    if (first === second) throw new Failure('another id for each question', show(second))
    peer.send({ id: second, result: 'yes' })
    await peer.expect({ id: 'other', result: 'yes' })
    peer.send({ id: first, error: { code: 'busy', message: 'Ask me later.' } })
    await peer.expectError(1, 'busy')
  }),
  must('P4.1 a request with the id of an open one is ignored', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 5, method: 'slow', params: 150 })
    peer.send({ id: 5, method: 'echo', params: 'the second' })
    await peer.expect({ id: 5, result: null })
    await peer.quiet(QUIET_MS)
  }),
  must('P4.2 each request is answered once', async (stage) => {
    const peer = await stage.enter()
    for (let id = 1; id <= 100; id++) peer.send({ id, method: id % 10 === 0 ? 'fail' : 'echo', params: id })
    const answered = new Set<unknown>()
    for (let i = 0; i < 100; i++) {
      const message = await peer.next('100 answers')
      const frame = parse(message)
      const id = typeof frame === 'object' && frame !== null && 'id' in frame ? frame.id : undefined
      if (typeof id !== 'number' || id < 1 || id > 100 || answered.has(id)) {
        throw new Failure('one answer to each of the requests 1 to 100', show(message))
      }
      answered.add(id)
    }
    await peer.quiet(QUIET_MS)
  }),
  must('P4.2 a slow request does not keep back the others', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 1, method: 'slow', params: 300 })
    peer.send({ id: 2, method: 'echo', params: 'quick' })
    await peer.expect({ id: 2, result: 'quick' })
    await peer.expect({ id: 1, result: null })
  }),
  must('P4.3 an unknown method is answered with -32601', async (stage) => {
    const peer = await stage.enter()
    for (const [id, method] of UNKNOWN.entries()) {
      peer.send({ id: id + 1, method })
      await peer.expectError(id + 1, -32601)
    }
  }),
  must('P4.3 an error of the app keeps its code, message and data', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 1, method: 'fail' })
    const error = { code: 'no_such_room', message: 'There is no room 9.', data: { room: 9 } }
    await peer.expect({ id: 1, error })
  }),
  must('P4.3 a failure that the app did not word is -32603, without a stack', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 1, method: 'crash' })
    const error = await peer.expectError(1, -32603)
    if (STACK.test(JSON.stringify(error))) throw new Failure('an error without a stack', show(error))
    await peer.ask(2, 'echo')
  }),
  must('P4.4 a stream gives its items in order, and then its result', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 's', method: 'count', params: 50 })
    for (let item = 1; item <= 50; item++) await peer.expect({ id: 's', item })
    await peer.expectResult('s')
    await peer.quiet(QUIET_MS)
  }),
  must('P4.4 streams run side by side', async (stage) => {
    const peer = await stage.enter()
    for (const id of [1, 2]) peer.send({ id, method: 'count', params: 100_000 })
    const heard = new Set<string>()
    await peer.wait(() => {
      for (const message of peer.take()) heard.add(/"id":\s*(\d)/.exec(String(message))?.[1] ?? '')
      return heard.size > 1
    }, 'items of both streams')
  }),
  must('P4.5 after a cancel nothing more is said for its id', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 1, method: 'count', params: 1_000_000 })
    for (let item = 1; item <= 3; item++) await peer.expect({ id: 1, item })
    peer.send({ id: 1, cancel: true })
    await peer.settle()
    await peer.quiet(QUIET_MS, 'nothing for the id 1 after the pong that follows the cancel')
    peer.send({ id: 2, method: 'slow', params: 100 })
    peer.send({ id: 2, cancel: true })
    await peer.settle()
    await peer.quiet(QUIET_MS, 'no answer to what was cancelled')
  }),
  must('P4.5 what was cancelled stops', async (stage) => {
    const peer = await stage.enter()
    await untilRunning(peer, 0)
    peer.send({ id: 1, method: 'slow', params: 60_000 })
    await untilRunning(peer, 1)
    peer.send({ id: 1, cancel: true })
    await untilRunning(peer, 0)
  }),
  must('P4.5 P2.4 a cancel for what is answered, or was never asked, is ignored', async (stage) => {
    const peer = await stage.enter()
    await peer.ask(1, 'echo')
    for (const id of [1, 999, 'never']) peer.send({ id, cancel: true })
    const [answer] = await peer.settle()
    if (answer !== undefined) throw new Failure('no answer to a cancel', show(answer))
  }),
  must('P4.6 P2.4 an answer that nobody waits for any more is ignored', async (stage) => {
    const peer = await stage.enter()
    peer.send({ id: 1, method: 'ask', params: 'Sure?' })
    const id = await expectQuestion(peer, 'Sure?')
    peer.send({ id, result: 'first' })
    peer.send({ id, result: 'second' })
    await peer.expect({ id: 1, result: 'first' })
    await peer.quiet(QUIET_MS)
  }),
  must('P4.7 with the socket its open requests are gone', async (stage) => {
    const watcher = await stage.enter()
    await untilRunning(watcher, 0)
    const peer = await stage.enter()
    peer.send({ id: 1, method: 'slow', params: 60_000 })
    peer.send({ id: 2, method: 'count', params: 1_000_000 })
    await untilRunning(watcher, 2)
    await peer.cut()
    await untilRunning(watcher, 0)
  }),
]
