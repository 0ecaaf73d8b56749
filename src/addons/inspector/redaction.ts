/** What is taken out of a frame before it is kept: what is not kept can be in no export. */
import { Reserved } from '../../protocol/frames.js'
import { writeHeader } from '../../protocol/session-frames.js'
import type { WireData } from '../../protocol/wire.js'
import type { Kind, Message, Reading } from './reading.js'

/** What `redact` is told of the frame beside its payload. */
export interface Redacted {
  readonly direction: 'in' | 'out'
  readonly kind: Kind
  /** The method of a request, or `channel / event` of an event; else empty. */
  readonly name: string
}

/**
 * Gives what is kept in place of a payload: of params, result, error, item or data, or of the whole message, where it is
 * the app's own (a text, or an ArrayBuffer). `undefined` keeps nothing of it. If it throws, nothing is kept
 * either.
 */
export type Redact = (payload: unknown, frame: Redacted) => unknown

/** Stands in place of what opens a session or an account. */
export const HIDDEN = '[hidden]'

/** Members of a frame that say nothing of the app's: all others go, where payloads are redacted. */
const KNOWN = ['jsonrpc', 'id', 'method', 'key', 'timeoutMs', 'cancel', 'channel', 'event', 'offset', 'position']

/**
 * A frame as it may be kept. Keys and tokens of the handshake are always hidden; what the app says is up to `redact`.
 * Gives the same data if there is nothing to hide.
 */
export function redacted(data: WireData, reading: Reading, direction: 'in' | 'out', redact?: Redact): WireData {
  const [first] = reading.messages
  const hidden = reading.messages.map(hideSecrets)
  const isSame = hidden.every((message, i) => message === reading.messages[i])
  if (isSame && (!redact || /^(heartbeat|ack|hi|ok|no|bye)$/.test(first.kind))) return data
  const header = reading.number === undefined ? '' : writeHeader(reading.number, reading.ack ?? 0)
  if (!first.object) return withHeader(header, ask(first, direction, redact))
  const objects = hidden.map((message) => rebuilt(message, direction, redact))
  return withHeader(header, reading.isBatch ? objects : objects[0])
}

function withHeader(header: string, payload: unknown): WireData {
  if (typeof payload === 'string') return header + payload
  if (!(payload instanceof ArrayBuffer)) return header + write(payload)
  const bytes = new Uint8Array(header.length + payload.byteLength)
  bytes.set(new TextEncoder().encode(header))
  bytes.set(new Uint8Array(payload), header.length)
  return bytes.buffer
}

/** The object that is kept in place of the one that travelled. */
function rebuilt(message: Message, direction: 'in' | 'out', redact?: Redact): object {
  const { object = {}, member } = message
  const kept: { [name: string]: unknown } = {}
  for (const name of redact ? KNOWN : Object.keys(object)) if (name in object) kept[name] = object[name]
  if (member !== undefined && member in object)
    kept[member] = redact ? (ask(message, direction, redact) ?? null) : message.payload
  return kept
}

function ask({ payload, kind, name }: Message, direction: 'in' | 'out', redact?: Redact): unknown {
  try {
    return redact?.(payload, { direction, kind, name })
  } catch {
    return '[redact threw]'
  }
}

/** The session's key and the token are as good as a password, and the inspector is made for sharing. */
function hideSecrets(message: Message): Message {
  const { kind, payload, name } = message
  if (kind !== 'hi' && kind !== 'ok' && !(kind === 'request' && name === Reserved.auth)) return message
  if (typeof payload !== 'object' || payload === null) return message
  const copy: { [name: string]: unknown } = { ...payload }
  for (const secret of ['key', 'token']) if (secret in copy) copy[secret] = HIDDEN
  return { ...message, payload: copy }
}

function write(value: unknown): string {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return HIDDEN
  }
}
