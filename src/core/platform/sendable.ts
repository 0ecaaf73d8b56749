import { utf8Length } from '../../protocol/window.js'

/** What may be sent: text, bytes or a Blob. */
export type Sendable = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob

/** Bytes that wait must not change when the app uses its buffer again. */
export const copyOf = (data: Sendable): Sendable =>
  ArrayBuffer.isView(data) ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data.slice(0)

/** The bytes that a socket counts for it in `bufferedAmount`. */
export const bytesOf = (data: Sendable): number =>
  typeof data === 'string' ? utf8Length(data) : 'size' in data ? data.size : data.byteLength
