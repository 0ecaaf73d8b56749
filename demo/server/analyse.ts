import { EventEmitter, once } from 'node:events'
import type { ServerClient, ServerContext } from '../../src/server/index.js'
import { type AnalyseItem, type App, LIMITS, readChunk } from '../app.js'
import { countOf, refusal } from './input.js'
import { readPicture } from './picture.js'

/** Uploads at a time, for all pages together. */
const MAX_UPLOADS = 8
/** How long an upload may pause, in ms: longer than any trouble that this demo makes. */
const PAUSE_MS = 60_000

/** An image on its way. */
class Upload extends EventEmitter {
  received = 0
  private readonly chunks: Uint8Array[] = []

  constructor(
    readonly client: ServerClient<App>,
    readonly size: number,
  ) {
    super()
  }

  /** Adds what comes next. */
  add(offset: number, bytes: Uint8Array): void {
    if (offset !== this.received || offset + bytes.length > this.size) return
    this.chunks.push(bytes)
    this.received += bytes.length
    this.emit('more')
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }
}

interface Analyser {
  analyse(params: App['requests']['analyse']['params'], context: ServerContext<App>): AsyncIterable<AnalyseItem>
  /** Takes a binary message. */
  onMessage(data: string | Uint8Array, context: ServerContext<App>): void
}

/** Takes images in pieces and reads them. A cut is nothing to it: the session goes on, and so does the upload. */
export function createAnalyser(): Analyser {
  const uploads = new Map<number, Upload>()
  let lastNumber = 0

  const begin = (client: ServerClient<App>, size: number): Upload => {
    if (size === 0) throw refusal('empty', 'This file is empty.')
    if (size > LIMITS.image) {
      throw refusal('too_large', `This file has ${megabytes(size)} MB. ${megabytes(LIMITS.image)} MB are the limit.`)
    }
    if (uploads.size >= MAX_UPLOADS)
      throw refusal('busy', 'The server takes no more images now. Try again in a minute.')
    return new Upload(client, size)
  }

  return {
    async *analyse(params, { client, signal }) {
      const upload = begin(client, countOf(params.size, 'size'))
      const number = ++lastNumber
      uploads.set(number, upload)
      try {
        for (let told = -1; told < upload.size; ) {
          if (upload.received === told) await nextChunk(upload, signal)
          told = upload.received
          yield { step: 'upload', upload: number, received: told }
        }
      } finally {
        uploads.delete(number)
      }
      yield { step: 'reading' }
      yield { step: 'done', picture: await readPicture(upload.bytes()) }
    },
    onMessage(data, { client }) {
      const chunk = typeof data === 'string' ? undefined : readChunk(data)
      const upload = uploads.get(chunk?.upload ?? 0)
      if (chunk && upload?.client === client) upload.add(chunk.offset, chunk.bytes)
    },
  }
}

async function nextChunk(upload: Upload, signal: AbortSignal): Promise<void> {
  const pause = AbortSignal.timeout(PAUSE_MS)
  try {
    await once(upload, 'more', { signal: AbortSignal.any([signal, pause]) })
  } catch (error) {
    if (pause.aborted) throw refusal('stalled', 'The upload has stopped. Try again.')
    throw error
  }
}

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1).replace('.0', '')
