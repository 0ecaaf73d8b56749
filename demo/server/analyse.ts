import { EventEmitter, once } from 'node:events'
import type { ServerClient, ServerContext } from '../../src/server/index.js'
import { type AnalyseItem, type App, LIMITS, readChunk } from '../app.js'
import { countOf, refusal, textOf } from './input.js'
import { readPicture } from './picture.js'

/** Uploads at a time, for all pages together. */
const MAX_UPLOADS = 8
/** How long an upload that nobody goes on with is kept, and how long one that runs may pause, in ms. */
const KEPT_MS = 60_000
const PAUSE_MS = 20_000

/** An image on its way. It outlives the connection it came by, so that the page can go on after a cut. */
class Upload extends EventEmitter {
  received = 0
  /** The connection that may add to it. */
  client: ServerClient<App> | undefined
  private chunks: Uint8Array[] = []

  constructor(
    readonly number: number,
    readonly size: number,
    readonly expiry: NodeJS.Timeout,
  ) {
    super()
  }

  /** Adds what comes next. What came twice, or is not due yet, is ignored: the page goes by what it is told. */
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

/** Takes images in pieces and reads them. */
export function createAnalyser(): Analyser {
  const uploads = new Map<string, Upload>()
  let lastNumber = 0

  const begin = (id: string, size: number): Upload => {
    if (size === 0) throw refusal('empty', 'This file is empty.')
    if (size > LIMITS.image) {
      throw refusal('too_large', `This file has ${megabytes(size)} MB. ${megabytes(LIMITS.image)} MB are the limit.`)
    }
    if (uploads.size >= MAX_UPLOADS)
      throw refusal('busy', 'The server takes no more images now. Try again in a minute.')
    const expiry = setTimeout(() => uploads.delete(id), KEPT_MS).unref()
    const upload = new Upload(++lastNumber, size, expiry)
    uploads.set(id, upload)
    return upload
  }

  return {
    async *analyse(params, { client, signal }) {
      const id = textOf(params.id, LIMITS.name, 'id')
      const upload = uploads.get(id) ?? begin(id, countOf(params.size, 'size'))
      upload.client = client
      yield { step: 'upload', upload: upload.number, received: upload.received }
      for (let told = upload.received; upload.received < upload.size; told = upload.received) {
        if (upload.received === told) await nextChunk(upload, signal)
        upload.expiry.refresh()
        yield { step: 'upload', upload: upload.number, received: upload.received }
      }
      upload.expiry.close()
      uploads.delete(id)
      yield { step: 'reading' }
      yield { step: 'done', picture: await readPicture(upload.bytes()) }
    },
    onMessage(data, { client }) {
      const chunk = typeof data === 'string' ? undefined : readChunk(data)
      if (!chunk) return
      for (const upload of uploads.values()) {
        if (upload.number === chunk.upload && upload.client === client) upload.add(chunk.offset, chunk.bytes)
      }
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
