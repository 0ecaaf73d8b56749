/** Limits: sections 8 and 14 of PROTOCOL.md. Each check sends more than any server should take. */
import { type Check, must, should } from '../check.js'
import { Failure } from '../failure.js'
import type { Peer } from '../peer.js'

/** More than a message, or what waits for one reader, may have. */
const TOO_MANY_BYTES = 32 * 2 ** 20
const TOO_MANY_REQUESTS = 5_000
const TOO_MANY_MESSAGES = 30_000
const PIECE = 64 * 1024

/** Close codes of a limit; 1006 where the end of the socket has overtaken its close frame. */
const SENT_AWAY = [1006, 1008, 1009, 1013, 4002, 4429]

const untilDrained = async (peer: Peer): Promise<void> => {
  while (peer.socket.bufferedAmount > 2 ** 20 && !peer.closed) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Has `speaker` fill the channel; gives up early when `isEnough`. */
export async function flood(speaker: Peer, isEnough: () => boolean): Promise<void> {
  const text = 'x'.repeat(PIECE)
  for (let sent = 0; sent < TOO_MANY_BYTES && !isEnough(); sent += PIECE) {
    speaker.socket.send(JSON.stringify({ channel: 'chat', event: 'message', data: { text } }))
    await speaker.next('the event that it has sent to the channel', 4 * speaker.timeoutMs)
  }
}

export const limits: readonly Check[] = [
  must('P8.1 a message that is too big closes the connection', async (stage) => {
    const peer = await stage.enter()
    const piece = Buffer.alloc(2 ** 20, 'x')
    for (let sent = 0; sent < TOO_MANY_BYTES && !peer.closed; sent += piece.length) {
      peer.socket.send(piece, { binary: false, fin: sent + piece.length >= TOO_MANY_BYTES }, () => {})
      await untilDrained(peer)
    }
    await peer.expectClose([1009, 1006])
  }),
  must('P8.1 open requests are bounded', async (stage) => {
    const peer = await stage.enter()
    for (let id = 1; id <= TOO_MANY_REQUESTS && !peer.closed; id++) {
      peer.socket.send(JSON.stringify({ id, method: 'slow', params: 60_000 }))
    }
    await peer.wait(
      () => peer.closed !== undefined || peer.take().some((message) => String(message).includes('"error"')),
      `an error to one of ${TOO_MANY_REQUESTS} open requests, or a close`,
    )
    if (peer.closed && !SENT_AWAY.includes(peer.closed.code)) {
      throw new Failure(`a close with ${SENT_AWAY.join(', ')}`, `${peer.closed.code}`)
    }
  }),
  should('P8.1 messages a second are bounded', async (stage) => {
    const peer = await stage.enter()
    for (let sent = 0; sent < TOO_MANY_MESSAGES && !peer.closed; sent++) {
      peer.socket.send('ping')
      if (sent % 500 === 0) await untilDrained(peer)
    }
    let answered = 0
    await peer
      .wait(() => {
        answered += peer.take().length
        return answered >= TOO_MANY_MESSAGES || peer.closed !== undefined
      }, 'a close')
      .catch(() => {})
    if (answered < TOO_MANY_MESSAGES) return
    throw new Failure(`a close, or some time for ${TOO_MANY_MESSAGES} messages`, 'an answer to all of them at once')
  }),
  must('P8.1 a reader that stands still is given up, and the others are served', async (stage) => {
    const [slow, speaker] = [await stage.enter(), await stage.enter()]
    for (const peer of [slow, speaker]) await peer.ask(1, 'join', { channel: 'chat' })
    slow.socket.pause()
    await flood(speaker, () => false)
    slow.socket.resume()
    await slow.expectClose(SENT_AWAY)
    await speaker.ask(2, 'echo')
  }),
]
