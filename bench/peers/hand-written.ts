/** What people write around a WebSocket: JSON both ways, and a map of the requests that wait, without a timeout. */
import type { PeerOptions } from './peer.js'

interface HandWritten {
  /** Takes what a message event brings. */
  read(data: unknown): void
  request(n: number): Promise<number>
}

export function handWritten({ onMessage, onBytes }: PeerOptions, send: (text: string) => void): HandWritten {
  const waiting = new Map<number, (result: number) => void>()
  let lastId = 0
  return {
    read(data) {
      if (data instanceof ArrayBuffer) return onBytes(data)
      const message = JSON.parse(String(data))
      if (message.id === undefined) return onMessage(message)
      waiting.get(message.id)?.(message.result)
      waiting.delete(message.id)
    },
    request: (n) =>
      new Promise((resolve) => {
        const id = ++lastId
        waiting.set(id, resolve)
        send(JSON.stringify({ id, method: 'next', params: { n } }))
      }),
  }
}
