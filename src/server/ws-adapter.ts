import type { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { ServerSocket, ServerSocketHandlers } from './socket.js'

/** Up to this many bytes of a message are copied behind the head of its frame: that costs less than a second write. */
const MAX_COPIED_BYTES = 4_096

/** So many bytes are not kept for the end of the turn. */
const MAX_HELD_BYTES = 16_384

/** TCP sockets that hold what was written in this turn, so that all of it takes one system call for each. */
let holding: Duplex[] = []

function hold(tcp: Duplex): void {
  if (tcp.writableCorked > 0) return
  tcp.cork()
  if (holding.push(tcp) === 1) process.nextTick(letGo)
}

function letGo(): void {
  const sockets = holding
  holding = []
  for (const tcp of sockets) tcp.uncork()
}

/** The frame of a whole message without its payload, and with room for so many bytes of it (RFC 6455, 5.2). */
function frameOf(length: number, binary: boolean, room: number): Buffer {
  const opcode = binary ? 0x82 : 0x81
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + room)
  frame[0] = opcode
  frame[1] = head === 2 ? length : head === 4 ? 126 : 127
  if (head === 4) frame.writeUInt16BE(length, 2)
  if (head === 10) frame.writeBigUInt64BE(BigInt(length), 2)
  return frame
}

/**
 * A socket of `ws` as the kit wants it. It frames by itself, and writes to the TCP socket below: a frame in one piece,
 * and the frames of a turn at once. `ws` writes there too, when it closes; the stream keeps the order.
 */
export class WsSocket implements ServerSocket {
  readonly #ws: WebSocket
  readonly #tcp: Duplex

  constructor(ws: WebSocket, tcp: Duplex) {
    ws.binaryType = 'arraybuffer'
    this.#ws = ws
    this.#tcp = tcp
  }

  send(bytes: Uint8Array, binary: boolean): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return
    const tcp = this.#tcp
    const { length } = bytes
    hold(tcp)
    if (length <= MAX_COPIED_BYTES) {
      const frame = frameOf(length, binary, length)
      frame.set(bytes, frame.length - length)
      tcp.write(frame)
    } else {
      tcp.write(frameOf(length, binary, 0))
      tcp.write(bytes)
    }
    if (tcp.writableLength > MAX_HELD_BYTES) tcp.uncork()
  }

  close(code: number, reason: string): void {
    this.#ws.close(code, reason)
  }

  terminate(): void {
    this.#ws.terminate()
  }

  bufferedAmount(): number {
    return this.#tcp.writableLength
  }

  listen({ onMessage, onError, onClose }: ServerSocketHandlers): void {
    // `ws` gives bytes as an ArrayBuffer, as asked above, and texts as a Buffer.
    this.#ws.on('message', (data) => onMessage(data instanceof ArrayBuffer ? data : data.toString()))
    this.#ws.on('error', onError)
    this.#ws.on('close', (code, reason) => onClose(code, reason.toString()))
  }
}
