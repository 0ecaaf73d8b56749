/**
 * Whether bytes are one whole value of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), not too
 * deep, found out before anything is made of them. A decoder makes an array as long as its header says, and five bytes can
 * say four billion.
 */

/** Arrays and maps in one another. The encoder of `@msgpack/msgpack` has the same limit. */
const MAX_DEPTH = 100

/** What a value takes after its first byte: `bytes` in all, or a length in so many bytes and then as much again. */
interface Shape {
  /** Bytes of the length, if it has one of its own. */
  readonly lengthBytes?: 1 | 2 | 4
  /** Fixed bytes, those of the type of an extension among them. */
  readonly bytes?: number
  /** Values that follow for each unit of the length; without, these are bytes. */
  readonly values?: 1 | 2
}

/** First bytes from 0xc0 to 0xdf. */
const SHAPES: readonly (Shape | undefined)[] = [
  {},
  undefined,
  {},
  {},
  { lengthBytes: 1 },
  { lengthBytes: 2 },
  { lengthBytes: 4 },
  { lengthBytes: 1, bytes: 1 },
  { lengthBytes: 2, bytes: 1 },
  { lengthBytes: 4, bytes: 1 },
  { bytes: 4 },
  { bytes: 8 },
  { bytes: 1 },
  { bytes: 2 },
  { bytes: 4 },
  { bytes: 8 },
  { bytes: 1 },
  { bytes: 2 },
  { bytes: 4 },
  { bytes: 8 },
  { bytes: 2 },
  { bytes: 3 },
  { bytes: 5 },
  { bytes: 9 },
  { bytes: 17 },
  { lengthBytes: 1 },
  { lengthBytes: 2 },
  { lengthBytes: 4 },
  { lengthBytes: 2, values: 1 },
  { lengthBytes: 4, values: 1 },
  { lengthBytes: 2, values: 2 },
  { lengthBytes: 4, values: 2 },
]

/** Throws a `RangeError` for what is cut off, claims more than is there, goes too deep, or has something after it. */
export function checkWhole(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  /** Values that are still to come, of each array and map that is open. */
  const open: number[] = [1]
  let at = 0
  /** Values that are still to come in all: each takes at least one byte. */
  let due = 1
  while (open.length > 0) {
    const left = open.length - 1
    const rest = open[left] ?? 0
    if (rest === 0) {
      open.pop()
      continue
    }
    open[left] = rest - 1
    due--
    const { values, skip } = readHead(view, at)
    at += skip
    due += values
    if (due > view.byteLength - at) throw new RangeError('MessagePack: shorter than it says')
    if (values === 0) continue
    open.push(values)
    if (open.length > MAX_DEPTH + 1) throw new RangeError(`MessagePack: deeper than ${MAX_DEPTH}`)
  }
  if (at !== view.byteLength) throw new RangeError('MessagePack: longer than it says')
}

/** How many values are inside of the one that begins here, and how many bytes it takes without them. */
function readHead(view: DataView, at: number): { values: number; skip: number } {
  const first = view.getUint8(at)
  if (first < 0x80 || first >= 0xe0) return { values: 0, skip: 1 }
  if (first < 0x90) return { values: 2 * (first & 0x0f), skip: 1 }
  if (first < 0xa0) return { values: first & 0x0f, skip: 1 }
  if (first < 0xc0) return { values: 0, skip: 1 + (first & 0x1f) }
  const shape = SHAPES[first - 0xc0]
  if (!shape) throw new RangeError('MessagePack: 0xc1 is no value')
  const { lengthBytes = 0, bytes = 0, values } = shape
  const length = lengthBytes && readLength(view, at + 1, lengthBytes)
  const head = 1 + lengthBytes + bytes
  return values ? { values: values * length, skip: head } : { values: 0, skip: head + length }
}

const readLength = (view: DataView, at: number, bytes: 1 | 2 | 4): number =>
  bytes === 1 ? view.getUint8(at) : bytes === 2 ? view.getUint16(at) : view.getUint32(at)
