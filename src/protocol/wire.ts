import type { Frame, FrameId } from './frames.js'

/** What a socket carries: text, or bytes. */
export type WireData = string | ArrayBuffer

/** Gives the method of an open request of this end. */
export type MethodOf = (id: FrameId) => string | undefined

/**
 * Translates between frames and what travels, for a server with its own message shapes.
 *
 * - `encode` turns a frame into text or bytes. A throw rejects the request, or throws out of the `send` that caused it.
 *   `''` for an answer or a cancel: nothing travels for it, or not now.
 * - `decode` turns what arrived into a frame. `undefined` means: not a frame; it reaches `client.on('message')` as it
 *   came. A throw, or an object with the wrong types in it, is counted and reported as a protocol error. In the page it
 *   may also give an array of frames, which are taken one after another, or a promise of any of these: what comes later
 *   waits for it, so it must settle. `methodOf` says what an answer is an answer to. What in an array is no frame is
 *   counted and reported, a `HoldfastError` as it is; as the `error` of a frame, one also cancels the request to which
 *   that is an answer.
 *
 * Heartbeat texts never reach `decode`.
 */
export interface Wire {
  /** What travels for a frame. */
  encode(frame: Frame): string | ArrayBuffer | ArrayBufferView<ArrayBuffer>
  /** The frame that arrived, or `undefined` for what is none. */
  decode(data: WireData, methodOf?: MethodOf): unknown
}

/** The plain wire: one JSON object in a text frame (PROTOCOL.md, section 2). */
export const jsonWire: Wire = {
  encode: JSON.stringify,
  decode(data) {
    // Text that cannot be a frame is not parsed: the app will do it, and once is enough.
    if (typeof data !== 'string' || data[0] !== '{' || !(data.includes('"id"') || data.includes('"channel"'))) return
    try {
      return JSON.parse(data)
    } catch {
      return undefined
    }
  },
}

/** The plain wire with the member `"jsonrpc": "2.0"` in every request and answer. */
export const jsonRpcWire: Wire = {
  encode: (frame) => JSON.stringify('channel' in frame ? frame : { jsonrpc: '2.0', ...frame }),
  decode: jsonWire.decode,
}

/** The wire of that name, or the app's own. */
export const wireOf = (wire: 'json' | 'jsonrpc' | Wire): Wire =>
  wire === 'json' ? jsonWire : wire === 'jsonrpc' ? jsonRpcWire : wire
