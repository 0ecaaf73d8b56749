/** What the standard does with arguments (WHATWG WebSockets, section 3, and Web IDL), and the events it has. */
import type { CloseLike, Environment } from '../../core/platform/environment.js'
import type { Sendable } from '../../core/platform/sendable.js'
import { MAX_REASON_BYTES, utf8Length } from '../../protocol/window.js'

/** Characters of a subprotocol (RFC 6455, 4.1: a token of HTTP). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/

/** The URL as it will be dialled; relative to the page, and http as ws. Throws a `SyntaxError`. */
export function toAddress(url: unknown, environment: Environment): string {
  if (url === undefined) throw new TypeError('A WebSocket needs a URL.')
  const text = `${url}`
  try {
    return environment.resolveUrl(text)
  } catch {
    throw new DOMException(`'${text}' must be a ws(s) or http(s) URL without a fragment.`, 'SyntaxError')
  }
}

/** The subprotocols as a list. Throws a `SyntaxError` for what cannot be one, and for one that is named twice. */
export function toProtocols(protocols: string | Iterable<string>): string[] {
  const isList = typeof protocols === 'object' && protocols && Symbol.iterator in protocols
  const list = isList ? [...protocols] : [protocols]
  const names = list.map((name) => `${name}`)
  for (const [i, name] of names.entries()) {
    if (!TOKEN.test(name) || names.indexOf(name) < i) {
      throw new DOMException(`The subprotocol '${name}' is no token, or named twice.`, 'SyntaxError')
    }
  }
  return names
}

/** The arguments of `close`, each absent if `undefined`. Throws an `InvalidAccessError` or a `SyntaxError`. */
export function toClose(code: unknown, reason: unknown): [code: number | undefined, reason: string | undefined] {
  const number = code === undefined ? undefined : toShort(code)
  const text = reason === undefined ? undefined : `${reason}`
  if (number !== undefined && number !== 1000 && !(number >= 3000 && number <= 4999)) {
    throw new DOMException(`The close code must be 1000, or from 3000 to 4999, not ${number}.`, 'InvalidAccessError')
  }
  if (text && utf8Length(text) > MAX_REASON_BYTES) {
    throw new DOMException(`The close reason must not be longer than ${MAX_REASON_BYTES} bytes.`, 'SyntaxError')
  }
  // Without a code there is no room for a reason on the wire (RFC 6455, 5.5.1).
  return [number ?? (text ? 1000 : undefined), text]
}

/** `[Clamp] unsigned short` (Web IDL, 3.2.4.9): what lies between two goes to the even one. */
function toShort(value: unknown): number {
  const number = Math.min(Math.max(Number(value), 0), 65_535) || 0
  const floor = Math.floor(number)
  return number - floor === 0.5 ? floor + (floor % 2) : Math.round(number)
}

/** Bytes and Blobs, also of another frame; all else is a text. */
export const toSendable = (data: unknown): Sendable => (isBinary(data) ? data : `${data}`)

const isBinary = (data: unknown): data is Exclude<Sendable, string> =>
  ArrayBuffer.isView(data) || /ArrayBuffer|Blob|File/.test(Object.prototype.toString.call(data))

/** Node has had no class for it before version 23. */
const {
  CloseEvent = class extends Event implements CloseLike {
    readonly code: number
    readonly reason: string
    readonly wasClean: boolean

    constructor(type: string, { code, reason, wasClean }: CloseLike) {
      super(type)
      this.code = code
      this.reason = reason
      this.wasClean = wasClean
    }
  },
} = globalThis

export const closeEvent = ({ code, reason, wasClean }: CloseLike): Event =>
  new CloseEvent('close', { code, reason, wasClean })
