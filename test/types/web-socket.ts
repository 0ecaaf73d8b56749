/** Compiled, never run: the drop-in goes wherever the platform's `WebSocket` does, and says what it has besides. */
import { HoldfastWebSocket, type HoldfastWebSocketOptions } from '../../src/addons/websocket/index.js'

export const socket: WebSocket = new HoldfastWebSocket('wss://example.com', ['chat'])
export const implementation: typeof WebSocket = HoldfastWebSocket
export const forLibraries: typeof WebSocket = HoldfastWebSocket.once({ openTimeoutMs: 5000 })
/** What libraries ask of it: a class that makes something like a WebSocket. */
export const asked: new (url: string | URL, protocols?: string | string[]) => WebSocket = HoldfastWebSocket

export function use(socket: HoldfastWebSocket): void {
  socket.onmessage = ({ data, origin }) => socket.send(`${data} ${origin}`)
  socket.onclose = function ({ code, reason, wasClean }) {
    this.close(code, wasClean ? reason.trim() : undefined)
  }
  socket.addEventListener('close', ({ code }) => code.toFixed(), { once: true })
  socket.addEventListener('message', function ({ data }) {
    this.send(data)
  })
  socket.addEventListener('holdfast:status', ({ detail }) => detail.why.trim())
  socket.addEventListener('holdfast:drop', ({ detail: { why, data } }) => why === 'expired' && socket.send(data))
  socket.addEventListener('an event of the app', { handleEvent: ({ type }) => type.trim() })
  socket.removeEventListener('close', null)
  socket.send(new Uint8Array(3))
  socket.binaryType = 'arraybuffer'
  const one: 1 = HoldfastWebSocket.OPEN
  const state: boolean = socket.readyState === socket.CLOSED || socket.readyState === one
  if (state) socket.close()

  // @ts-expect-error: a text is no code
  socket.close('1000')
  // @ts-expect-error: no such type
  socket.binaryType = 'nodebuffer'
  // @ts-expect-error: it says what it is
  socket.readyState = 3
  // @ts-expect-error: a message has no code
  socket.addEventListener('message', ({ code }) => code)
}

export const options: HoldfastWebSocketOptions = {
  heartbeat: { intervalMs: 1000, ping: new Uint8Array([0xc0, 0]), pong: 'pong' },
  shouldReconnect: ({ code }) => (code === 4000 ? false : undefined),
}
new HoldfastWebSocket(async (lastClose) => `wss://example.com/?why=${lastClose?.code}`, [], options)

// @ts-expect-error: it needs a URL
new HoldfastWebSocket()
// @ts-expect-error: a ping is needed
new HoldfastWebSocket('', [], { heartbeat: { intervalMs: 1000 } })
// @ts-expect-error: that is what it is for
HoldfastWebSocket.once({ reconnect: true })
