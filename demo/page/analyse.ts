import { HoldfastError } from 'holdfast'
import { LIMITS, type Picture, writeChunk } from '../app.js'
import type { DemoClient } from './client.js'
import { byId, wordsOf } from './dom.js'
import { showPicture } from './picture.js'
import { words } from './words/index.js'

/** Bytes that may be under way before the server has said that it has them. */
const WINDOW = 4 * LIMITS.chunk
/** How a request ends if its server was killed, or could not wait for it in a planned restart. */
const GONE: ReadonlySet<unknown> = new Set(['DELIVERY_UNKNOWN', 'RESTARTED'])

export function startAnalyse(client: DemoClient): void {
  const drop = byId('image-drop', HTMLLabelElement)
  const input = byId('image-file', HTMLInputElement)
  const retry = byId('analyse-retry', HTMLButtonElement)
  let running: AbortController | undefined
  let last: File | undefined

  const analyse = async (file: File): Promise<void> => {
    running?.abort()
    const abort = new AbortController()
    running = abort
    last = file
    show({ upload: true })
    try {
      showPicture(await upload(client, file, abort.signal), file)
      show({ result: true })
    } catch (error) {
      if (running === abort) show({ error: abort.signal.aborted ? words.analyse.cancelled : wordsOf(error) })
    }
  }

  input.addEventListener('change', () => {
    const file = input.files?.[0]
    input.value = ''
    if (file) void analyse(file)
  })
  drop.addEventListener('dragover', (event) => {
    event.preventDefault()
    drop.classList.add('over')
  })
  drop.addEventListener('dragleave', () => drop.classList.remove('over'))
  drop.addEventListener('drop', (event) => {
    event.preventDefault()
    drop.classList.remove('over')
    const file = event.dataTransfer?.files[0]
    if (file) void analyse(file)
  })
  byId('upload-cancel', HTMLButtonElement).addEventListener('click', () => running?.abort())
  byId('image-sample', HTMLButtonElement).addEventListener('click', async () => analyse(await sample()))
  retry.addEventListener('click', () => last && void analyse(last))
}

/** Shows one of: the upload, its result, what went wrong. */
function show(what: { upload?: true; result?: true; error?: string }): void {
  byId('upload', HTMLDivElement).hidden = !what.upload
  byId('analyse-result', HTMLDivElement).hidden = !what.result
  byId('analyse-retry', HTMLButtonElement).hidden = what.error === undefined
  const error = byId('analyse-error', HTMLParagraphElement)
  error.hidden = what.error === undefined
  error.textContent = what.error ?? ''
}

/** Sends a file and has it read: through cuts as if there were none, and again if the server went meanwhile. */
async function upload(client: DemoClient, file: File, signal: AbortSignal): Promise<Picture> {
  for (;;) {
    try {
      return await sendPieces(client, file, signal)
    } catch (error) {
      if (!(error instanceof HoldfastError && GONE.has(error.code))) throw error
      tell(words.analyse.restarted, 0)
    }
  }
}

async function sendPieces(client: DemoClient, file: File, signal: AbortSignal): Promise<Picture> {
  let sent = 0
  for await (const item of client.stream('analyse', { size: file.size }, { signal })) {
    if (item.step === 'done') return item.picture
    if (item.step === 'reading') {
      tell(words.analyse.reading, 1)
      continue
    }
    tell(words.analyse.uploading, item.received / file.size)
    while (sent < file.size && sent - item.received < WINDOW) {
      const bytes = new Uint8Array(await file.slice(sent, sent + LIMITS.chunk).arrayBuffer())
      client.send(writeChunk(item.upload, sent, bytes))
      sent += bytes.length
    }
  }
  throw new Error(words.analyse.noResult)
}

/** Says how the upload goes; `share` from 0 to 1. */
function tell(what: string, share?: number): void {
  const progress = byId('upload-progress', HTMLProgressElement)
  if (share !== undefined) progress.value = share
  byId('upload-label', HTMLLabelElement).textContent = `${what} ${Math.round(progress.value * 100)} %`
}

/** A picture for those who have none at hand: coloured noise, which no format makes small. */
async function sample(): Promise<File> {
  const canvas = new OffscreenCanvas(1200, 900)
  const context = canvas.getContext('2d')
  if (!context) throw new Error(words.analyse.noCanvas)
  const image = context.createImageData(canvas.width, canvas.height)
  for (let i = 0; i < image.data.length; i += 4) {
    const down = i / image.data.length
    const noise = Math.random() * 60
    image.data.set([230 - 180 * down + noise / 3, 120 + 60 * down + noise, 90 + 110 * down + noise, 255], i)
  }
  context.putImageData(image, 0, 0)
  return new File([await canvas.convertToBlob({ type: 'image/png' })], 'sample.png', { type: 'image/png' })
}
