/** The twenty lines that people write: it comes back after a while, and sends then what has waited. */
import { handWritten } from './hand-written.js'
import type { Peer } from './peer.js'

const peer: Peer = {
  name: 'written by hand',
  host: 'text',
  connect(options) {
    const queue: (string | Uint8Array<ArrayBuffer>)[] = []
    let socket: WebSocket
    let timer: ReturnType<typeof setTimeout> | undefined
    let closed = false

    const send = (data: string | Uint8Array<ArrayBuffer>): void => {
      if (socket.readyState === WebSocket.OPEN) socket.send(data)
      else queue.push(data)
    }
    const { read, request } = handWritten(options, send)
    const open = (): void => {
      socket = new WebSocket(options.url)
      socket.binaryType = 'arraybuffer'
      socket.onopen = () => {
        for (const data of queue.splice(0)) socket.send(data)
        options.onOpen()
      }
      socket.onclose = () => {
        options.onClose()
        if (!closed) timer = setTimeout(open, options.delayMs)
      }
      socket.onmessage = ({ data }) => read(data)
    }
    open()
    return {
      send: (message) => send(JSON.stringify(message)),
      sendBytes: send,
      request,
      close() {
        closed = true
        clearTimeout(timer)
        socket.close()
      },
    }
  },
}

export default peer
