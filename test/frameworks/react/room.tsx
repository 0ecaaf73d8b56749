// room.tsx
import { useState } from 'react'
import type { Room } from '../app.js'
import { useChannel, useRequest } from './live.js'

export function Chat({ room }: { room: Room }) {
  const [lines, setLines] = useState<string[]>([])
  const topic = useRequest('topic', { room })
  const { channel, error } = useChannel(
    room,
    { message: ({ text }) => setLines((lines) => [...lines, `${room}: ${text}`]) },
    { join: true },
  )
  return (
    <section>
      <h2 id="topic">{topic.isPending ? '…' : (topic.error?.message ?? topic.data)}</h2>
      {error && <p id="refused">{error.message}</p>}
      <p id="last">{lines.at(-1)}</p>
      <p id="heard">{lines.length}</p>
      <button id="say" type="button" onClick={() => channel.send('message', { text: 'hello' })}>
        Say hello
      </button>
    </section>
  )
}
