/** For the libraries that look like a WebSocket: JSON by hand, as with the real one. They have no requests. */
import type { Link, PeerOptions } from './peer.js'

interface DropIn {
  binaryType: string
  addEventListener(type: 'open' | 'close', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { data?: unknown }) => void): void
  send(data: string | Uint8Array<ArrayBuffer>): unknown
  close(): void
}

export function dropIn(socket: DropIn, { onOpen, onClose, onMessage, onBytes }: PeerOptions): Link {
  socket.addEventListener('open', () => {
    // Not all remember it when it is said earlier.
    socket.binaryType = 'arraybuffer'
    onOpen()
  })
  socket.addEventListener('close', onClose)
  socket.addEventListener('message', ({ data }) => {
    if (data instanceof ArrayBuffer) onBytes(data)
    else onMessage(JSON.parse(String(data)))
  })
  return {
    send: (message) => socket.send(JSON.stringify(message)),
    sendBytes: (bytes) => socket.send(bytes),
    close: () => socket.close(),
  }
}
