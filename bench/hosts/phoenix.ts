/**
 * The wire of Phoenix channels, version 2.0.0: `[join_ref, ref, topic, event, payload]`. Every push is answered: one
 * that is not is kept by the page for ten seconds, and slows down all that it receives meanwhile.
 */
import type { StartHost } from './host.js'
import { hear, serveWs } from './ws.js'

/** First byte of a binary frame. */
const BROADCAST = 2

export const start: StartHost = ({ onClient, onMessage, onBytes }) =>
  serveWs((socket) => {
    const answer = (joinRef: string | null, ref: string, topic: string, response: object): void =>
      socket.send(JSON.stringify([joinRef, ref, topic, 'phx_reply', { status: 'ok', response }]))

    const onText = (text: string): void => {
      const [joinRef, ref, topic, event, payload] = JSON.parse(text)
      if (event === 'message') onMessage(payload)
      answer(joinRef, ref, topic, event === 'next' ? { n: payload.n + 1 } : {})
      if (event !== 'phx_join') return
      onClient({
        send: (message) => socket.send(JSON.stringify([null, null, topic, 'message', message])),
        sendBytes: (bytes) => socket.send(broadcast(topic, 'bytes', bytes)),
        bufferedAmount: () => socket.bufferedAmount,
      })
    }
    /** The kind, the lengths of the four names, the names, the payload. */
    const onPush = (frame: Uint8Array): void => {
      let at = 5
      const [joinRef = '', ref = '', topic = ''] = Array.from(frame.subarray(1, at), (length) => {
        at += length
        return Buffer.from(frame.subarray(at - length, at)).toString()
      })
      onBytes(frame.subarray(at))
      answer(joinRef, ref, topic, {})
    }
    hear(socket, onText, onPush)
  })

function broadcast(topic: string, event: string, payload: Uint8Array): Buffer {
  const names = Buffer.from(topic + event)
  return Buffer.concat([Buffer.of(BROADCAST, topic.length, event.length), names, payload])
}
