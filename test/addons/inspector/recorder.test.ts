import { expect, test } from 'vitest'
import { type Inspected, record } from '../../../src/addons/inspector/recorder.js'
import { Recording } from '../../../src/addons/inspector/recording.js'
import type { Sendable } from '../../../src/index.js'
import { start } from '../../core/support.js'

/** What is recorded of frames that go out. */
async function recorded(...frames: Sendable[]): Promise<unknown[]> {
  const { client } = await start()
  const listeners: ((frame: { direction: 'out'; data: Sendable }) => void)[] = []
  const tapped: Inspected = {
    stats: client.stats,
    explain: client.explain,
    on(event, listener) {
      if (event === 'frame') listeners.push(listener as (typeof listeners)[number])
      return () => {}
    },
  }
  const recording = new Recording({ maxFrames: 100, maxBytes: 100_000 })
  record(tapped, recording, { redact: () => undefined, onChange() {} })
  for (const data of frames) for (const listener of listeners) listener({ direction: 'out', data })
  return [...recording.entries].slice(1)
}

test('a Blob is recorded by its size', async () => {
  expect(await recorded(new Blob(['four']))).toMatchObject([{ kind: 'raw', name: 'Blob', size: 4 }])
})

test('a batch is one frame that says how many it holds', async () => {
  const batch = '[{"id":1,"method":"a"},{"id":2,"method":"b"}]'
  expect(await recorded(batch)).toMatchObject([{ kind: 'request', name: 'a and 1 more', id: 1, data: batch }])
})

test('sizes are bytes, not characters', async () => {
  expect(await recorded('grüße', new Uint8Array([1, 2]))).toMatchObject([{ size: 7 }, { size: 2 }])
})
