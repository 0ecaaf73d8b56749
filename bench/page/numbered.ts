/** Messages with numbers, and the check that each arrives once and in order: used by pages and by the server. */
import type { Numbered } from '../peers/peer.js'

/** Bytes of a message of text as JSON, and of one of bytes. */
const TEXT_BYTES = 100
export const BINARY_BYTES = 1024

const FRAME_BYTES = JSON.stringify({ n: 1, text: '' }).length - 1
const FILL = 'To measure is to know, and what is not measured is believed. '.repeat(2)

/** The message with this number: 100 bytes as JSON. */
export const numbered = (n: number): Numbered => ({ n, text: FILL.slice(0, TEXT_BYTES - FRAME_BYTES - `${n}`.length) })

/** 1 KiB that begins with the number. */
export function numberedBytes(n: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(BINARY_BYTES)
  new DataView(bytes.buffer).setUint32(0, n)
  return bytes
}

export const numberOf = (bytes: ArrayBufferLike | Uint8Array): number =>
  bytes instanceof Uint8Array
    ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
    : new DataView(bytes).getUint32(0)

/** What became of numbers that count up from 1. */
export interface Tally {
  received: number
  /** Numbers that came before the one in front of them, or again. */
  late: number
  /** Numbers that were left out, so far. */
  missing: number
  last: number
}

export const newTally = (): Tally => ({ received: 0, late: 0, missing: 0, last: 0 })

export function count(tally: Tally, n: number): void {
  tally.received++
  if (n > tally.last) {
    tally.missing += n - tally.last - 1
    tally.last = n
  } else tally.late++
}

/** Throws unless exactly the numbers from 1 to `expected` came, in order. */
export function mustBeWhole(tally: Tally, expected: number, what: string): void {
  if (tally.received !== expected || tally.late || tally.missing)
    throw new Error(`${what}: of ${expected} came ${tally.received}, ${tally.missing} missing, ${tally.late} late`)
}
