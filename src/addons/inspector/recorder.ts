/** Listens to a client, and puts into a recording what may be kept of what it hears. */
import type { Client, Explanation, Sendable, WireData } from '../../index.js'
import { utf8Length } from '../../protocol/window.js'
import { read } from './reading.js'
import type { Recording } from './recording.js'
import { type Redact, redacted } from './redaction.js'

/** What the inspector asks of a client, so that one of any `App` will do. */
export type Inspected = Pick<Client, 'on' | 'explain' | 'stats'>

export interface RecorderHandlers {
  /** Asked for with each frame, since the app may set it at any time. */
  redact(): Redact | undefined
  onChange(): void
}

/** Records from now on; gives a function that ends it. */
export function record(client: Inspected, recording: Recording, { redact, onChange }: RecorderHandlers): () => void {
  const note = (text: string): void => {
    recording.addNote({ type: 'note', at: Date.now(), text })
    onChange()
  }
  const onStatus = (explanation: Explanation): void => {
    const { lastClose: _, ...state } = explanation
    recording.addState({ type: 'state', at: Date.now(), ...state })
    onChange()
  }

  onStatus(client.explain())
  // Not `error` and `drop`: what nobody listens to is reported on the console, and has to go on being so.
  const ends = [
    client.on('frame', ({ direction, data }) => {
      recordFrame(recording, direction, data, redact())
      onChange()
    }),
    client.on('status', onStatus),
    client.on('resumed', ({ replayed, missedMs }) =>
      note(`The session went on after ${missedMs} ms; ${replayed} messages were written again.`),
    ),
    client.on('sessionlost', ({ why, unknown }) => {
      recording.forgetSession()
      note(`The session is lost (${why}); the fate of ${unknown} messages and requests is unknown.`)
    }),
    client.on('gap', ({ channel, from, to, why }) =>
      note(
        `Messages${channel === undefined ? '' : ` on ${channel}`} are missing (${why}): from ${from} to ${to ?? '?'}.`,
      ),
    ),
    client.on('end', ({ message }) => note(`The client has ended: ${message}`)),
  ]
  return () => {
    for (const end of ends) end()
  }
}

function recordFrame(recording: Recording, direction: 'in' | 'out', sent: Sendable, redact: Redact | undefined): void {
  const at = Date.now()
  // To read a Blob takes time, in which the next frame would come first.
  if (typeof sent === 'object' && 'size' in sent) {
    return recording.addFrame({ type: 'frame', at, direction, kind: 'raw', name: 'Blob', size: sent.size })
  }
  const data = copyOf(sent)
  const reading = read(data)
  const { messages, isBatch, number, ack } = reading
  const [{ kind, name, id }] = messages
  const entry = {
    type: 'frame' as const,
    at,
    direction,
    kind,
    name: isBatch ? `${name} and ${messages.length - 1} more` : name,
    ...(id !== undefined && { id }),
    ...(number !== undefined && { number }),
    ...(ack !== undefined && { ack }),
    size: typeof data === 'string' ? utf8Length(data) : data.byteLength,
    data: redacted(data, reading, direction, redact),
  }
  recording.addFrame(entry, messages)
}

/** Bytes belong to the app, which may go on to use them. */
function copyOf(data: Exclude<Sendable, Blob>): WireData {
  if (typeof data === 'string') return data
  return ArrayBuffer.isView(data)
    ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)
    : data.slice(0)
}
