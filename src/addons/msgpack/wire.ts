import {
  Decoder,
  decodeTimestampExtension,
  Encoder,
  EXT_TIMESTAMP,
  ExtensionCodec,
  encodeTimestampExtension,
} from '@msgpack/msgpack'
import type { Wire } from '../../protocol/wire.js'
import { InvalidOption } from '../../shared/errors.js'
import { fromParts, toParts } from './files.js'
import { checkWhole } from './measure.js'

/** The extension type of a file: a MessagePack array of its bytes, type, name and time, the last two nil for a Blob. */
const FILE = 1

/**
 * Frames as MessagePack, in binary messages. For both ends: it is the `wire` of `connect` and of `createServer`.
 *
 * - `Uint8Array` and `Date` arrive as such. Other views of bytes arrive as `Uint8Array`, which is a view of the message.
 * - A number arrives as number, and a `bigint` of up to 64 bits as bigint. So does a 64-bit integer of a server in another
 *   language, which a number might round.
 * - A `File` or `Blob` arrives as such, with name, type and time, if `readFiles` has read it.
 * - What would arrive as something else throws `InvalidOption` (`request` rejects with it): a file that was not read, an
 *   `ArrayBuffer`, `Map` or `Set`, an invalid date, a larger bigint.
 *
 * Text is no frame: heartbeats go on as text, and the text of an app reaches `message`. Bytes that are no whole value of
 * MessagePack, or deeper than 100, are a protocol error.
 */
export function msgpack(): Wire {
  // A file inside of a file is none.
  const plain = codec()
  const extended = codec()
  const parts = new Encoder({ extensionCodec: plain })
  const readParts = new Decoder({ extensionCodec: plain })
  extended.register({
    type: FILE,
    encode(value) {
      const found = toParts(value)
      if (found) return parts.encode(found)
      refuse(value)
      return null
    },
    decode(bytes) {
      checkWhole(bytes)
      return fromParts(readParts.decode(bytes))
    },
  })
  const encoder = new Encoder({ extensionCodec: extended, useBigInt64: true, ignoreUndefined: true })
  const decoder = new Decoder({ extensionCodec: extended, useBigInt64: true })

  return {
    encode(frame) {
      return encoder.encode(frame)
    },
    decode(data) {
      if (typeof data === 'string') return undefined
      const bytes = new Uint8Array(data)
      checkWhole(bytes)
      return decoder.decode(bytes)
    },
  }
}

/** With dates that are dates. */
function codec(): ExtensionCodec {
  const made = new ExtensionCodec()
  made.register({
    type: EXT_TIMESTAMP,
    encode: (value) => (value instanceof Date ? encodeTimestampExtension(checkDate(value)) : null),
    decode: (bytes) => checkDate(decodeTimestampExtension(bytes)),
  })
  return made
}

function checkDate(date: Date): Date {
  if (Number.isNaN(date.getTime())) throw new InvalidOption('date', 'a valid one')
  return date
}

/** What is not a value of MessagePack, and would arrive as something else. */
function refuse(value: unknown): void {
  if (ArrayBuffer.isView(value)) return
  if (value instanceof ArrayBuffer) throw new InvalidOption('value', 'a Uint8Array, not an ArrayBuffer')
  if (value instanceof Map || value instanceof Set)
    throw new InvalidOption('value', 'an object or array, not a Map or Set')
  for (const one of Object.values(Object(value))) {
    if (typeof one === 'bigint' && !fits(one)) throw new InvalidOption('bigint', 'at most 64 bits')
  }
}

const fits = (number: bigint): boolean => BigInt.asIntN(64, number) === number || BigInt.asUintN(64, number) === number
