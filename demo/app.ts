/** What the page and the server of the demo say to each other: the one type that both ends share, and its limits. */
export interface App {
  requests: {
    'chat.rename': { params: { name: string }; result: null }
    /** Who answers questions. */
    'ask.who': { params?: undefined; result: Assistant }
    /** An answer, piece by piece. */
    ask: { params: { question: string }; item: string; result: null }
    /** Takes an image and reads it, and says how far it is; the bytes travel as binary messages (`writeChunk`). */
    analyse: { params: { size: number }; item: AnalyseItem; result: null }
  }
  channels: {
    chat: {
      /** Which server the page is with: each restart makes another one. */
      server: number
      /** The chat as it is, for whoever enters and cannot be given all that was missed. */
      state: { messages: ChatMessage[]; people: Person[] }
      /** The page says something. It makes the id, so that saying it twice is harmless. */
      say: { id: string; text: string }
      message: ChatMessage
      /** What was said was refused. */
      refused: { id: string; code: string | number; why: string }
      /** Everybody who is here. */
      people: Person[]
      /** Somebody is writing: the page says that it happens, the server who. */
      typing: Person | undefined
      /** The page shows everything up to the message of this time. */
      read: number
    }
  }
}

export interface Person {
  id: string
  name: string
  /** Time of the newest message that this person has seen; 0 if none. */
  readUpTo: number
}

export interface ChatMessage {
  id: string
  /** Id of the person who wrote it, and the name at that time. */
  author: string
  name: string
  text: string
  /** Time of the server, in ms. No two messages share one, so it is the order too. */
  at: number
}

export interface Assistant {
  /** Whether a model answers, or the search in the documentation. */
  kind: 'model' | 'search'
  name: string
}

export type AnalyseItem =
  | { step: 'upload'; upload: number; received: number }
  | { step: 'reading' }
  | { step: 'done'; picture: Picture }

/** What the server has seen in an image. */
export interface Picture {
  format: string
  width: number
  height: number
  bytes: number
  hasAlpha: boolean
  /** The most common colours, as `#rrggbb`, with their share of the image (0 to 1). */
  colours: { hex: string; share: number }[]
  /** How often each brightness occurs, in 64 steps from dark to bright, for each primary colour; the highest is 1. */
  histogram: { red: number[]; green: number[]; blue: number[] }
}

/** The faults that the page can ask for, by the name in `POST /trouble/<name>`. */
export type TroubleName =
  | 'cut'
  | 'flap'
  | 'black-hole'
  | 'lost-answers'
  | 'slow'
  | 'refuse'
  | 'restart'
  | 'kill'
  | 'expire-token'

/** A fault that lasts: how long it still does, in ms. */
export interface ActiveTrouble {
  name: TroubleName
  leftMs: number
}

export const LIMITS = {
  /** Messages that the chat remembers. */
  history: 100,
  /** Characters of a chat message. */
  text: 2_000,
  /** Characters of a name. */
  name: 40,
  /** Characters of a question. */
  question: 1_000,
  /** Bytes of an image. */
  image: 10 * 1024 * 1024,
  /** Bytes of an image in one message. */
  chunk: 64 * 1024,
}

/** Upload and offset before the bytes of a chunk: two unsigned numbers of 32 bits. */
const CHUNK_HEADER = 8

/** Puts a piece of an image into a binary message. */
export function writeChunk(upload: number, offset: number, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array(CHUNK_HEADER + bytes.length)
  const header = new DataView(chunk.buffer)
  header.setUint32(0, upload)
  header.setUint32(4, offset)
  chunk.set(bytes, CHUNK_HEADER)
  return chunk
}

/** Takes it out again; `undefined` if it is no such message. */
export function readChunk(data: Uint8Array): { upload: number; offset: number; bytes: Uint8Array } | undefined {
  if (data.length <= CHUNK_HEADER) return undefined
  const header = new DataView(data.buffer, data.byteOffset, data.byteLength)
  return { upload: header.getUint32(0), offset: header.getUint32(4), bytes: data.subarray(CHUNK_HEADER) }
}
